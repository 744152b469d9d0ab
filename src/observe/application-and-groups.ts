// Reads what is in the tenant already, at the start of a run: the application that is adopted, and groups of the
// licence groups' names. Nothing is asked about groups that the state holds.
import { getClientConfig } from "@pulumi/azuread/getClientConfig";
import { log } from "@pulumi/pulumi";
import { z } from "zod";
import { GRAPH_CLIENT_ID } from "../decide/graph-roles";
import type { AdoptionPlan, ApplicationReading } from "../decide/existing-application";
import { planAdoption } from "../decide/existing-application";
import type { FoundGroup, GroupIntent, GroupPlan, GroupReading } from "../decide/existing-groups";
import { planGroups } from "../decide/existing-groups";
import { harmless } from "../foreign-text";
import type { KeyturnConfig } from "../keyturn-config";
import { openGraph } from "../http/graph";
import { type GraphReader, GraphUnread, unlessAbsent } from "../http/graph";
import { reasonOf } from "../http/patient-reader";
import { type Resources, resourceNames, stateOutput } from "./state";

const READING_SECONDS = 45;
const PAGES = 20;
const MOST_NAME_CHARACTERS = 256;
const GROUP = "azuread:index/group:Group";
const MEMBER = "azuread:index/groupMember:GroupMember";

/** A name that anybody in the tenant may have given. */
const givenName = z.string().transform((name) => harmless(name, MOST_NAME_CHARACTERS));
const identified = z.object({ id: z.string() });
const roleAccess = z.object({ id: z.string(), type: z.string() });
const application = z.object({
  id: z.string(),
  displayName: givenName,
  signInAudience: z.string(),
  requiredResourceAccess: z.array(
    z.object({ resourceAppId: z.string(), resourceAccess: z.array(roleAccess) }),
  ),
});
const graphPrincipal = z.object({
  id: z.string(),
  appRoles: z.array(z.object({ id: z.string(), value: z.string().nullish() })),
});
const assignment = z.object({ appRoleId: z.string(), resourceId: z.string() });
const group = z.object({ id: z.string(), displayName: givenName });

/** Reads the application that is to be adopted and compares it with the preset; undefined when this stack makes its own. @throws Error that says why it cannot be */
export async function readApplicationToAdopt(
  config: KeyturnConfig,
): Promise<AdoptionPlan | undefined> {
  const { applicationClientId: clientId, preset } = config;
  if (clientId === "") return undefined;
  const reading = await readApplication(config, clientId).catch((error: unknown) => {
    throw new Error(
      `The application ${clientId} must be read before it is adopted: ${reasonOf(error)}. ${remedy(error, "Application.Read.All")}.`,
    );
  });
  const plan = planAdoption(clientId, preset.permissions, reading);
  for (const warning of plan.warnings) await log.warn(warning);
  return plan;
}

async function readApplication(
  config: KeyturnConfig,
  clientId: string,
): Promise<ApplicationReading> {
  const graph = await openGraph(config, READING_SECONDS);
  const known = `(appId='${clientId}')?$select=`;
  const [found, principal, resource, { objectId: deployerObjectId }] = await Promise.all([
    unlessAbsent(
      graph.entity(
        `/v1.0/applications${known}id,displayName,signInAudience,requiredResourceAccess`,
        application,
      ),
    ),
    unlessAbsent(graph.entity(`/v1.0/servicePrincipals${known}id`, identified)),
    graph.entity(
      `/v1.0/servicePrincipals(appId='${GRAPH_CLIENT_ID}')?$select=id,appRoles`,
      graphPrincipal,
    ),
    getClientConfig(),
  ]);
  const [owners, consents] = await Promise.all([
    found && graph.items(`/v1.0/applications/${found.id}/owners?$select=id`, identified, PAGES),
    principal &&
      graph.items(`/v1.0/servicePrincipals/${principal.id}/appRoleAssignments`, assignment, PAGES),
  ]);
  const ofGraph = found?.requiredResourceAccess.filter(
    ({ resourceAppId }) => resourceAppId === GRAPH_CLIENT_ID,
  );
  return {
    application: found && {
      displayName: found.displayName,
      signInAudience: found.signInAudience,
      declaredRoleIds: (ofGraph ?? [])
        .flatMap(({ resourceAccess }) => resourceAccess)
        .filter(({ type }) => type === "Role")
        .map(({ id }) => id),
      ownerObjectIds: (owners ?? []).map(({ id }) => id),
    },
    principal: principal && {
      consentedRoleIds: (consents ?? [])
        .filter(({ resourceId }) => resourceId === resource.id)
        .map(({ appRoleId }) => appRoleId),
    },
    roleNames: Object.fromEntries(resource.appRoles.map(({ id, value }) => [id, value ?? id])),
    deployerObjectId,
  };
}

/** Reads which licence groups exist; nothing is asked about those that the state holds. @param component resource name of the groups' component @throws Error that says everything that stands in the way */
export async function readGroupsToAdopt(
  config: KeyturnConfig,
  resources: Resources,
  component: string,
): Promise<GroupPlan> {
  const { preset, existingGroups: existing } = config;
  const names = preset.licenceGroup === "" ? [] : [preset.licenceGroup, ...preset.licenceMembers];
  const held = Object.fromEntries(
    names.flatMap((name) => {
      const objectId = stateOutput(resources, GROUP, `${component}-${name}`, "objectId");
      return typeof objectId === "string" ? [[name, objectId]] : [];
    }),
  );
  const joined = resourceNames(resources, MEMBER);
  const isOpen = (name: string): boolean => !joined.has(`${component}-${name}-member`);
  const [, ...memberNames] = names;
  const open = memberNames.filter(isOpen);
  const members = memberNames.filter((name) => !isOpen(name));
  const intent: GroupIntent = { names, existing, held, members };
  const settled = names.every((name) => held[name] !== undefined);
  if (settled && open.length === 0) return planGroups(intent, NOTHING);
  const reading = await readGroups(config, intent, open).catch(async (error: unknown) => {
    const note = `Whether there are groups of the licence groups' names could not be read: ${reasonOf(error)}. ${remedy(error, "Group.Read.All")}.`;
    if (names.some((name) => existing[name] !== undefined && held[name] === undefined)) {
      throw new Error(note);
    }
    // The plugin looks once more before it makes a group.
    await log.warn(note);
    return NOTHING;
  });
  const plan = planGroups(intent, reading);
  for (const warning of plan.warnings) await log.warn(warning);
  return plan;
}

const NOTHING: GroupReading = { given: {}, named: {}, connected: [] };

async function readGroups(
  config: KeyturnConfig,
  { names, existing, held }: GroupIntent,
  open: readonly string[],
): Promise<GroupReading> {
  const graph = await openGraph(config, READING_SECONDS);
  const given: Record<string, FoundGroup | undefined> = {};
  const named: Record<string, readonly FoundGroup[]> = {};
  for (const name of names.filter((one) => held[one] === undefined)) {
    const objectId = existing[name];
    if (objectId === undefined) named[name] = await groupsNamed(graph, name);
    else {
      const path = `/v1.0/groups/${objectId}?$select=id,displayName`;
      const found = await unlessAbsent(graph.entity(path, group));
      given[name] = found && { objectId: found.id, displayName: found.displayName };
    }
  }
  const idOf = (name: string): string | undefined => held[name] ?? existing[name];
  const parent = idOf(names[0] ?? "");
  const connected: string[] = [];
  for (const name of parent === undefined ? [] : open) {
    const member = idOf(name);
    if (member === undefined || (held[name] === undefined && given[name] === undefined)) continue;
    const above = await graph.items(
      `/v1.0/groups/${member}/memberOf?$select=id`,
      identified,
      PAGES,
    );
    if (above.some(({ id }) => id === parent)) connected.push(name);
  }
  return { given, named, connected };
}

/** The groups of a display name. @throws GraphUnread */
export async function groupsNamed(graph: GraphReader, name: string): Promise<FoundGroup[]> {
  const filter = encodeURIComponent(`displayName eq '${name.replaceAll("'", "''")}'`);
  const path = `/v1.0/groups?$filter=${filter}&$select=id,displayName`;
  const found = await graph.items(path, group, PAGES);
  return found.map(({ id, displayName }) => ({ objectId: id, displayName }));
}

function remedy(error: unknown, permission: string): string {
  return error instanceof GraphUnread && error.status === 403
    ? `Consent to ${permission} for the deploying identity (docs/rights.md)`
    : "Run again";
}
