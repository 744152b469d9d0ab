// azuread.ApplicationFederatedIdentityCredential: whose identity token stands for an application. By the upstream source; not recorded.
import type { Properties } from "../../provider/values";
import { INTERVAL_SECONDS } from "../consistency";
import { attempt, Diagnostic } from "../diagnostics";
import { applicationName, objectIdOf, pairOf } from "../ids";
import { nullIfEmpty, text, texts, typed } from "../json";
import type { Operation } from "../operation";
import { defineResource } from "../resource";
import { notEmpty, resourceId } from "../validators";

const KIND = "federatedIdentityCredential";

export const applicationFederatedIdentityCredential = defineResource({
  terraformType: "azuread_application_federated_identity_credential",
  fields: {
    applicationId: {
      kind: "string",
      mode: "required",
      forceNew: true,
      validate: resourceId("Application", "applications"),
    },
    audiences: { kind: "list", mode: "required", validate: notEmpty },
    credentialId: { kind: "string", mode: "computed" },
    description: { kind: "string", mode: "optional", validate: notEmpty },
    displayName: { kind: "string", mode: "required", forceNew: true, validate: notEmpty },
    issuer: { kind: "string", mode: "required", validate: notEmpty },
    subject: { kind: "string", mode: "required", validate: notEmpty },
  },
  createMinutes: 15,
  updateMinutes: 5,
  create: async (planned, op) => {
    const objectId = objectIdOf(text(planned, "applicationId"));
    const name = applicationName(objectId);
    return op.locks.hold(applicationPath(objectId), async () => {
      const application = await op.find(applicationPath(objectId), `Retrieving ${name}`);
      if (application === undefined) {
        throw new Diagnostic(`${name} was not found`, { path: "application_id" });
      }
      const body = { ...bodyOf(planned), name: text(planned, "displayName") };
      const made = await attempt(`Adding federated identity credential for ${name}`, () =>
        op.graph.post(
          `${applicationPath(objectId)}/federatedIdentityCredentials`,
          typed(KIND, body),
          op.once,
        ),
      );
      const credentialId = text(made, "id");
      const id = `${objectId}/${KIND}/${credentialId}`;
      op.made(id);
      const waiting = `Waiting for federated identity credential for ${name}`;
      await op.wait(waiting, "Done", INTERVAL_SECONDS, async () => {
        return (await op.find(pathOf(objectId, credentialId), waiting)) !== undefined;
      });
      return id;
    });
  },
  read: async (id, _state, op) => {
    const [objectId, credentialId] = parse(id);
    const found = await find(objectId, credentialId, op);
    if (found === undefined) return undefined;
    return {
      applicationId: `/applications/${objectId}`,
      audiences: texts(found, "audiences"),
      credentialId,
      description: text(found, "description"),
      displayName: text(found, "name"),
      issuer: text(found, "issuer"),
      subject: text(found, "subject"),
    };
  },
  update: async (id, planned, _prior, op) => {
    const [objectId, credentialId] = parse(id);
    await op.locks.hold(applicationPath(objectId), () =>
      attempt(`Updating federated identity credential ${described(objectId, credentialId)}`, () =>
        op.graph.patch(pathOf(objectId, credentialId), typed(KIND, bodyOf(planned)), op.once),
      ),
    );
  },
  delete: async (id, _state, op) => {
    const [objectId, credentialId] = parse(id);
    const path = pathOf(objectId, credentialId);
    const name = described(objectId, credentialId);
    await op.locks.hold(applicationPath(objectId), async () => {
      await attempt(`Removing federated identity credential ${name}`, () =>
        op.graph.delete(path, op.once),
      );
      await op.waitGone(
        path,
        `Waiting for deletion of federated identity credential ${name}`,
        INTERVAL_SECONDS,
      );
    });
  },
  refuseImport: (id) => (pairOf(id, KIND) === undefined ? refusal(id) : undefined),
});

/** What may change; the name may not. */
function bodyOf(planned: Properties): Properties {
  return {
    audiences: texts(planned, "audiences"),
    description: nullIfEmpty(text(planned, "description")),
    issuer: text(planned, "issuer"),
    subject: text(planned, "subject"),
  };
}

function find(
  objectId: string,
  credentialId: string,
  op: Operation,
): Promise<Properties | undefined> {
  const summary = `Retrieving federated identity credential ${described(objectId, credentialId)}`;
  return op.find(pathOf(objectId, credentialId), summary);
}

function parse(id: string): readonly [string, string] {
  const pair = pairOf(id, KIND);
  if (pair !== undefined) return pair;
  throw new Diagnostic(`Parsing federated identity credential with ID "${id}"`, {
    path: "id",
    cause: refusal(id),
  });
}

function refusal(id: string): string {
  return `Federated Identity Credential ID should be in the format {objectId}/${KIND}/{credentialId} - but got "${id}"`;
}

function described(objectId: string, credentialId: string): string {
  return `"${credentialId}" of ${applicationName(objectId)}`;
}

function applicationPath(objectId: string): string {
  return `/v1.0/applications/${objectId}`;
}

function pathOf(objectId: string, credentialId: string): string {
  return `${applicationPath(objectId)}/federatedIdentityCredentials/${credentialId}`;
}
