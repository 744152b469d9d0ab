// By what the auditor signs in, on the lab's sign-in and Graph servers: the provider's variables come before whatever
// else is there, and no error repeats a secret. What DefaultAzureCredential finds on a person's machine is not tried.
import assert from "node:assert/strict";
import https from "node:https";
import type { AddressInfo } from "node:net";
import { readApplication } from "../../audit/application";
import { graphToken, signInOf } from "../../audit/sign-in";
import { UsageError } from "../../usage-error";
import { GraphReader } from "../../../../src/http/graph";
import { type Client, type Cloud, startTrustedCloud } from "../../../lab/test/cloud/harness";

const identity = { ARM_TENANT_ID: "t", ARM_CLIENT_ID: "c" };
const federated = { ...identity, ARM_USE_OIDC: "true" };

describe("the sign-in of an audit", () => {
  let cloud: Cloud;
  before(async () => {
    cloud = await startTrustedCloud();
  });
  after(() => cloud.close());

  for (const [by, environment] of [
    ["library", {}],
    ["library", identity],
    ["library", { ARM_CLIENT_SECRET: "s" }],
    ["secret", { ...identity, ARM_CLIENT_SECRET: "s" }],
    ["secret", { ...federated, ARM_CLIENT_SECRET: "s" }],
    ["identity token", federated],
  ] as const) {
    it(`is by ${by} where there is ${Object.keys(environment).join(", ") || "nothing"}`, () => {
      assert.equal(signInOf(environment).by, by);
    });
  }

  const as = (client: Client, secret = client.clientSecret) => {
    const { loginUrl: login, graphUrl: graph } = cloud.context.endpoints;
    const environment = {
      ARM_TENANT_ID: cloud.context.tenantId,
      ARM_CLIENT_ID: client.clientId,
      ARM_CLIENT_SECRET: secret,
      ARM_DISABLE_INSTANCE_DISCOVERY: "true",
    };
    return graphToken({ login, graph }, environment);
  };
  const read = async (auditor: Client, clientId: string) => {
    const { graphUrl } = cloud.context.endpoints;
    return readApplication(clientId, new GraphReader(graphUrl, await as(auditor), 1));
  };

  it("lets read an application, what it was granted and its secrets", async () => {
    const audited = cloud.client("User.Read.All");
    const found = await read(cloud.client("Application.Read.All"), audited.clientId);
    assert.equal(found.objectId, audited.applicationObjectId);
    assert.deepEqual(
      found.credentials.map(({ keyId, of }) => [keyId, of]),
      [[audited.keyId, "application"]],
    );
    assert.equal(found.principal?.objectId, audited.servicePrincipalObjectId);
    assert.equal(found.principal.assignments.length, 1);
  });

  it("names the right that is missing", async () => {
    const { clientId } = cloud.client();
    await assert.rejects(read(cloud.client(), clientId), /403.*Give whoever audits Application/);
  });

  it("says Entra's code and how to sign in when the secret is refused, and not the secret", async () => {
    const secret = "Marker-7f3a_Value~that.must-not.be.said0";
    await assert.rejects(as(cloud.client(), secret), (error: Error) => {
      assert(error instanceof UsageError);
      assert.match(error.message, /Entra answers AADSTS7000215\. Sign in with `az login`/);
      assert(!error.message.includes(secret));
      return true;
    });
  });

  it("takes the identity token that the job was given", async () => {
    const signIn = signInOf({ ...federated, ARM_OIDC_TOKEN: "token" });
    assert(signIn.by === "identity token");
    assert.equal(await signIn.assertion(), "token");
  });

  it("asks for an identity token as GitHub Actions lets a job ask, for Entra's audience", async () => {
    const { serverPem: cert, serverKeyPem: key } = cloud.context.certificates;
    const asked: unknown[] = [];
    const server = https.createServer({ cert, key }, ({ url, headers }, response) => {
      asked.push([url, headers.authorization]);
      const refused = headers.authorization !== "Bearer of-the-job";
      response.writeHead(refused ? 401 : 200).end(refused ? "{}" : '{"value":"token"}');
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    try {
      const { port } = server.address() as AddressInfo;
      const assertionBy = (bearer: string) => {
        const signIn = signInOf({
          ...federated,
          ACTIONS_ID_TOKEN_REQUEST_URL: `https://localhost:${port}/token?api-version=2`,
          ACTIONS_ID_TOKEN_REQUEST_TOKEN: bearer,
        });
        assert(signIn.by === "identity token");
        return signIn.assertion();
      };
      assert.equal(await assertionBy("of-the-job"), "token");
      assert.deepEqual(asked, [
        ["/token?api-version=2&audience=api%3A%2F%2FAzureADTokenExchange", "Bearer of-the-job"],
      ]);
      await assert.rejects(assertionBy("of-another"), /refused with status 401/);
    } finally {
      server.close();
    }
  });

  it("says what is missing when the job may not ask for a token", async () => {
    const signIn = signInOf(federated);
    assert(signIn.by === "identity token");
    await assert.rejects(signIn.assertion(), /id-token: write/);
  });
});
