// azuread.ApplicationApiAccess: the permissions of one API that an application declares.
import type { Properties } from "../../provider/values";
import { attempt, Diagnostic } from "../diagnostics";
import { applicationName, objectIdOf } from "../ids";
import { objects, text, texts, typed } from "../json";
import type { Operation } from "../operation";
import { defineResource } from "../resource";
import { resourceId, uuid } from "../validators";

export const applicationApiAccess = defineResource({
  terraformType: "azuread_application_api_access",
  fields: {
    apiClientId: { kind: "string", mode: "required", forceNew: true, validate: uuid },
    applicationId: {
      kind: "string",
      mode: "required",
      forceNew: true,
      validate: resourceId("Application", "applications"),
    },
    roleIds: { kind: "set", mode: "optional", validate: uuid },
    scopeIds: { kind: "set", mode: "optional", validate: uuid },
  },
  createMinutes: 10,
  create: async (planned, op) => {
    const objectId = objectIdOf(text(planned, "applicationId"));
    const apiClientId = text(planned, "apiClientId");
    const id = `/applications/${objectId}/apiAccesses/${apiClientId}`;
    await replace(objectId, apiClientId, accesses(planned), op);
    op.made(id);
    return id;
  },
  read: async (id, _state, op) => {
    const [objectId, apiClientId] = parse(id);
    const found = await op.find(pathOf(objectId), `Retrieving ${applicationName(objectId)}`);
    const declared = objects(found ?? {}, "requiredResourceAccess").find(
      (each) => text(each, "resourceAppId").toLowerCase() === apiClientId.toLowerCase(),
    );
    if (declared === undefined) return undefined;
    const idsOf = (type: string) =>
      objects(declared, "resourceAccess")
        .filter((each) => text(each, "type") === type)
        .map((each) => text(each, "id"));
    return {
      apiClientId,
      applicationId: `/applications/${objectId}`,
      roleIds: idsOf("Role"),
      scopeIds: idsOf("Scope"),
    };
  },
  update: async (id, planned, _prior, op) => {
    const [objectId, apiClientId] = parse(id);
    await replace(objectId, apiClientId, accesses(planned), op);
  },
  delete: async (id, _state, op) => {
    const [objectId, apiClientId] = parse(id);
    await replace(objectId, apiClientId, [], op);
  },
  refuseImport: (id) => (segmentsOf(id) === undefined ? refusal(id) : undefined),
});

/** Declares these permissions of one API, and leaves those of the others as they are. */
async function replace(
  objectId: string,
  apiClientId: string,
  resourceAccess: Properties[],
  op: Operation,
): Promise<void> {
  const name = applicationName(objectId);
  await op.locks.hold(pathOf(objectId), async () => {
    const found = await op.find(pathOf(objectId), `Retrieving ${name}`);
    if (found === undefined) {
      throw new Diagnostic(`${name} was not found`, { path: "application_id" });
    }
    const others = objects(found, "requiredResourceAccess").filter(
      (each) => text(each, "resourceAppId").toLowerCase() !== apiClientId.toLowerCase(),
    );
    const own = resourceAccess.length === 0 ? [] : [{ resourceAccess, resourceAppId: apiClientId }];
    const body = typed("application", { requiredResourceAccess: [...others, ...own] });
    await attempt(`Updating API access for ${name}`, () =>
      op.graph.patch(pathOf(objectId), body, op.patient),
    );
  });
}

function accesses(planned: Properties): Properties[] {
  return [
    ...texts(planned, "roleIds").map((id) => ({ id, type: "Role" })),
    ...texts(planned, "scopeIds").map((id) => ({ id, type: "Scope" })),
  ];
}

function parse(id: string): readonly [string, string] {
  const segments = segmentsOf(id);
  if (segments !== undefined) return segments;
  throw new Diagnostic("Parsing API access ID", { path: "id", cause: refusal(id) });
}

function segmentsOf(id: string): readonly [string, string] | undefined {
  const match = /^\/applications\/([^/]+)\/apiAccesses\/([^/]+)$/.exec(id);
  return match?.[1] === undefined || match[2] === undefined ? undefined : [match[1], match[2]];
}

function refusal(id: string): string {
  return `parsing "${id}": an API access ID is /applications/{objectId}/apiAccesses/{apiClientId}`;
}

function pathOf(objectId: string): string {
  return `/v1.0/applications/${objectId}`;
}
