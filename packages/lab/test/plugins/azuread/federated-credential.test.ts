// The stand-in's federated credentials on the lab's own cloud: made, changed in place, and taken away.
import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { type CloudContext, createCloudContext } from "../../../cloud/context";
import { startLogin } from "../../../cloud/entra";
import { startGraph } from "../../../cloud/graph/server";
import { grantAppRole } from "../../../cloud/mutations";
import { createAzureadStandIn } from "../../../plugins/azuread/stand-in";
import { serveStandIn, type ServedStandIn } from "../../../plugins/provider/server";
import type { Properties } from "../../../plugins/provider/values";
import { StandInClient } from "../provider/client";

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
  let servers: { close(): Promise<void> }[];
  let served: ServedStandIn;
  let client: StandInClient;
  let folder: string;
  const trusted = process.env["SSL_CERT_FILE"];

  before(async () => {
    context = await createCloudContext();
    servers = [await startLogin(context, 0), await startGraph(context, 0)];
    folder = mkdtempSync(join(tmpdir(), "federated-"));
    process.env["SSL_CERT_FILE"] = join(folder, "ca.pem");
    writeFileSync(join(folder, "ca.pem"), context.certificates.caPem);
    const { seed, endpoints, tenantId, directory } = context;
    grantAppRole(directory, seed.deployer.clientId, "Application.ReadWrite.All");
    served = await serveStandIn(
      createAzureadStandIn({
        ARM_METADATA_HOSTNAME: new URL(endpoints.loginUrl).host,
        ARM_TENANT_ID: tenantId,
        ARM_CLIENT_ID: seed.deployer.clientId,
        ARM_CLIENT_SECRET: seed.deployer.clientSecret,
        KEYTURN_LAB_PACE: "0.001",
      }),
    );
    client = new StandInClient(served.port);
    assert.equal((await client.call("configure", { args: {} }))["error"], undefined);
  });

  after(async () => {
    client.close();
    served.close();
    await Promise.all(servers.map((server) => server.close()));
    rmSync(folder, { recursive: true });
    if (trusted === undefined) delete process.env["SSL_CERT_FILE"];
    else process.env["SSL_CERT_FILE"] = trusted;
  });

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
