// The stand-in's federated credentials on the lab's own cloud: made, changed in place, and taken away.
import assert from "node:assert/strict";

import { type CloudContext, createCloudContext } from "../../../cloud/context";
import { grantAppRole } from "../../../cloud/mutations";
import type { Properties } from "../../../plugins/provider/values";
import type { StandInClient } from "../provider/client";
import { type OnCloud, standInOn } from "./on-cloud";

const TYPE =
  "azuread:index/applicationFederatedIdentityCredential:ApplicationFederatedIdentityCredential";
const TRUST = {
  displayName: "github-production",
  issuer: "https://token.actions.githubusercontent.com",
  subject: "repo:contoso/keyturn:environment:production",
  audiences: ["api://AzureADTokenExchange"],
};

describe("azuread stand-in: ApplicationFederatedIdentityCredential", () => {
  let context: CloudContext;
  let onCloud: OnCloud;
  let client: StandInClient;

  before(async () => {
    context = await createCloudContext();
    grantAppRole(context.directory, context.seed.deployer.clientId, "Application.ReadWrite.All");
    onCloud = await standInOn(context, 0.001);
    ({ client } = onCloud);
  });

  after(() => onCloud.close());

  const application = async (): Promise<string> => {
    const type = "azuread:index/application:Application";
    const made = await client.call("create", { type, properties: { displayName: "trusting" } });
    assert.equal(made["error"], undefined, JSON.stringify(made["error"]));
    return String(made["id"]);
  };
  const create = (properties: Properties) => client.call("create", { type: TYPE, properties });
  const held = (applicationId: string) =>
    context.directory.applications.get(applicationId.split("/").at(-1) ?? "")?.federatedCredentials;

  it("makes one that Entra then goes by, and answers with its id and all that was given", async () => {
    const applicationId = await application();
    const made = await create({ applicationId, ...TRUST });
    assert.equal(made["error"], undefined, JSON.stringify(made["error"]));
    const [record] = held(applicationId) ?? [];
    assert(record);
    const { credentialId } = record;
    const { displayName, ...rest } = TRUST;
    assert.deepEqual(record, { credentialId, name: displayName, ...rest, description: null });
    const objectId = applicationId.split("/").at(-1);
    assert.equal(made["id"], `${objectId}/federatedIdentityCredential/${credentialId}`);
    const { properties } = made as { properties: Properties };
    const { description } = properties;
    const answered = { id: made["id"], description, applicationId, ...TRUST, credentialId };
    assert.deepEqual(properties, answered);
  });

  it("changes the subject in place, and replaces one of another name", async () => {
    const applicationId = await application();
    const { id, properties } = (await create({ applicationId, ...TRUST })) as {
      id: string;
      properties: Properties;
    };
    const news = { applicationId, ...TRUST, subject: "repo:contoso/keyturn:environment:test" };
    const diff = await client.call("diff", { type: TYPE, id, olds: properties, news });
    assert.deepEqual([diff["diffs"], diff["replaces"]], [["subject"], []]);
    const updated = await client.call("update", { type: TYPE, id, olds: properties, news });
    assert.equal(updated["error"], undefined, JSON.stringify(updated["error"]));
    assert.equal(held(applicationId)?.[0]?.subject, news.subject);
    const renamed = { ...news, displayName: "other" };
    const other = await client.call("diff", { type: TYPE, id, olds: properties, news: renamed });
    assert.deepEqual(other["replaces"], ["displayName"]);
  });

  it("takes one away, and reads none after that", async () => {
    const applicationId = await application();
    const { id, properties } = (await create({ applicationId, ...TRUST })) as {
      id: string;
      properties: Properties;
    };
    const removed = await client.call("delete", { type: TYPE, id, properties });
    assert.equal(removed["error"], undefined, JSON.stringify(removed["error"]));
    assert.deepEqual(held(applicationId), []);
    const read = await client.call("read", { type: TYPE, id, properties, inputs: {} });
    assert.equal(read["id"], "");
  });

  it("fails in Graph's words where issuer and subject are trusted already", async () => {
    const applicationId = await application();
    await create({ applicationId, ...TRUST });
    const { error } = await create({ applicationId, ...TRUST, displayName: "again" });
    assert.match(JSON.stringify(error), /Issuer and subject combination already exists/);
  });
});
