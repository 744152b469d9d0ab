// The token endpoint over HTTPS: tokens for the right secret, Entra's code, text and status for every other request.
import assert from "node:assert/strict";
import { decodeJwt, decodeProtectedHeader } from "jose";
import { addPassword, removePassword } from "../../cloud/credentials";
import { grantAppRole, setApplicationEnabled } from "../../cloud/mutations";
import { request } from "../../shared/https";
import { type Client, type Cloud, credentials, startCloud } from "./harness";

interface ErrorBody {
  readonly error: string;
  readonly error_description: string;
  readonly error_codes: number[];
  readonly timestamp: string;
  readonly trace_id: string;
  readonly correlation_id: string;
}

describe("startLogin", () => {
  let cloud: Cloud;
  let client: Client;
  let fields: Record<string, string>;
  before(async () => (cloud = await startCloud()));
  after(() => cloud.close());
  beforeEach(() => {
    client = cloud.client("Group.Read.All", "User.Read.All");
    fields = credentials(client.clientId, client.clientSecret, cloud.context.endpoints.graphUrl);
  });

  it("gives a signed v1.0 app token with the roles of the principal", async () => {
    const answer = await cloud.signIn(fields);
    assert.equal(answer.status, 200, answer.text);
    const body = answer.json as Record<string, unknown>;
    assert.equal(body["token_type"], "Bearer");
    assert.equal(body["expires_in"], 3599);
    const claims = decodeJwt(String(body["access_token"]));
    const { tenantId, endpoints } = cloud.context;
    assert.equal(claims.aud, endpoints.graphUrl);
    assert.equal(claims.iss, `https://sts.windows.net/${tenantId}/`);
    assert.equal(claims["appid"], client.clientId);
    assert.equal(claims["oid"], client.servicePrincipalObjectId);
    assert.equal(claims.sub, client.servicePrincipalObjectId);
    assert.equal(claims["tid"], tenantId);
    assert.equal(claims["ver"], "1.0");
    assert.equal(claims["idtyp"], "app");
    assert.deepEqual(claims["roles"], ["Group.Read.All", "User.Read.All"]);
  });

  it("dates tokens by the real clock though the lab clock is months ahead", async () => {
    cloud.context.clock.advance("P3M");
    const answer = await cloud.signIn(fields);
    const claims = decodeJwt((answer.json as { access_token: string }).access_token);
    const now = Date.now() / 1000;
    assert.ok(Math.abs((claims.iat ?? 0) - now) < 60);
    assert.ok(Math.abs((claims.exp ?? 0) - now - 3600) < 60);
  });

  it("publishes the key that signed the token", async () => {
    const answer = await cloud.signIn(fields);
    const { kid } = decodeProtectedHeader((answer.json as { access_token: string }).access_token);
    const { endpoints, certificates, tenantId } = cloud.context;
    const get = (url: string) => request({ method: "GET", url, caPem: certificates.caPem });
    const discovery = await get(
      `${endpoints.loginUrl}/${tenantId}/v2.0/.well-known/openid-configuration`,
    );
    const { jwks_uri: keysUrl, token_endpoint: tokenUrl } = discovery.json as Record<
      string,
      string
    >;
    assert.equal(tokenUrl, `${endpoints.loginUrl}/${tenantId}/oauth2/v2.0/token`);
    const keys = (await get(keysUrl ?? "")).json as { keys: { kid: string }[] };
    assert.deepEqual(
      keys.keys.map((key) => key.kid),
      [kid],
    );
  });

  it("tells Microsoft's clients which names are its own, and where its discovery document is", async () => {
    const { endpoints, certificates } = cloud.context;
    const get = (url: string) => request({ method: "GET", url, caPem: certificates.caPem });
    const { json } = await get(`${endpoints.loginUrl}/common/discovery/instance?api-version=1.1`);
    const told = json as {
      tenant_discovery_endpoint: string;
      metadata: { preferred_network: string; aliases: string[] }[];
    };
    assert.equal((await get(told.tenant_discovery_endpoint)).status, 200);
    const [ours] = told.metadata;
    assert.equal(ours?.preferred_network, "login.microsoftonline.com");
    assert(ours.aliases.includes(ours.preferred_network));
  });

  it("takes client id and secret by Basic authentication", async () => {
    const { client_id: clientId, client_secret: secret, ...rest } = fields;
    const basic = Buffer.from(`${clientId}:${encodeURIComponent(secret ?? "")}`).toString("base64");
    assert.equal((await cloud.signIn(rest, { basic })).status, 200);
  });

  it("answers the v1 endpoint with text numbers and the resource", async () => {
    delete fields["scope"];
    const resource = "https://graph.microsoft.com/";
    const answer = await cloud.signIn({ ...fields, resource }, { v1: true });
    const body = answer.json as Record<string, string>;
    assert.equal(body["expires_in"], "3599");
    assert.equal(body["resource"], "https://graph.microsoft.com");
    assert.equal(decodeJwt(body["access_token"] ?? "").aud, "https://graph.microsoft.com");
  });

  it("answers to the tenant's domain name as to its id", async () => {
    const tenant = "keyturnlab.onmicrosoft.com";
    assert.equal((await cloud.signIn(fields, { tenant })).status, 200);
  });

  it("writes the whole error document, findable by its ids", async () => {
    const answer = await cloud.signIn({ ...fields, client_secret: "wrong" });
    const body = answer.json as ErrorBody;
    const { trace_id: traceId, correlation_id: correlationId, timestamp } = body;
    assert.match(timestamp, /^\d{4}-\d\d-\d\d \d\d:\d\d:\d\dZ$/);
    assert.equal(
      body.error_description,
      `AADSTS7000215: Invalid client secret provided. Ensure the secret being sent in the request is the client secret value, not the client secret ID, for a secret added to app '${client.clientId}'. Trace ID: ${traceId} Correlation ID: ${correlationId} Timestamp: ${timestamp}`,
    );
    assert.equal(answer.headers["x-ms-request-id"], traceId);
  });

  const UNKNOWN = "11111111-2222-3333-4444-555555555555";
  const refusals: readonly {
    readonly when: string;
    readonly code: number;
    readonly status: number;
    readonly error: string;
    readonly change?: Record<string, string | undefined>;
    readonly tenant?: string;
    readonly v1?: boolean;
    readonly arrange?: () => void;
  }[] = [
    {
      when: "the secret is wrong",
      code: 7000215,
      status: 401,
      error: "invalid_client",
      change: { client_secret: "x" },
    },
    {
      when: "the Secret ID is sent for the value",
      code: 7000215,
      status: 401,
      error: "invalid_client",
      change: { client_secret: UNKNOWN },
    },
    {
      when: "no secret is sent",
      code: 7000216,
      status: 401,
      error: "invalid_client",
      change: { client_secret: undefined },
    },
    {
      when: "the secret has expired",
      code: 7000222,
      status: 401,
      error: "invalid_client",
      arrange: () => cloud.context.clock.advance("P3Y"),
    },
    {
      when: "the application is unknown",
      code: 700016,
      status: 400,
      error: "unauthorized_client",
      change: { client_id: UNKNOWN },
    },
    {
      when: "the tenant is unknown",
      code: 90002,
      status: 400,
      error: "invalid_request",
      tenant: UNKNOWN,
    },
    {
      when: "the tenant's domain is unknown",
      code: 90002,
      status: 400,
      error: "invalid_request",
      tenant: "example.com",
    },
    {
      when: "the tenant is neither id nor domain",
      code: 900023,
      status: 400,
      error: "invalid_request",
      tenant: "my_tenant",
    },
    {
      when: "the scope is missing",
      code: 900144,
      status: 400,
      error: "invalid_request",
      change: { scope: undefined },
    },
    {
      when: "the client id is missing",
      code: 900144,
      status: 400,
      error: "invalid_request",
      change: { client_id: undefined },
    },
    {
      when: "the grant type is missing",
      code: 900144,
      status: 400,
      error: "invalid_request",
      change: { grant_type: undefined },
    },
    {
      when: "the v1 resource is missing",
      code: 900144,
      status: 400,
      error: "invalid_request",
      v1: true,
    },
    {
      when: "the scope does not end in /.default",
      code: 1002012,
      status: 400,
      error: "invalid_scope",
      change: { scope: "https://graph.microsoft.com/User.Read" },
    },
    {
      when: "two resources are asked for",
      code: 70011,
      status: 400,
      error: "invalid_scope",
      change: { scope: "https://graph.microsoft.com/.default https://vault.azure.net/.default" },
    },
    {
      when: "the resource is unknown",
      code: 500011,
      status: 400,
      error: "invalid_resource",
      change: { scope: "https://example.com/.default" },
    },
    {
      when: "the grant type is another",
      code: 70003,
      status: 400,
      error: "unsupported_grant_type",
      change: { grant_type: "magic" },
    },
    {
      when: "the principal is disabled",
      code: 7000112,
      status: 400,
      error: "unauthorized_client",
      arrange: () => setApplicationEnabled(cloud.context.directory, client.clientId, false),
    },
    {
      when: "the application has no principal",
      code: 7000229,
      status: 400,
      error: "unauthorized_client",
      arrange: () =>
        cloud.context.directory.servicePrincipals.delete(client.servicePrincipalObjectId),
    },
    {
      when: "the application is deleted",
      code: 700016,
      status: 400,
      error: "unauthorized_client",
      arrange: () => {
        const found = cloud.context.directory.applicationByClientId(client.clientId);
        if (found) cloud.context.directory.deleteApplication(found);
      },
    },
  ];
  for (const { when, code, status, error, change = {}, arrange, ...options } of refusals) {
    it(`refuses with AADSTS${code} when ${when}`, async () => {
      arrange?.();
      const sent = Object.entries({ ...fields, ...change }).filter(
        (pair): pair is [string, string] => pair[1] !== undefined,
      );
      const answer = await cloud.signIn(Object.fromEntries(sent), options);
      const body = answer.json as ErrorBody;
      assert.deepEqual(body.error_codes, [code], answer.text);
      assert.equal(answer.status, status);
      assert.equal(body.error, error);
      assert.ok(body.error_description.startsWith(`AADSTS${code}: `));
    });
  }

  it("names the application in the refusal of an expired secret", async () => {
    const application = cloud.context.directory.applicationByClientId(client.clientId);
    assert.ok(application);
    cloud.context.clock.advance("P3Y");
    const answer = await cloud.signIn(fields);
    assert.match(
      (answer.json as ErrorBody).error_description,
      new RegExp(`client secret keys for app '${client.clientId}' are expired`),
    );
  });

  it("takes roles into the token that were granted after the last one", async () => {
    grantAppRole(cloud.context.directory, client.clientId, "MailboxSettings.Read");
    const answer = await cloud.signIn(fields);
    const { roles } = decodeJwt<{ roles: string[] }>(
      (answer.json as { access_token: string }).access_token,
    );
    assert.ok(roles.includes("MailboxSettings.Read"));
  });

  it("logs each attempt with its code and the key id that matched", async () => {
    await cloud.signIn(fields);
    await cloud.signIn({ ...fields, client_secret: "wrong" });
    const [good, bad] = cloud.context.directory.signIns.filter(
      (one) => one.clientId === client.clientId,
    );
    assert.equal(good?.ok, true);
    assert.equal(good.keyId, client.keyId);
    assert.equal(good.ipAddress, "127.0.0.1");
    assert.equal(bad?.errorCode, 7000215);
    assert.equal(bad.keyId, undefined);
  });
});

describe("a client secret's life at sign-in", () => {
  let cloud: Cloud;
  before(async () => {
    cloud = await startCloud({
      propagationSeconds: 90,
      replicaSpreadSeconds: 60,
      removalDelaySeconds: 30,
    });
  });
  after(() => cloud.close());

  const codeOf = async (client: Client, secret: string): Promise<number> => {
    const { endpoints } = cloud.context;
    const answer = await cloud.signIn(credentials(client.clientId, secret, endpoints.graphUrl));
    return answer.status === 200 ? 0 : ((answer.json as ErrorBody).error_codes[0] ?? -1);
  };
  const issue = (client: Client) => {
    const application = cloud.context.directory.applicationByClientId(client.clientId);
    assert.ok(application);
    return { application, password: addPassword(cloud.context.directory, application) };
  };

  it("is refused as invalid until it has propagated, accepted by turns while replicas differ, then always", async () => {
    const client = cloud.client();
    const { password } = issue(client);
    assert.equal(await codeOf(client, password.value), 7000215);
    cloud.context.clock.advance("PT89S");
    assert.equal(await codeOf(client, password.value), 7000215);
    cloud.context.clock.advance("PT1S");
    const flapping = [];
    for (let n = 0; n < 4; n += 1) flapping.push(await codeOf(client, password.value));
    assert.deepEqual(flapping, [0, 7000215, 0, 7000215]);
    cloud.context.clock.advance("PT60S");
    assert.deepEqual(
      [await codeOf(client, password.value), await codeOf(client, password.value)],
      [0, 0],
    );
  });

  it("signs in after its removal for as long as the removal takes, then is invalid", async () => {
    const client = cloud.client();
    const application = cloud.context.directory.applicationByClientId(client.clientId);
    assert.ok(application);
    assert.ok(removePassword(cloud.context.directory, application, client.keyId));
    assert.equal(await codeOf(client, client.clientSecret), 0);
    cloud.context.clock.advance("PT30S");
    assert.equal(await codeOf(client, client.clientSecret), 7000215);
  });

  it("leaves the other secrets of its application alone", async () => {
    const client = cloud.client();
    const { application, password } = issue(client);
    cloud.context.clock.advance("PT3M");
    removePassword(cloud.context.directory, application, client.keyId);
    cloud.context.clock.advance("PT1M");
    assert.equal(await codeOf(client, client.clientSecret), 7000215);
    assert.equal(await codeOf(client, password.value), 0);
  });
});
