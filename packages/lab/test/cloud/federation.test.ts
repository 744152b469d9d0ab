// Sign-in by a job's identity token: asked for as GitHub Actions and Azure Pipelines let a job ask, exchanged at Entra for the
// application whose federated credential it fulfils, and refused in Entra's codes otherwise.
import assert from "node:assert/strict";
import { AzurePipelinesCredential, ClientAssertionCredential } from "@azure/identity";
import { type JWTPayload, decodeJwt } from "jose";
import { addFederatedCredential } from "../../cloud/federated-credentials";
import { Issuer, type TokenTimes } from "../../cloud/jobs/issuer";
import {
  AZURE_ISSUER,
  EXCHANGE_AUDIENCE,
  type GitHubJob,
  GITHUB_ISSUER,
  type Job,
  subjectOf,
} from "../../cloud/jobs/jobs";
import { startJobs, variablesOf } from "../../cloud/jobs/server";
import type { RunningServer } from "../../cloud/server";
import { type HttpResponse, request } from "../../shared/https";
import { type Client, type Cloud, startCloud, trust, valuesOf } from "./harness";

const JOB: GitHubJob = {
  system: "github",
  repository: "contoso/keyturn",
  environment: "production",
  branch: "main",
};
const SUBJECT = "repo:contoso/keyturn:environment:production";

describe("a job's sign-in without a secret", () => {
  let cloud: Cloud;
  let server: RunningServer;
  let pipeline: Client;
  let distrust: () => void;
  before(async () => {
    cloud = await startCloud();
    server = await startJobs(cloud.context, 0);
    distrust = trust(cloud.context.certificates.caPem);
  });
  after(async () => {
    distrust();
    await Promise.all([server.close(), cloud.close()]);
  });
  beforeEach(() => {
    pipeline = cloud.client("Group.Read.All");
    believe(GITHUB_ISSUER, SUBJECT);
  });

  /** Gives the pipeline's application one more federated credential. */
  function believe(issuer: string, subject: string, audience = EXCHANGE_AUDIENCE): string {
    const application = cloud.context.directory.applicationByClientId(pipeline.clientId);
    assert(application);
    const name = `credential-${application.federatedCredentials.length}`;
    const given = { name, issuer, subject, audiences: [audience], description: null };
    return addFederatedCredential(application, given).credentialId;
  }

  /** What the system's own step does: asks for the token of a job that has just begun. */
  async function askFor(job: Job, query: Readonly<Record<string, string>>): Promise<HttpResponse> {
    const variables = variablesOf(cloud.context, cloud.context.jobs.start(job));
    const url = new URL(
      variables["ACTIONS_ID_TOKEN_REQUEST_URL"] ?? variables["SYSTEM_OIDCREQUESTURI"] ?? "",
    );
    for (const [name, value] of Object.entries(query)) url.searchParams.set(name, value);
    const bearer =
      variables["ACTIONS_ID_TOKEN_REQUEST_TOKEN"] ?? variables["SYSTEM_ACCESSTOKEN"] ?? "";
    return request({
      method: job.system === "github" ? "GET" : "POST",
      url: url.href,
      headers: { authorization: `Bearer ${bearer}` },
      caPem: cloud.context.certificates.caPem,
    });
  }

  async function gitHubToken(job: Job = JOB, audience = EXCHANGE_AUDIENCE): Promise<string> {
    const { json } = await askFor(job, { audience });
    return (json as { value: string }).value;
  }

  function exchange(assertion: string, change: Readonly<Record<string, string>> = {}) {
    return cloud.signIn({
      grant_type: "client_credentials",
      client_id: pipeline.clientId,
      client_assertion_type: "urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
      client_assertion: assertion,
      scope: `${cloud.context.endpoints.graphUrl}/.default`,
      ...change,
    });
  }

  it("reads Graph with the rights of the application, by the token of a GitHub job", async () => {
    const answer = await exchange(await gitHubToken());
    assert.equal(answer.status, 200, answer.text);
    const { access_token: token } = answer.json as { access_token: string };
    assert.equal(decodeJwt(token)["appid"], pipeline.clientId);
    const groups = await cloud.graph("GET", "/v1.0/groups", { token });
    assert.deepEqual([groups.status, valuesOf(groups)], [200, []]);
    assert.equal((await cloud.graph("GET", "/v1.0/users", { token })).status, 403);
  });

  it("works for Microsoft's own client too", async () => {
    const { tenantId, endpoints } = cloud.context;
    const credential = new ClientAssertionCredential(
      tenantId,
      pipeline.clientId,
      () => gitHubToken(),
      { authorityHost: endpoints.loginUrl, disableInstanceDiscovery: true },
    );
    const { token } = await credential.getToken(`${endpoints.graphUrl}/.default`);
    assert.equal(decodeJwt(token)["appid"], pipeline.clientId);
  });

  it("works for Microsoft's own client of Azure Pipelines, by the job's service connection", async () => {
    const job = {
      system: "azure",
      organisation: "contoso",
      project: "it",
      serviceConnection: "keyturn",
    } as const;
    believe(AZURE_ISSUER, "sc://contoso/it/keyturn");
    const running = cloud.context.jobs.start(job);
    const { SYSTEM_OIDCREQUESTURI: address = "" } = variablesOf(cloud.context, running);
    process.env["SYSTEM_OIDCREQUESTURI"] = address;
    try {
      const { tenantId, endpoints } = cloud.context;
      const options = { authorityHost: endpoints.loginUrl, disableInstanceDiscovery: true };
      const credentialOf = (connection: string): AzurePipelinesCredential =>
        new AzurePipelinesCredential(
          tenantId,
          pipeline.clientId,
          connection,
          running.bearer,
          options,
        );
      const scope = `${endpoints.graphUrl}/.default`;
      const { token } = await credentialOf(running.serviceConnectionId).getToken(scope);
      assert.equal(decodeJwt(token)["appid"], pipeline.clientId);
      await assert.rejects(credentialOf("another").getToken(scope), /oidcToken field not detected/);
    } finally {
      delete process.env["SYSTEM_OIDCREQUESTURI"];
    }
  });

  it("is in the sign-in log with the federated credential, and with no key id", async () => {
    const credentialId = believe(GITHUB_ISSUER, "repo:contoso/keyturn:ref:refs/heads/main");
    const { system, repository, branch } = JOB;
    await exchange(await gitHubToken({ system, repository, branch }));
    const last = cloud.context.directory.signIns.at(-1);
    assert.deepEqual([last?.ok, last?.federatedCredentialId], [true, credentialId]);
    assert.equal(last?.keyId, undefined);
  });

  const REFUSALS: readonly {
    readonly when: string;
    readonly code: number;
    readonly says: RegExp;
    readonly arrange?: () => void;
    readonly token?: () => Promise<string>;
  }[] = [
    {
      when: "another environment's job asks",
      code: 700213,
      says: /assertion subject 'repo:contoso\/keyturn:environment:test'/,
      token: () => gitHubToken({ ...JOB, environment: "test" }),
    },
    {
      when: "a job of another repository asks",
      code: 700213,
      says: /assertion subject 'repo:stranger\/keyturn:environment:production'/,
      token: () => gitHubToken({ ...JOB, repository: "stranger/keyturn" }),
    },
    {
      when: "the subject differs in case only",
      code: 7002138,
      says: /but not with case-sensitive comparison/,
      token: () => gitHubToken({ ...JOB, environment: "Production" }),
    },
    {
      when: "the token is for somebody else",
      code: 700212,
      says: /assertion audience 'https:\/\/github.com\/contoso'/,
      token: () => gitHubToken(JOB, "https://github.com/contoso"),
    },
    {
      when: "the issuer is another that the lab knows",
      code: 700211,
      says: /assertion issuer 'https:\/\/vstoken\.dev\.azure\.com\//,
      token: () => signed(cloud.context.jobs.issuers.azure),
    },
    {
      when: "the issuer has a slash more",
      code: 700211,
      says: /assertion issuer 'https:\/\/token\.actions\.githubusercontent\.com\/'/,
      token: () => signed(new Issuer(`${GITHUB_ISSUER}/`)),
    },
    {
      when: "somebody else signed it in the issuer's name",
      code: 7000272,
      says: /could not be found in the metadata/,
      token: () => signed(new Issuer(GITHUB_ISSUER)),
    },
    {
      when: "it was changed after it was signed",
      code: 50013,
      says: /signature/,
      token: async () => {
        const [head, , signature] = (await gitHubToken({ ...JOB, environment: "test" })).split(".");
        const [, body] = (await gitHubToken()).split(".");
        return `${head}.${body}.${signature}`;
      },
    },
    {
      when: "its time is over",
      code: 700024,
      says: /not within its valid time range/,
      token: () => signed(cloud.context.jobs.issuers.github, { lifetimeSeconds: -60 }),
    },
    {
      when: "its time has not begun",
      code: 700024,
      says: /not within its valid time range/,
      token: () =>
        signed(cloud.context.jobs.issuers.github, { lifetimeSeconds: 300, notBeforeSeconds: 600 }),
    },
    {
      when: "it is no token at all",
      code: 50027,
      says: /malformed/,
      token: () => Promise.resolve("not.a.token"),
    },
    {
      when: "the application has no federated credential",
      code: 70025,
      says: /has no configured federated identity credentials/,
      arrange: () => (pipeline = cloud.client()),
    },
  ];

  function signed(
    issuer: Issuer,
    times: TokenTimes = { lifetimeSeconds: 300 },
    claims: JWTPayload = { sub: subjectOf(JOB) },
  ): Promise<string> {
    return issuer.sign(claims, EXCHANGE_AUDIENCE, times);
  }

  for (const { when, code, says, arrange, token = gitHubToken } of REFUSALS) {
    it(`is refused with AADSTS${code} when ${when}`, async () => {
      arrange?.();
      const answer = await exchange(await token());
      const {
        error,
        error_codes: codes,
        error_description: text,
      } = answer.json as {
        error: string;
        error_codes: number[];
        error_description: string;
      };
      assert.deepEqual([answer.status, error, codes], [401, "invalid_client", [code]], text);
      assert.match(text, says);
    });
  }

  it("is refused when the assertion is of another kind", async () => {
    const answer = await exchange(await gitHubToken(), { client_assertion_type: "saml" });
    assert.deepEqual((answer.json as { error_codes: number[] }).error_codes, [7000216]);
  });

  it("gives nobody a token who does not know the job's bearer, or has another job's", async () => {
    const [one, other] = [cloud.context.jobs.start(JOB), cloud.context.jobs.start(JOB)];
    const { ACTIONS_ID_TOKEN_REQUEST_URL: url = "" } = variablesOf(cloud.context, one);
    const { caPem } = cloud.context.certificates;
    for (const headers of [{}, { authorization: `Bearer ${other.bearer}` }]) {
      assert.equal((await request({ method: "GET", url, headers, caPem })).status, 401);
    }
  });

  it("keeps bearers and tokens for the search for leaks", async () => {
    const token = await gitHubToken();
    assert(cloud.context.directory.secretValues.has(token));
  });
});
