// How the application and its secrets stand, against what the stack knows. Pure.
import type { ApplicationReading } from "../../../src/decide/existing-application";
import { planAdoption } from "../../../src/decide/existing-application";
import type { History, IssuedPassword } from "../../../src/decide/history";
import type { Inventory } from "../../../src/decide/inventory";
import type { ListedSecret } from "../../../src/decide/listed-secret";
import { type Namesake, namesakeProblems } from "../../../src/decide/namesakes";
import { sentence } from "../../../src/problems";
import { type Finding, fails, ok, warning } from "./finding";

const APPLICATION = "application";
const OWNERS = "application owners";
const CONSENTS = "consents";
const SECRETS = "client secrets";
const AGAIN = "Run `pulumi up --refresh`, or `keyturn run`.";
const DAY_MS = 86_400_000;
/** From how many days before its end on the secret in use is spoken of. */
export const END_NEAR_DAYS = 30;

/** Before the stack has an application: whether another bears its name. */
export function newApplicationFindings(
  displayName: string,
  namesakes: readonly Namesake[],
): Finding[] {
  const problems = namesakeProblems(displayName, namesakes);
  if (problems.length === 0)
    return [ok(APPLICATION, `The first run makes ${displayName}; no other has that name.`)];
  return problems.map((one) =>
    fails(APPLICATION, sentence({ ...one, remedy: "" }).trim(), one.remedy),
  );
}

/** What Graph says of the application that is in use, and beside it whether sign-in is switched off. */
export interface ApplicationFacts extends ApplicationReading {
  /** Object ids that the config wants as owners, beside whoever runs Keyturn. */
  readonly wantedOwners: readonly string[];
  /** Whether the service principal may sign in; undefined where Graph does not say. */
  readonly isEnabled: boolean | undefined;
}

/** Of an application that is adopted, or that the stack has made. @param adopted whether it was made by others */
export function applicationFindings(
  clientId: string,
  adopted: boolean,
  permissions: readonly string[],
  facts: ApplicationFacts,
): Finding[] {
  const { application, principal, isEnabled } = facts;
  if (application === undefined && !adopted)
    return [
      fails(
        APPLICATION,
        `${clientId} is in the state and not in Entra.`,
        "Restore it within 30 days of its deletion (Entra: App registrations, Deleted applications); later `pulumi up --refresh` makes another, with another client id.",
      ),
    ];
  try {
    const { warnings } = planAdoption(clientId, permissions, facts);
    // Its sentences are about an adopted one; those about owners and consents are said below.
    const others = warnings.filter((one) => /asks? not for|does not ask for/.test(one));
    return [
      isEnabled === false
        ? fails(
            APPLICATION,
            `Sign-in of ${clientId} is switched off.`,
            `Switch it on: az ad sp update --id ${clientId} --set accountEnabled=true`,
          )
        : ok(APPLICATION, `${application?.displayName ?? ""}, client id ${clientId}.`),
      ...others.map((one) => warning(APPLICATION, one, "Take back what nobody needs.")),
      ...ownerFindings(clientId, facts),
      consentFinding(clientId, adopted, permissions, {
        ...facts,
        principal: principal ?? { consentedRoleIds: [] },
      }),
    ];
  } catch (error) {
    return [fails(APPLICATION, error instanceof Error ? error.message : String(error), "")];
  }
}

/** Whoever runs Keyturn fails without; whoever is to run it later is warned of. */
function ownerFindings(
  clientId: string,
  { application, deployerObjectId, wantedOwners }: ApplicationFacts,
): Finding[] {
  const owners = (application?.ownerObjectIds ?? []).map((id) => id.toLowerCase());
  const add = (id: string): string =>
    `az ad app owner add --id ${clientId} --owner-object-id ${id}`;
  const later = wantedOwners
    .map((id) => id.toLowerCase())
    .filter((id) => !owners.includes(id) && id !== deployerObjectId.toLowerCase())
    .map((id) =>
      warning(
        OWNERS,
        `${id} is one of the config's owners, but does not own the application, which was made before that, or by others.`,
        add(id),
      ),
    );
  if (owners.includes(deployerObjectId.toLowerCase()))
    return [ok(OWNERS, "Whoever is signed in is one of them."), ...later];
  return [
    fails(
      OWNERS,
      `Whoever is signed in (object id ${deployerObjectId}) is none of its ${owners.length} owners, and with Application.ReadWrite.OwnedBy alone may not issue a secret on it.`,
      add(deployerObjectId),
    ),
    ...later,
  ];
}

function consentFinding(
  clientId: string,
  adopted: boolean,
  permissions: readonly string[],
  { principal, roleNames }: ApplicationReading,
): Finding {
  const held = new Set(principal?.consentedRoleIds.map((id) => roleNames[id] ?? id));
  const missing = permissions.filter((one) => !held.has(one));
  if (missing.length === 0) return ok(CONSENTS, `${permissions.join(", ")}.`);
  return fails(
    CONSENTS,
    `Admin consent is missing for ${missing.join(", ")}.`,
    adopted ? `Consent to it: az ad app permission admin-consent --id ${clientId}` : AGAIN,
  );
}

/** What is known of the secrets: as Entra lists them, as the stack knows them, and compared. */
export interface SecretFacts {
  readonly listed: readonly ListedSecret[];
  readonly history: History | undefined;
  readonly inventory: Pick<Inventory, "foreign" | "orphans" | "missing">;
  readonly now: Date;
}

/** Ours, others', gone, expired: a line for each that is not as it should be. */
export function secretFindings({ listed, history, inventory, now }: SecretFacts): Finding[] {
  const { foreign = [], orphans = [], missing } = inventory;
  const isOver = ({ endDate }: { readonly endDate: string }): boolean =>
    Date.parse(endDate) <= now.getTime();
  const active = history?.active;
  const found: Finding[] = [
    ...missing.map(({ label, keyId }) =>
      keyId === active?.keyId
        ? fails(
            SECRETS,
            `The secret of ${label} (${keyId}), which is in use, is gone from Entra.`,
            AGAIN,
          )
        : warning(SECRETS, `The secret of ${label} (${keyId}) is gone from Entra.`, AGAIN),
    ),
    ...(active === undefined || missing.some(({ keyId }) => keyId === active.keyId)
      ? []
      : activeFindings(active, now)),
    ...orphans.map((one) =>
      warning(
        SECRETS,
        `${one.displayName} (${one.keyId}) is named as this stack's and unknown to it.`,
        `See \`keyturn report\`; \`keyturn adopt ${one.keyId}\` takes it over.`,
      ),
    ),
    ...foreign.map((one) =>
      isOver(one)
        ? warning(
            SECRETS,
            `${one.displayName || "One without a name"} (${one.keyId}) is not this stack's and ended on ${one.endDate.slice(0, 10)}.`,
            one.removeWith ?? "",
          )
        : warning(
            SECRETS,
            `${one.displayName || "One without a name"} (${one.keyId}) is not this stack's and is valid until ${one.endDate.slice(0, 10)}.`,
            "Find out who signs in with it; Keyturn never removes it.",
          ),
    ),
  ];
  if (found.length > 0) return found;
  return [ok(SECRETS, `${listed.length} on the application, all of this stack.`)];
}

function activeFindings(active: IssuedPassword, now: Date): Finding[] {
  const days = Math.floor((Date.parse(active.endDate) - now.getTime()) / DAY_MS);
  if (days > END_NEAR_DAYS) return [];
  const says = `The secret in use (${active.label}) ${days < 0 ? "ended" : "ends"} on ${active.endDate.slice(0, 10)}`;
  return days < 0
    ? [fails(SECRETS, `${says}: nobody signs in with it.`, "Run `keyturn run` now.")]
    : [warning(SECRETS, `${says}, in ${days} days.`, "See why no run has replaced it.")];
}
