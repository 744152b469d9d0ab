// Reads the directory's app management policies: the tenant's, and those that are put on the application.
import { z } from "zod";
import { unlessAbsent } from "../../../src/http/graph";
import { reasonOf } from "../../../src/http/patient-reader";
import type { Facts } from "./facts";
import { type Finding, notKnown } from "./finding";
import { applicationPolicy, policyFindings, tenantPolicy } from "./management-policy";
import { readable } from "./read-application";

const PERMISSION = "Policy.Read.All";
const PAGES = 2;
const created = z.object({ id: z.string(), createdDateTime: z.string().nullish() });

/** Both are asked; where the application's cannot be, the tenant's alone is judged, and that is said. */
export async function readPolicyFindings(facts: Facts): Promise<Finding[]> {
  const [{ lifetime }, clientId, { reader }, now] = await Promise.all([
    facts.config(),
    facts.clientId(),
    facts.graph(),
    facts.now(),
  ]);
  return readable(async () => {
    const [tenant, application] = await Promise.all([
      reader.entity("/v1.0/policies/defaultAppManagementPolicy", tenantPolicy),
      clientId === ""
        ? undefined
        : unlessAbsent(
            reader.entity(
              `/v1.0/applications(appId='${clientId}')?$select=id,createdDateTime`,
              created,
            ),
          ),
    ]);
    const notes: Finding[] = [];
    const own =
      application &&
      (await reader
        .items(
          `/v1.0/applications/${application.id}/appManagementPolicies`,
          applicationPolicy,
          PAGES,
        )
        .catch((error: unknown) => {
          notes.push(
            notKnown(
              "directory policies",
              `Whether the application has a policy of its own could not be read: ${reasonOf(error)}.`,
              "See Entra: Enterprise applications, Application policies.",
            ),
          );
          return undefined;
        }));
    const made = application?.createdDateTime;
    const createdAt = made ? new Date(made) : undefined;
    const given = { tenant, application: own ?? [], createdAt, now, lifetime };
    return [...policyFindings(given), ...notes];
  }, PERMISSION);
}
