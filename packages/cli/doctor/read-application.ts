// Reads the application and its secrets from Graph, and hands them to their decisions.
import { z } from "zod";
import type { ApplicationReading } from "../../../src/decide/existing-application";
import { GRAPH_CLIENT_ID } from "../../../src/decide/graph-roles";
import { takeInventory } from "../../../src/decide/inventory";
import { harmless } from "../../../src/foreign-text";
import { type GraphReader, GraphUnread, unlessAbsent } from "../../../src/http/graph";
import { applicationsNamed } from "../../../src/observe/namesakes";
import { listSecrets } from "../../../src/observe/secrets";
import {
  type ApplicationFacts,
  applicationFindings,
  newApplicationFindings,
  secretFindings,
} from "./application";
import type { Facts } from "./facts";
import { type Finding, ok } from "./finding";
import { Unmet } from "./run-checks";

const PAGES = 20;
const identified = z.object({ id: z.string() });
const application = z.object({
  id: z.string(),
  displayName: z.string(),
  signInAudience: z.string(),
  requiredResourceAccess: z.array(
    z.object({
      resourceAppId: z.string(),
      resourceAccess: z.array(z.object({ id: z.string(), type: z.string() })),
    }),
  ),
});
const principal = z.object({ id: z.string(), accountEnabled: z.boolean().nullish() });
const graphPrincipal = z.object({
  id: z.string(),
  appRoles: z.array(z.object({ id: z.string(), value: z.string().nullish() })),
});
const assignment = z.object({ appRoleId: z.string(), resourceId: z.string() });

/** The application that is in use, or whether its name is free. */
export async function readApplicationFindings(facts: Facts): Promise<Finding[]> {
  const [config, clientId, graph] = await Promise.all([
    facts.config(),
    facts.clientId(),
    facts.graph(),
  ]);
  const { applicationName, permissions } = config.preset;
  return readable(async () => {
    if (clientId === "")
      return newApplicationFindings(
        applicationName,
        await applicationsNamed(graph.reader, applicationName),
      );
    const read = await readApplication(graph.reader, clientId, graph.claims.oid ?? "");
    return applicationFindings(clientId, config.applicationClientId !== "", permissions, {
      ...read,
      wantedOwners: config.owners,
    });
  });
}

/** The secrets on it, against the state and the record of the last run. */
export async function readSecretFindings(facts: Facts): Promise<Finding[]> {
  const [{ name }, clientId, { reader }] = await Promise.all([
    facts.config(),
    facts.clientId(),
    facts.graph(),
  ]);
  if (clientId === "") return [ok("client secrets", "None yet: the first run issues one.")];
  return readable(async () => {
    const [listed, issued, { history }, now] = await Promise.all([
      unlessAbsent(listSecrets(reader, clientId)),
      facts.issued(),
      facts.outputs(),
      facts.now(),
    ]);
    if (listed === undefined)
      throw new Unmet("There is no application.", "Put right what the line `application` says.");
    const reading = { clientId, secrets: listed, notes: [] };
    const inventory = takeInventory(name, reading, { issued, history });
    return secretFindings({ listed, history, inventory, now });
  });
}

/** What Graph refuses for want of a right is told with the right's name. */
export async function readable<T>(
  read: () => Promise<T>,
  permission = "Application.Read.All",
): Promise<T> {
  try {
    return await read();
  } catch (error) {
    if (!(error instanceof GraphUnread) || error.status !== 403) throw error;
    throw new Unmet(
      `${error.message}.`,
      `Consent to ${permission} for whoever is signed in (docs/rights.md).`,
    );
  }
}

async function readApplication(
  graph: GraphReader,
  clientId: string,
  callerObjectId: string,
): Promise<Omit<ApplicationFacts, "wantedOwners">> {
  const known = `(appId='${clientId}')?$select=`;
  const [found, itsPrincipal, resource] = await Promise.all([
    unlessAbsent(
      graph.entity(
        `/v1.0/applications${known}id,displayName,signInAudience,requiredResourceAccess`,
        application,
      ),
    ),
    unlessAbsent(graph.entity(`/v1.0/servicePrincipals${known}id,accountEnabled`, principal)),
    graph.entity(
      `/v1.0/servicePrincipals(appId='${GRAPH_CLIENT_ID}')?$select=id,appRoles`,
      graphPrincipal,
    ),
  ]);
  const [owners, consents] = await Promise.all([
    found && graph.items(`/v1.0/applications/${found.id}/owners?$select=id`, identified, PAGES),
    itsPrincipal &&
      graph.items(
        `/v1.0/servicePrincipals/${itsPrincipal.id}/appRoleAssignments`,
        assignment,
        PAGES,
      ),
  ]);
  return {
    application: found && described(found, owners ?? []),
    principal: itsPrincipal && {
      consentedRoleIds: (consents ?? [])
        .filter(({ resourceId }) => resourceId === resource.id)
        .map(({ appRoleId }) => appRoleId),
    },
    roleNames: Object.fromEntries(resource.appRoles.map(({ id, value }) => [id, value ?? id])),
    deployerObjectId: callerObjectId,
    isEnabled: itsPrincipal?.accountEnabled ?? undefined,
  };
}

function described(
  found: z.output<typeof application>,
  owners: readonly { readonly id: string }[],
): ApplicationReading["application"] {
  return {
    displayName: harmless(found.displayName),
    signInAudience: found.signInAudience,
    declaredRoleIds: found.requiredResourceAccess
      .filter(({ resourceAppId }) => resourceAppId === GRAPH_CLIENT_ID)
      .flatMap(({ resourceAccess }) => resourceAccess)
      .filter(({ type }) => type === "Role")
      .map(({ id }) => id),
    ownerObjectIds: owners.map(({ id }) => id),
  };
}
