// azuread.Application: an application registration with everything on it, its passwords apart.
import { randomUUID } from "node:crypto";

import { isUnknown, type Properties } from "../../provider/values";
import { INTERVAL_SECONDS } from "../consistency";
import { attempt, Diagnostic, duplicateName } from "../diagnostics";
import { plannedTags } from "../features";
import { applicationName, objectIdOf } from "../ids";
import { flag, query, quoted, text, typed } from "../json";
import type { Operation } from "../operation";
import { planOwners, readOwners, settleOwners, updateOwners } from "../owners";
import { defineResource } from "../resource";
import { resourceId } from "../validators";
import { APPLICATION_FIELDS } from "./application-fields";
import { fromGraph, toGraph } from "./application-wire";

const TERRAFORM_TYPE = "azuread_application";

export const application = defineResource({
  terraformType: TERRAFORM_TYPE,
  fields: APPLICATION_FIELDS,
  createMinutes: 10,
  examine: async (planned, op, prior) => {
    refuseUnsupported(planned);
    if (prior === undefined) await refuseDuplicate(planned, op);
  },
  create,
  read,
  update,
  delete: async (id, _state, op) => {
    const objectId = objectIdOf(id);
    const name = applicationName(objectId);
    const path = pathOf(objectId);
    await op.locks.hold(path, async () => {
      await attempt(`Deleting ${name}`, () => op.graph.delete(path, op.once), "id");
      await op.waitGone(path, `Waiting for deletion of ${name}`, INTERVAL_SECONDS);
    });
  },
  refuseImport: (id) => resourceId("Application", "applications")(id, "id"),
});

async function create(planned: Properties, op: Operation): Promise<string> {
  await refuseDuplicate(planned, op);
  const owners = planOwners(planned, op);
  const body = {
    ...toGraph(planned, plannedTags(planned)),
    "owners@odata.bind": [...owners.first],
  };
  const made = await attempt("Could not create application", () =>
    op.graph.post("/v1.0/applications", body, op.once),
  );
  const objectId = text(made, "id");
  const id = `/applications/${objectId}`;
  const name = applicationName(objectId);
  op.made(id);
  await renameUntilReplicated(pathOf(objectId), text(planned, "displayName"), op);
  if (planned["oauth2PostResponseRequired"] !== null) await patchBeta(objectId, planned, op);
  await settleOwners(pathOf(objectId), name, owners, op);
  return id;
}

/** A patch to another name and back tells whether the new object has reached every replica. */
async function renameUntilReplicated(path: string, name: string, op: Operation): Promise<void> {
  for (const displayName of [`TERRAFORM_UPDATE_${randomUUID()}`, name]) {
    await attempt("Failed to patch application after creating", () =>
      op.graph.patch(path, typed("application", { displayName }), {
        ...op.patient,
        retryIf: (response) => response.status === 409,
      }),
    );
  }
}

async function read(id: string, state: Properties, op: Operation): Promise<Properties | undefined> {
  const objectId = objectIdOf(id);
  const name = applicationName(objectId);
  const found = await op.find(pathOf(objectId), `Retrieving ${name}`);
  if (found === undefined) return undefined;
  const beta = await attempt(`Retrieving ${name} (beta API)`, () =>
    op.graph.get(
      `/beta/applications/${objectId}${query({ $select: "oauth2RequirePostResponse" })}`,
      op.once,
    ),
  );
  return {
    ...fromGraph(found),
    logoImage: text(state, "logoImage"),
    oauth2PostResponseRequired: flag(beta, "oauth2RequirePostResponse"),
    owners: await readOwners(pathOf(objectId), name, op),
    password: null,
    preventDuplicateNames: flag(state, "preventDuplicateNames"),
    templateId: text(found, "applicationTemplateId"),
  };
}

async function update(
  id: string,
  planned: Properties,
  prior: Properties,
  op: Operation,
): Promise<void> {
  const objectId = objectIdOf(id);
  const name = applicationName(objectId);
  const path = pathOf(objectId);
  await refuseDuplicate(planned, op, objectId);
  await op.locks.hold(path, async () => {
    await disableChangedRoles(path, planned, prior, op);
    await attempt(`Could not update ${name}`, () =>
      op.graph.patch(path, toGraph(planned, plannedTags(planned, prior)), op.once),
    );
    if (flag(planned, "oauth2PostResponseRequired") !== flag(prior, "oauth2PostResponseRequired")) {
      await patchBeta(objectId, planned, op);
    }
    await updateOwners(path, name, planned, prior, op);
  });
}

/** Graph changes or removes a role or a scope only when it is disabled. */
async function disableChangedRoles(
  path: string,
  planned: Properties,
  prior: Properties,
  op: Operation,
): Promise<void> {
  const before = toGraph(prior, []);
  const after = toGraph(planned, []);
  const same = (member: string) => JSON.stringify(before[member]) === JSON.stringify(after[member]);
  if (same("appRoles") && same("api")) return;
  const { appRoles, api } = await attempt("Retrieving application", () =>
    op.graph.get(path, op.once),
  );
  const disabled = (list: unknown) =>
    Array.isArray(list) ? list.map((each: object) => ({ ...each, isEnabled: false })) : [];
  const scopes = (api as Properties | null | undefined)?.["oauth2PermissionScopes"];
  const body: Properties = {
    ...(same("appRoles") ? {} : { appRoles: disabled(appRoles) }),
    ...(same("api") ? {} : { api: { oauth2PermissionScopes: disabled(scopes) } }),
  };
  await attempt("Could not disable roles and scopes before changing them", () =>
    op.graph.patch(path, typed("application", body), op.once),
  );
}

async function patchBeta(objectId: string, planned: Properties, op: Operation): Promise<void> {
  const body = { oauth2RequirePostResponse: flag(planned, "oauth2PostResponseRequired") };
  await attempt("Failed to patch application after creating", () =>
    op.graph.patch(`/beta/applications/${objectId}`, typed("application", body), op.patient),
  );
}

async function refuseDuplicate(planned: Properties, op: Operation, own?: string): Promise<void> {
  const name = text(planned, "displayName");
  if (!flag(planned, "preventDuplicateNames") || name === "" || isUnknown(name)) return;
  const filter = query({ $filter: `displayName eq ${quoted(name)}` });
  const found = await attempt(
    "Could not check for existing application(s)",
    () => op.graph.list(`/v1.0/applications${filter}`, op.once),
    "name",
  );
  const other = found.find((each) => text(each, "id") !== own);
  if (other !== undefined) throw duplicateName(TERRAFORM_TYPE, text(other, "id"), name);
}

function refuseUnsupported(planned: Properties): void {
  if (text(planned, "templateId") !== "" && !isUnknown(planned["templateId"])) {
    throw new Diagnostic("The lab has no application templates", { path: "template_id" });
  }
  if (planned["password"] !== null) {
    throw new Diagnostic(
      "The lab's stand-in does not make a password inside an application. Use ApplicationPassword",
      { path: "password" },
    );
  }
}

function pathOf(objectId: string): string {
  return `/v1.0/applications/${objectId}`;
}
