// Looks for what an earlier run has made although its answer was lost: the application is in the state, its service principal or
// a consent is not, but Graph has it. Each is taken over, as groups are; nothing is asked where the state holds them all.
import { log } from "@pulumi/pulumi";
import { z } from "zod";
import { GRAPH_CLIENT_ID } from "../decide/graph-roles";
import { type GraphReader, openGraph, unlessAbsent } from "../http/graph";
import { reasonOf } from "../http/patient-reader";
import type { KeyturnConfig } from "../keyturn-config";
import { type Resources, resourceNames } from "./state";

const READING_SECONDS = 45;
const PAGES = 20;
const PRINCIPAL = "azuread:index/servicePrincipal:ServicePrincipal";
const CONSENT = "azuread:index/appRoleAssignment:AppRoleAssignment";
const identified = z.object({ id: z.string() });
const assignment = z.object({ id: z.string(), appRoleId: z.string(), resourceId: z.string() });
const graphPrincipal = z.object({
  id: z.string(),
  appRoles: z.array(z.object({ id: z.string(), value: z.string().nullish() })),
});

/** Import ids of what exists and is not in the state; the engine takes each over. */
export interface LostAnswers {
  readonly principal?: string;
  /** By permission. */
  readonly consents: Readonly<Record<string, string>>;
}

const NOTHING_LOST: LostAnswers = { consents: {} };

/** What is to be taken over. @param clientId of the application; empty before there is one */
export async function readLostAnswers(
  config: KeyturnConfig,
  resources: Resources,
  clientId: string,
): Promise<LostAnswers> {
  const { name, applicationClientId, preset } = config;
  if (clientId === "" || applicationClientId !== "") return NOTHING_LOST;
  const consents = resourceNames(resources, CONSENT);
  const open = preset.permissions.filter((one) => !consents.has(`${name}-graph-${one}`));
  const hasPrincipal = resourceNames(resources, PRINCIPAL).has(`${name}-principal`);
  if (hasPrincipal && open.length === 0) return NOTHING_LOST;
  try {
    const graph = await openGraph(config, READING_SECONDS);
    const found = await findLost(graph, clientId, open);
    const lost = hasPrincipal ? { consents: found.consents } : found;
    for (const id of [lost.principal, ...Object.values(lost.consents)]) {
      if (id !== undefined)
        await log.info(`${id} was made by a run whose answer was lost: it is taken over`);
    }
    return lost;
  } catch (error) {
    // The plugin looks once more before it makes one.
    await log.warn(
      `Whether the service principal of ${clientId} and its consents exist could not be read: ${reasonOf(error)}.`,
    );
    return NOTHING_LOST;
  }
}

/** The service principal and the consents that Graph has. @throws GraphUnread */
export async function findLost(
  graph: GraphReader,
  clientId: string,
  permissions: readonly string[],
): Promise<LostAnswers> {
  const principal = await unlessAbsent(
    graph.entity(`/v1.0/servicePrincipals(appId='${clientId}')?$select=id`, identified),
  );
  if (principal === undefined) return NOTHING_LOST;
  const given = await graph.items(
    `/v1.0/servicePrincipals/${principal.id}/appRoleAssignments`,
    assignment,
    PAGES,
  );
  const own = { principal: `/servicePrincipals/${principal.id}` };
  if (given.length === 0) return { ...own, consents: {} };
  const resource = await graph.entity(
    `/v1.0/servicePrincipals(appId='${GRAPH_CLIENT_ID}')?$select=id,appRoles`,
    graphPrincipal,
  );
  const roleIds = new Map(resource.appRoles.map(({ id, value }) => [value ?? id, id]));
  const found = permissions.flatMap((permission) => {
    const one = given.find(
      ({ appRoleId, resourceId }) =>
        resourceId === resource.id && appRoleId === roleIds.get(permission),
    );
    if (one === undefined) return [];
    return [[permission, `/servicePrincipals/${resource.id}/appRoleAssignedTo/${one.id}`] as const];
  });
  return { ...own, consents: Object.fromEntries(found) };
}
