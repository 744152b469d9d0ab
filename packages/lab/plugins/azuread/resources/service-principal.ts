// azuread.ServicePrincipal: the application's identity in this tenant, made or, with useExisting, adopted.
// An adopted one is patched at once, and its deletion is tried too, with the refusal ignored.
import { randomUUID } from "node:crypto";

import type { Properties } from "../../provider/values";
import { INTERVAL_SECONDS } from "../consistency";
import { alreadyExists, attempt } from "../diagnostics";
import { plannedTags } from "../features";
import { graphMessageOf } from "../graph-error";
import { objectIdOf, servicePrincipalName } from "../ids";
import { flag, nullIfEmpty, query, quoted, text, typed } from "../json";
import type { Operation } from "../operation";
import { planOwners, readOwners, settleOwners, updateOwners } from "../owners";
import { defineResource } from "../resource";
import { resourceId } from "../validators";
import { SERVICE_PRINCIPAL_FIELDS } from "./service-principal-fields";
import { fromGraph, samlSingleSignOn, toGraph } from "./service-principal-wire";

const TERRAFORM_TYPE = "azuread_service_principal";

/** Graph says these while the application has not reached every replica. */
const NOT_REPLICATED = {
  400: /The appId '.+' of the service principal does not reference a valid application object/,
  403: /When using this permission, the backing application of the service principal being created must in the local tenant/,
} as const;

export const servicePrincipal = defineResource({
  terraformType: TERRAFORM_TYPE,
  fields: SERVICE_PRINCIPAL_FIELDS,
  createMinutes: 10,
  create,
  read,
  update,
  delete: remove,
  refuseImport: (id) => resourceId("Service Principal", "servicePrincipals")(id, "id"),
});

async function create(planned: Properties, op: Operation): Promise<string> {
  const existing = await findByClientId(text(planned, "clientId"), op);
  if (existing !== undefined) {
    const objectId = text(existing, "id");
    if (!flag(planned, "useExisting")) throw alreadyExists(TERRAFORM_TYPE, objectId);
    op.made(`/servicePrincipals/${objectId}`);
    await patch(objectId, planned, undefined, op);
    return `/servicePrincipals/${objectId}`;
  }
  const owners = planOwners(planned, op);
  const body = {
    ...toGraph(planned, plannedTags(planned)),
    appId: text(planned, "clientId"),
    description: `TERRAFORM_UPDATE_${randomUUID()}`,
    "owners@odata.bind": [...owners.first],
  };
  const made = await attempt("Could not create service principal", () =>
    op.graph.post("/v1.0/servicePrincipals", body, {
      ...op.once,
      retryIf: (response) =>
        (response.status === 400 || response.status === 403) &&
        NOT_REPLICATED[response.status].test(graphMessageOf(response)),
    }),
  );
  const objectId = text(made, "id");
  op.made(`/servicePrincipals/${objectId}`);
  const description = nullIfEmpty(planned["description"]);
  await attempt("Failed to patch service principal after creating", () =>
    op.graph.patch(pathOf(objectId), typed("servicePrincipal", { description }), op.patient),
  );
  await settleOwners(pathOf(objectId), servicePrincipalName(objectId), owners, op);
  return `/servicePrincipals/${objectId}`;
}

export async function findByClientId(
  clientId: string,
  op: Operation,
): Promise<Properties | undefined> {
  const filter = query({ $filter: `appId eq ${quoted(clientId)}` });
  const [found] = await attempt("Could not list existing service principals", () =>
    op.graph.list(`/v1.0/servicePrincipals${filter}`, op.once),
  );
  return found;
}

/** The beta endpoint alone knows the address of the SAML metadata. */
export function readBeta(objectId: string, op: Operation): Promise<Properties> {
  return attempt(`Retrieving ${servicePrincipalName(objectId)} (beta API)`, () =>
    op.graph.get(
      `/beta/servicePrincipals/${objectId}${query({ $select: "samlMetadataUrl" })}`,
      op.once,
    ),
  );
}

async function read(id: string, state: Properties, op: Operation): Promise<Properties | undefined> {
  const objectId = objectIdOf(id);
  const name = servicePrincipalName(objectId);
  const found = await op.find(pathOf(objectId), `Retrieving ${name}`);
  if (found === undefined) return undefined;
  return {
    ...fromGraph(found, await readBeta(objectId, op)),
    owners: await readOwners(pathOf(objectId), name, op),
    samlSingleSignOn: samlSingleSignOn(found),
    useExisting: state["useExisting"] ?? null,
  };
}

async function update(
  id: string,
  planned: Properties,
  prior: Properties,
  op: Operation,
): Promise<void> {
  const objectId = objectIdOf(id);
  await patch(objectId, planned, prior, op);
  await updateOwners(pathOf(objectId), servicePrincipalName(objectId), planned, prior, op);
}

async function patch(
  objectId: string,
  planned: Properties,
  prior: Properties | undefined,
  op: Operation,
): Promise<void> {
  await attempt(`Updating ${servicePrincipalName(objectId)}`, () =>
    op.graph.patch(pathOf(objectId), toGraph(planned, plannedTags(planned, prior)), op.once),
  );
}

async function remove(id: string, state: Properties, op: Operation): Promise<void> {
  const objectId = objectIdOf(id);
  const name = servicePrincipalName(objectId);
  const removal = op.graph.delete(pathOf(objectId), op.once);
  if (flag(state, "useExisting")) {
    await removal.catch(() => undefined);
    return;
  }
  await attempt(`Deleting ${name}`, () => removal, "id");
  await op.waitGone(pathOf(objectId), `Waiting for deletion of ${name}`, INTERVAL_SECONDS);
}

function pathOf(objectId: string): string {
  return `/v1.0/servicePrincipals/${objectId}`;
}
