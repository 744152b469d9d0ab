// addPassword and removePassword of applications and service principals, under the tenant's app management policy.
import { DateTime, Duration } from "luxon";
import { addPassword, livePasswords, removePassword } from "../credentials";
import type { CredentialHolder } from "../directory-records";
import { parseBody } from "./bodies";
import { GraphError, badRequest } from "./errors";
import { type GraphAnswer, type GraphCall, type Operation, entity, noContent } from "./operations";
import { applicationOf, applicationOwners, principalOf, principalOwners } from "./lookup";
import { passwordShape } from "./shapes";
import { AddPassword, RemovePassword } from "./schemas";

/** Id of the tenant's default app management policy, as its errors name it. */
export const APP_POLICY_ID = "d015220e-9789-4e8e-bbcc-270fe419229d";

const WRITE = ["Application.ReadWrite.All", "Directory.ReadWrite.All"];
const OWNED = ["Application.ReadWrite.OwnedBy"];
const CLOCK_SKEW_MS = 3_600_000;

export const PASSWORD_OPERATIONS: readonly Operation[] = (
  [
    ["applications", "application", applicationOf, applicationOwners],
    ["servicePrincipals", "serviceprincipal", principalOf, principalOwners],
  ] as const
).flatMap(([set, page, find, owners]): Operation[] => [
  {
    method: "POST",
    path: `/${set}/:id/addPassword`,
    doc: `${page}-addpassword`,
    permissions: WRITE,
    ownerPermissions: OWNED,
    owners,
    handle: (call) => add(call, find(call)),
  },
  {
    method: "POST",
    path: `/${set}/:id/removePassword`,
    doc: `${page}-removepassword`,
    permissions: WRITE,
    ownerPermissions: OWNED,
    owners,
    handle: (call) => remove(call, find(call)),
  },
]);

function add(call: GraphCall, holder: CredentialHolder): GraphAnswer {
  const { passwordCredential = {} } = parseBody(AddPassword, call.body, "PasswordCredential");
  const now = call.directory.now();
  const start = wholeSeconds(passwordCredential.startDateTime ?? undefined);
  const end = wholeSeconds(passwordCredential.endDateTime ?? undefined);
  if (start !== undefined && Date.parse(start) < now - CLOCK_SKEW_MS) {
    throw invalidDate("KeyCredentialsInvalidStartDate", "start");
  }
  if (end !== undefined && Date.parse(end) <= Math.max(now, Date.parse(start ?? "1970-01-01"))) {
    throw invalidDate("KeyCredentialsInvalidEndDate", "end");
  }
  checkPolicy(call, start, end);
  const password = addPassword(call.directory, holder, {
    displayName: passwordCredential.displayName ?? null,
    customKeyIdentifier: passwordCredential.customKeyIdentifier ?? null,
    ...(start !== undefined && { startDateTime: start }),
    ...(end !== undefined && { endDateTime: end }),
  });
  const shape = { ...passwordShape(password), secretText: password.value };
  return entity(call, "microsoft.graph.passwordCredential", shape);
}

function remove(call: GraphCall, holder: CredentialHolder): GraphAnswer {
  const { keyId } = parseBody(RemovePassword, call.body, "PasswordCredential");
  const wanted = keyId.toLowerCase();
  if (!livePasswords(holder).some((password) => password.keyId === wanted)) {
    throw badRequest(`No password credential found with keyId '${keyId}'.`);
  }
  removePassword(call.directory, holder, wanted);
  return noContent;
}

function checkPolicy(call: GraphCall, start: string | undefined, end: string | undefined): void {
  const policy = call.directory.appManagementPolicy;
  if (!policy.isEnabled) return;
  if (policy.passwordAddition) {
    const message = `Credential type not allowed as per assigned policy '${APP_POLICY_ID}'.`;
    throw new GraphError(400, "CredentialTypeNotAllowedAsPerAppPolicy", message, [
      { code: "CredentialTypeNotAllowed", message, target: "PasswordCredentials" },
    ]);
  }
  if (policy.passwordMaxLifetime === undefined) return;
  const from =
    start === undefined ? DateTime.fromMillis(call.directory.now()) : DateTime.fromISO(start);
  const latest = from.toUTC().plus(Duration.fromISO(policy.passwordMaxLifetime));
  const asked = end === undefined ? from.toUTC().plus({ years: 2 }) : DateTime.fromISO(end);
  if (asked.toMillis() <= latest.toMillis()) return;
  const message = `Credential lifetime exceeds the max value allowed as per assigned policy '${APP_POLICY_ID}'.`;
  throw new GraphError(400, "CredentialInvalidLifetimeAsPerAppPolicy", message, [
    { code: "InvalidKeyEndDate", message, target: "EndDate" },
  ]);
}

function invalidDate(code: string, which: "start" | "end"): GraphError {
  return new GraphError(400, code, `Key credential ${which} date is invalid.`);
}

/** Graph gives an instant back as it was sent, in UTC. */
function wholeSeconds(instant: string | undefined): string | undefined {
  if (instant === undefined || /Z$/i.test(instant)) return instant;
  return new Date(instant).toISOString();
}
