// azuread.ApplicationOwner: one owner of one application.
import { INTERVAL_SECONDS } from "../consistency";
import { alreadyExists, attempt, Diagnostic } from "../diagnostics";
import { applicationName, objectIdOf } from "../ids";
import { text } from "../json";
import { readOwners, reference } from "../owners";
import { defineResource } from "../resource";
import { resourceId, uuid } from "../validators";

export const applicationOwner = defineResource({
  terraformType: "azuread_application_owner",
  fields: {
    applicationId: {
      kind: "string",
      mode: "required",
      forceNew: true,
      validate: resourceId("Application", "applications"),
    },
    ownerObjectId: { kind: "string", mode: "required", forceNew: true, validate: uuid },
  },
  createMinutes: 5,
  create: async (planned, op) => {
    const objectId = objectIdOf(text(planned, "applicationId"));
    const owner = text(planned, "ownerObjectId");
    const id = `/applications/${objectId}/owners/${owner}`;
    const path = pathOf(objectId);
    return op.locks.hold(path, async () => {
      const owners = await readOwners(path, applicationName(objectId), op);
      if (owners.includes(owner)) throw alreadyExists("azuread_application_owner", id);
      await attempt(`Adding owner to ${applicationName(objectId)}`, () =>
        op.graph.post(`${path}/owners/$ref`, { "@odata.id": reference(owner, op) }, op.patient),
      );
      op.made(id);
      return id;
    });
  },
  read: async (id, _state, op) => {
    const [objectId, owner] = parse(id);
    const found = await op.find(pathOf(objectId), `Retrieving ${applicationName(objectId)}`);
    if (found === undefined) return undefined;
    const owners = await readOwners(pathOf(objectId), applicationName(objectId), op);
    if (!owners.includes(owner)) return undefined;
    return { applicationId: `/applications/${objectId}`, ownerObjectId: owner };
  },
  delete: async (id, _state, op) => {
    const [objectId, owner] = parse(id);
    const name = applicationName(objectId);
    const path = pathOf(objectId);
    await op.locks.hold(path, async () => {
      await attempt(`Removing owner from ${name}`, () =>
        op.graph.delete(`${path}/owners/${owner}/$ref`, op.once),
      );
      const summary = `Waiting for removal of owner from ${name}`;
      await op.wait(summary, "Deleted", INTERVAL_SECONDS, async () => {
        return !(await readOwners(path, name, op)).includes(owner);
      });
    });
  },
  refuseImport: (id) => (segmentsOf(id) === undefined ? refusal(id) : undefined),
});

function parse(id: string): readonly [string, string] {
  const segments = segmentsOf(id);
  if (segments !== undefined) return segments;
  throw new Diagnostic("Parsing owner ID", { path: "id", cause: refusal(id) });
}

function segmentsOf(id: string): readonly [string, string] | undefined {
  const match = /^\/applications\/([^/]+)\/owners\/([^/]+)$/.exec(id);
  return match?.[1] === undefined || match[2] === undefined ? undefined : [match[1], match[2]];
}

function refusal(id: string): string {
  return `parsing "${id}": an owner ID is /applications/{objectId}/owners/{ownerObjectId}`;
}

function pathOf(objectId: string): string {
  return `/v1.0/applications/${objectId}`;
}
