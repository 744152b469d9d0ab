// azuread.AppRoleAssignment: grants one permission of a resource's service principal to another principal.
import type { Properties } from "../../provider/values";
import { attempt, Diagnostic } from "../diagnostics";
import { graphMessageOf } from "../graph-error";
import { text, typed } from "../json";
import type { Operation } from "../operation";
import { defineResource } from "../resource";
import type { Field } from "../schema";
import { uuid } from "../validators";

const ID_INPUT: Field = { kind: "string", mode: "required", forceNew: true, validate: uuid };
const OUTPUT_TEXT: Field = { kind: "string", mode: "computed" };

/** Graph says this while the principal has not reached every replica. */
const NOT_REPLICATED = /Not a valid reference update/;

export const appRoleAssignment = defineResource({
  terraformType: "azuread_app_role_assignment",
  fields: {
    appRoleId: ID_INPUT,
    principalDisplayName: OUTPUT_TEXT,
    principalObjectId: ID_INPUT,
    principalType: OUTPUT_TEXT,
    resourceDisplayName: OUTPUT_TEXT,
    resourceObjectId: ID_INPUT,
  },
  createMinutes: 5,
  create,
  read,
  delete: async (id, _state, op) => {
    const [path, name] = parse(id);
    await attempt(`Deleting ${name}`, () => op.graph.delete(path, op.once), "id");
  },
  refuseImport: (id) => (segmentsOf(id) === undefined ? refusal(id) : undefined),
});

async function create(planned: Properties, op: Operation): Promise<string> {
  const resourceObjectId = text(planned, "resourceObjectId");
  const path = `/v1.0/servicePrincipals/${resourceObjectId}`;
  const principal = await op.find(
    path,
    `Could not retrieve service principal for resource (Object ID: "${resourceObjectId}")`,
  );
  if (principal === undefined) {
    throw new Diagnostic(
      `Service principal not found for resource (Object ID: "${resourceObjectId}")`,
      { path: "principal_object_id" },
    );
  }
  const body = typed("appRoleAssignment", {
    appRoleId: text(planned, "appRoleId"),
    principalId: text(planned, "principalObjectId"),
    resourceId: resourceObjectId,
  });
  const made = await attempt("Could not create app role assignment", () =>
    op.graph.post(`${path}/appRoleAssignedTo`, body, {
      ...op.patient,
      retryIf: (response) =>
        response.status === 400 && NOT_REPLICATED.test(graphMessageOf(response)),
    }),
  );
  const id = `/servicePrincipals/${text(made, "resourceId")}/appRoleAssignedTo/${text(made, "id")}`;
  op.made(id);
  return id;
}

async function read(
  id: string,
  _state: Properties,
  op: Operation,
): Promise<Properties | undefined> {
  const [path, name] = parse(id);
  const found = await op.find(path, `retrieving ${name}`);
  if (found === undefined) return undefined;
  return {
    appRoleId: text(found, "appRoleId"),
    principalDisplayName: text(found, "principalDisplayName"),
    principalObjectId: text(found, "principalId"),
    principalType: text(found, "principalType"),
    resourceDisplayName: text(found, "resourceDisplayName"),
    resourceObjectId: text(found, "resourceId"),
  };
}

/** Its path on the wire, and its name in messages. */
function parse(id: string): readonly [string, string] {
  const segments = segmentsOf(id);
  if (segments === undefined) {
    throw new Diagnostic("Parsing App Role Assignment ID", { path: "id", cause: refusal(id) });
  }
  const [principal, assignment] = segments;
  return [
    `/v1.0/servicePrincipals/${principal}/appRoleAssignedTo/${assignment}`,
    `Service Principal Id App Role Assigned To (Service Principal: "${principal}"\nApp Role Assignment: "${assignment}")`,
  ];
}

function segmentsOf(id: string): readonly [string, string] | undefined {
  const match = /^\/servicePrincipals\/([^/]+)\/appRoleAssignedTo\/([^/]+)$/.exec(id);
  return match?.[1] === undefined || match[2] === undefined ? undefined : [match[1], match[2]];
}

function refusal(id: string): string {
  return `parsing "${id}": an App Role Assignment ID is /servicePrincipals/{resourceObjectId}/appRoleAssignedTo/{id}`;
}
