// Whether a policy of the directory's forbids the next secret, or its lifetime. Pure.
import { DateTime, Duration } from "luxon";
import { z } from "zod";
import { type Finding, fails, ok } from "./finding";

const restriction = z.object({
  restrictionType: z.string(),
  /** `enabled` where it is left out, as in v1.0 before states were. */
  state: z.string().nullish(),
  maxLifetime: z.string().nullish(),
  restrictForAppsCreatedAfterDateTime: z.string().nullish(),
});
const restrictions = z.object({ passwordCredentials: z.array(restriction).nullish() }).nullish();

/** `/policies/defaultAppManagementPolicy`: for every application of the tenant. */
export const tenantPolicy = z.object({
  isEnabled: z.boolean().default(false),
  applicationRestrictions: restrictions,
});
/** One of `/applications/{id}/appManagementPolicies`: it takes the tenant's place for what it names. */
export const applicationPolicy = z.object({
  id: z.string(),
  displayName: z.string().nullish(),
  isEnabled: z.boolean().default(false),
  restrictions,
});

type Restriction = z.output<typeof restriction>;

/** What is in force for one application. */
export interface PolicyFacts {
  readonly tenant: z.output<typeof tenantPolicy>;
  readonly application: readonly z.output<typeof applicationPolicy>[];
  /** When the application was made; undefined before it is: then now. */
  readonly createdAt: Date | undefined;
  readonly now: Date;
  /** ISO-8601, the config's. */
  readonly lifetime: string;
}

const CHECK = "directory policies";
const EXEMPT =
  "Ask an administrator for an app management policy of its own on this application (Entra: Enterprise applications, Application policies, or Graph's /policies/appManagementPolicies)";

/** One line for each restriction that refuses the next secret. */
export function policyFindings(facts: PolicyFacts): Finding[] {
  const found = inForce(facts).flatMap(({ where, one }) => finding(where, one, facts));
  return found.length > 0
    ? found
    : [ok(CHECK, `None forbids a secret that is valid for ${facts.lifetime}.`)];
}

interface Placed {
  readonly where: string;
  readonly one: Restriction;
}

/** The application's own restrictions, and of the tenant's those that it has no word about. */
function inForce({ tenant, application, createdAt, now }: PolicyFacts): Placed[] {
  const own = application
    .filter(({ isEnabled }) => isEnabled)
    .flatMap(({ displayName, id, restrictions: given }) =>
      (given?.passwordCredentials ?? []).map((one) => ({
        where: `the application's policy ${displayName ?? id}`,
        one,
      })),
    );
  const named = new Set(own.map(({ one }) => one.restrictionType));
  const general = (tenant.applicationRestrictions?.passwordCredentials ?? [])
    .filter(({ restrictionType }) => tenant.isEnabled && !named.has(restrictionType))
    .map((one) => ({ where: "the tenant's default policy", one }));
  const made = (createdAt ?? now).getTime();
  return [...own, ...general].filter(({ one }) => {
    const since = Date.parse(one.restrictForAppsCreatedAfterDateTime ?? "");
    return one.state !== "disabled" && (Number.isNaN(since) || made > since);
  });
}

function finding(
  where: string,
  { restrictionType, maxLifetime }: Restriction,
  { now, lifetime }: PolicyFacts,
): Finding[] {
  if (restrictionType === "passwordAddition")
    return [fails(CHECK, `${where} forbids client secrets.`, `${EXEMPT}.`)];
  if (restrictionType !== "passwordLifetime" || !maxLifetime) return [];
  const from = DateTime.fromJSDate(now, { zone: "utc" });
  const allowed = from.plus(Duration.fromISO(maxLifetime));
  if (from.plus(Duration.fromISO(lifetime)) <= allowed) return [];
  return [
    fails(
      CHECK,
      `${where} lets a client secret live ${maxLifetime} at most, and lifetime is ${lifetime}.`,
      `Lower lifetime (and every, which must fit in it) in Pulumi.<stack>.yaml. Or: ${EXEMPT}.`,
    ),
  ];
}
