// Who is signed in, where, and which of the rights of docs/rights.md are missing, by name. Pure.
import { z } from "zod";
import { signedInProblems } from "../../../src/decide/signed-in";
import type { KeyturnConfig } from "../../../src/keyturn-config";
import { sentence } from "../../../src/problems";
import { type Finding, fails, notKnown, ok, warning } from "./finding";

/** What a token of Graph's says of its holder. To clients it is opaque, so that each field may be missing. */
const claims = z.object({
  tid: z.string().optional(),
  oid: z.string().optional(),
  appid: z.string().optional(),
  app_displayname: z.string().optional(),
  upn: z.string().optional(),
  idtyp: z.string().optional(),
  roles: z.array(z.string()).optional(),
  scp: z.string().optional(),
});

export type Claims = z.output<typeof claims>;

/** @param payload the decoded middle of a token */
export function claimsOf(payload: unknown): Claims {
  return claims.safeParse(payload).data ?? {};
}

/** Whether a person is signed in, not an application: then directory roles decide, which a token names by number only. */
export function isPerson({ scp, idtyp }: Claims): boolean {
  return scp !== undefined || idtyp === "user";
}

/** Who it is and whether that is where the config says. @param subscriptionId that the environment names, if it does */
export function signedInFindings(
  config: Pick<KeyturnConfig, "tenantId" | "subscriptionId">,
  found: Claims,
  subscriptionId: string | undefined,
): Finding[] {
  const { tid, oid, appid, upn, app_displayname: name } = found;
  const problems = signedInProblems(config, [
    { plugin: "azuread", tenantId: tid },
    { plugin: "azure-native", tenantId: undefined, subscriptionId },
  ]);
  if (problems.length > 0)
    return problems.map((one) =>
      fails("sign-in", sentence({ ...one, remedy: "" }).trim(), one.remedy),
    );
  if (tid === undefined)
    return [
      notKnown(
        "sign-in",
        "The token does not say whose it is.",
        "See with `az account show` who is signed in.",
      ),
    ];
  const who = isPerson(found)
    ? `the person ${upn ?? oid ?? ""}`
    : `the application ${name ?? appid ?? oid ?? ""}`;
  return [ok("sign-in", `As ${who} (object id ${oid ?? "unknown"}) in tenant ${tid}.`)];
}

/** A Graph permission, and what else does for it. */
interface GraphRight {
  readonly permission: string;
  readonly orOneOf: readonly string[];
  readonly for: string;
  readonly isNeeded: (config: GraphConfig) => boolean;
}

type GraphConfig = Pick<
  KeyturnConfig,
  "applicationClientId" | "preset" | "existingGroups" | "signInLog" | "requireSignInLog"
>;

const makesApplication = ({ applicationClientId }: GraphConfig): boolean =>
  applicationClientId === "";
const groupNames = ({ preset }: GraphConfig): readonly string[] =>
  preset.licenceGroup === "" ? [] : [preset.licenceGroup, ...preset.licenceMembers];

/** The first table of docs/rights.md; a test holds the two together. */
export const GRAPH_RIGHTS: readonly GraphRight[] = [
  {
    permission: "Application.Read.All",
    orOneOf: ["Application.ReadWrite.All", "Directory.Read.All"],
    for: "consent, and to list secrets",
    isNeeded: makesApplication,
  },
  {
    permission: "Application.ReadWrite.OwnedBy",
    orOneOf: ["Application.ReadWrite.All"],
    for: "to issue and remove secrets",
    isNeeded: () => true,
  },
  {
    permission: "AppRoleAssignment.ReadWrite.All",
    orOneOf: [],
    for: "to consent to the product's permissions",
    isNeeded: makesApplication,
  },
  {
    permission: "Group.Create",
    orOneOf: ["Group.ReadWrite.All"],
    for: "to make the licence groups",
    isNeeded: (config) =>
      groupNames(config).some((name) => config.existingGroups[name] === undefined),
  },
  {
    permission: "Group.Read.All",
    orOneOf: ["Group.ReadWrite.All", "Directory.Read.All"],
    for: "to look for the licence groups",
    isNeeded: (config) => groupNames(config).length > 0,
  },
];

const LOG_RIGHT = "AuditLog.Read.All";
const CHECK = "Graph permissions";

/** Which permissions of the deploying identity are missing. */
export function graphRightsFindings(config: GraphConfig, found: Claims): Finding[] {
  if (isPerson(found))
    return [
      notKnown(
        CHECK,
        "A person's rights come from directory roles, which no token names.",
        "Run doctor as the pipeline's identity, or hold your roles to docs/rights.md.",
      ),
    ];
  if (found.roles === undefined && found.tid === undefined)
    return [
      notKnown(CHECK, "The token does not say them.", "Hold them to docs/rights.md in the portal."),
    ];
  const held = new Set(found.roles);
  const missing = GRAPH_RIGHTS.filter(
    ({ permission, orOneOf, isNeeded }) =>
      isNeeded(config) && ![permission, ...orOneOf].some((one) => held.has(one)),
  );
  const consent = (names: readonly string[]): string =>
    `Consent to ${names.join(", ")} for ${found.appid ?? "the deploying identity"} (docs/rights.md has the commands).`;
  const names = missing.map(({ permission }) => permission);
  const why = missing.map((one) => `${one.permission} (${one.for})`).join(", ");
  return [
    missing.length === 0
      ? ok(CHECK, "All that docs/rights.md asks for are there.")
      : fails(CHECK, `Missing: ${why}.`, consent(names)),
    ...logFindings(config, held, consent([LOG_RIGHT])),
  ];
}

function logFindings(config: GraphConfig, held: ReadonlySet<string>, consent: string): Finding[] {
  if (!config.signInLog || held.has(LOG_RIGHT)) return [];
  const check = "sign-in log";
  return [
    config.requireSignInLog
      ? fails(
          check,
          `requireSignInLog is true, and ${LOG_RIGHT} is missing: no secret would ever be let go.`,
          consent,
        )
      : warning(
          check,
          `It cannot be read without ${LOG_RIGHT}: a release is "not proven by log".`,
          `${consent} Or set signInLog: false.`,
        ),
  ];
}

/** Azure's built-in roles by what each does for us; a test holds the ids to the lab's table. */
export const AZURE_ROLES = {
  Owner: "8e3af657-a8ff-443c-a75c-2fe8c4bcb635",
  Contributor: "b24988ac-6180-42a0-ab88-20f7382dd24c",
  "Key Vault Contributor": "f25e0fa2-a7c8-4377-a976-54943a77a395",
  "Key Vault Administrator": "00482a5a-887f-4fb3-b363-3b7fe8e74483",
  "Key Vault Secrets Officer": "b86a8fe4-44ce-4948-aee5-eccb2c155cd7",
  "Role Based Access Control Administrator": "f58310d9-a9f6-439a-9e8d-f62e7b41a168",
  "User Access Administrator": "18d7d88d-d35e-4fb5-a5c3-7773c20a72d9",
} as const;

type AzureRole = keyof typeof AZURE_ROLES;

/** Role assignments of the caller; `scope` is a path. */
export interface HeldRole {
  readonly roleDefinitionId: string;
  readonly scope: string;
}

/** Which Azure roles are missing on the vault's resource group. @param group its path */
export function azureRightsFindings(
  config: Pick<KeyturnConfig, "vaultReaders">,
  group: string,
  assigned: readonly HeldRole[],
): Finding[] {
  const here = assigned.filter(({ scope }) => isAtOrAbove(scope, group));
  const holds = (...roles: readonly AzureRole[]): boolean =>
    here.some(({ roleDefinitionId }) =>
      roles.some((role) => roleDefinitionId.toLowerCase().endsWith(AZURE_ROLES[role])),
    );
  const missing: readonly (readonly [AzureRole, string])[] = [
    ...(holds("Contributor", "Owner", "Key Vault Contributor")
      ? []
      : ([["Contributor", "to make the vault and write secrets in it"]] as const)),
    ...(config.vaultReaders.length === 0 ||
    holds("Role Based Access Control Administrator", "User Access Administrator", "Owner")
      ? []
      : ([["Role Based Access Control Administrator", "to let vaultReaders read"]] as const)),
  ];
  const assign = (role: AzureRole): string =>
    `az role assignment create --assignee-object-id <object id> --assignee-principal-type ServicePrincipal --role "${role}" --scope ${group}`;
  const check = "Azure roles";
  const others = here.filter(({ roleDefinitionId }) => !isKnown(roleDefinitionId)).length;
  // Another role, such as one of the tenant's own, may do for what is missing.
  const judge = others === 0 ? fails : warning;
  const perhaps = others === 0 ? "" : ` Others are held there (${others}), which may do for it.`;
  return [
    missing.length === 0
      ? ok(check, "Those that an update needs are there.")
      : judge(
          check,
          `Missing on ${group}: ${missing.map(([role, why]) => `${role} (${why})`).join(", ")}.${perhaps}`,
          `${missing.map(([role]) => assign(role)).join("; ")}.`,
        ),
    ...(holds("Key Vault Secrets Officer", "Key Vault Administrator")
      ? []
      : [
          warning(
            check,
            "Missing: Key Vault Secrets Officer (to recover a deleted secret, and to destroy the stack).",
            `${assign("Key Vault Secrets Officer")}.`,
          ),
        ]),
  ];
}

function isKnown(roleDefinitionId: string): boolean {
  return Object.values(AZURE_ROLES).some((guid) => roleDefinitionId.toLowerCase().endsWith(guid));
}

function isAtOrAbove(scope: string, place: string): boolean {
  const above = scope.toLowerCase().replace(/\/+$/, "");
  const below = place.toLowerCase();
  return below === above || below.startsWith(`${above}/`);
}
