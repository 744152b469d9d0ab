// Microsoft's own clients, unmodified and over HTTPS: @azure/identity signs in, the Graph client reads.
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { text } from "node:stream/consumers";
import { addPassword } from "../../cloud/credentials";
import type { Orders, Report } from "./clients/run";
import { type Client, type Cloud, startCloud } from "./harness";

describe("Microsoft's clients", function () {
  this.timeout(60_000);
  let cloud: Cloud;
  let folder: string;
  before(async () => {
    cloud = await startCloud();
    folder = await mkdtemp(path.join(tmpdir(), "keyturn-clients-"));
    await writeFile(path.join(folder, "ca.pem"), cloud.context.certificates.caPem);
    cloud.context.directory.createGroup({ displayName: "SecureExchanges_Licences" });
  });
  after(async () => {
    await cloud.close();
    await rm(folder, { recursive: true });
  });

  const run = async (client: Client, secret: string, read?: string): Promise<Report> => {
    const { endpoints, tenantId } = cloud.context;
    const orders: Orders = {
      loginUrl: endpoints.loginUrl,
      graphUrl: endpoints.graphUrl,
      tenantId,
      clientId: client.clientId,
      clientSecret: secret,
      ...(read !== undefined && { read }),
    };
    const script = path.join(__dirname, "clients", "run.js");
    const child = spawn(process.execPath, [script], {
      env: { PATH: process.env["PATH"], NODE_EXTRA_CA_CERTS: path.join(folder, "ca.pem") },
      stdio: ["pipe", "pipe", "inherit"],
    });
    child.stdin.end(JSON.stringify(orders));
    return JSON.parse(await text(child.stdout)) as Report;
  };

  it("sign in with a secret that is accepted", async () => {
    const client = cloud.client();
    assert.deepEqual(await run(client, client.clientSecret), { token: true });
  });

  it("name AADSTS7000215 when the secret is wrong or has not propagated yet", async () => {
    const client = cloud.client();
    const application = cloud.context.directory.applicationByClientId(client.clientId);
    assert.ok(application);
    const fresh = addPassword(cloud.context.directory, application);
    const reports = await Promise.all([run(client, "wrong"), run(client, fresh.value)]);
    for (const report of reports) assert.match(report.error ?? "", /AADSTS7000215/);
    cloud.context.clock.advance("PT3S");
    assert.deepEqual(await run(client, fresh.value), { token: true });
  });

  it("name AADSTS7000222 when the secret has expired", async () => {
    const client = cloud.client();
    cloud.context.clock.advance("P3Y");
    assert.match((await run(client, client.clientSecret)).error ?? "", /AADSTS7000222/);
  });

  it("read groups with the role, and are refused without it", async () => {
    const reader = cloud.client("Group.Read.All");
    const stranger = cloud.client("User.Read.All");
    const [allowed, refused] = await Promise.all(
      [reader, stranger].map((client) => run(client, client.clientSecret, "/groups")),
    );
    const { value } = allowed?.value as { value: { displayName: string }[] };
    assert.deepEqual(
      value.map((group) => group.displayName),
      ["SecureExchanges_Licences"],
    );
    assert.equal(refused?.code, "Authorization_RequestDenied");
    assert.equal(refused.status, 403);
    assert.equal(refused.error, "Insufficient privileges to complete the operation.");
  });
});
