// How the stand-ins sign in where no secret is stored: by a job's identity token, given or asked for, as the vendors' plugins do.
import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { GITHUB_ISSUER, type Job, subjectOf } from "../../cloud/jobs/jobs";
import { startJobs, variablesOf } from "../../cloud/jobs/server";
import { believeJob } from "../../cloud/mutations";
import type { RunningServer } from "../../cloud/server";
import { createAzureadStandIn } from "../../plugins/azuread/stand-in";
import { readConfiguration } from "../../plugins/azure-native/client/configuration";
import { Azure } from "../../plugins/azure-native/azure";
import { readClientCredential } from "../../plugins/client-credential";
import { type Client, type Cloud, startCloud } from "../cloud/harness";

const JOB: Job = {
  system: "github",
  repository: "contoso/keyturn",
  environment: "production",
  branch: "main",
};

describe("the stand-ins' sign-in without a secret", () => {
  let cloud: Cloud;
  let jobs: RunningServer;
  let pipeline: Client;
  let folder: string;
  const trusted = process.env["SSL_CERT_FILE"];
  before(async () => {
    cloud = await startCloud();
    jobs = await startJobs(cloud.context, 0);
    folder = mkdtempSync(join(tmpdir(), "client-credential-"));
    process.env["SSL_CERT_FILE"] = join(folder, "ca.pem");
    writeFileSync(join(folder, "ca.pem"), cloud.context.certificates.caPem);
    pipeline = cloud.client("Group.Read.All");
    const given = { name: "production", issuer: GITHUB_ISSUER, subject: subjectOf(JOB) };
    believeJob(cloud.context.directory, pipeline.clientId, given);
  });
  after(async () => {
    await Promise.all([jobs.close(), cloud.close()]);
    rmSync(folder, { recursive: true });
    if (trusted === undefined) delete process.env["SSL_CERT_FILE"];
    else process.env["SSL_CERT_FILE"] = trusted;
  });

  /** The environment of a pipeline's step, with what its system adds for a job. */
  function environmentOf(job: Job): Record<string, string> {
    const { context } = cloud;
    return {
      ARM_METADATA_HOSTNAME: new URL(context.endpoints.loginUrl).host,
      ARM_TENANT_ID: context.tenantId,
      ARM_SUBSCRIPTION_ID: context.subscriptionId,
      ARM_CLIENT_ID: pipeline.clientId,
      ARM_USE_OIDC: "true",
      ...variablesOf(context, context.jobs.start(job)),
    };
  }

  const azuread = async (environment: Record<string, string>): Promise<string> => {
    const signal = AbortSignal.timeout(20_000);
    const context = { configuration: undefined, urn: "", signal, log: () => Promise.resolve() };
    return (await createAzureadStandIn(environment).configure({}, context)).caller.objectId;
  };
  const azureNative = async (environment: Record<string, string>): Promise<string> => {
    const azure = await Azure.connect(readConfiguration({}, environment));
    return (await azure.identity(AbortSignal.timeout(20_000))).objectId;
  };

  for (const [name, signIn] of Object.entries({ azuread, azureNative })) {
    it(`asks for the token of the job that it runs in, as ${name}`, async () => {
      assert.equal(await signIn(environmentOf(JOB)), pipeline.servicePrincipalObjectId);
    });

    it(`takes a token that is given, as ${name}`, async () => {
      const { context } = cloud;
      const token = await context.jobs.token(context.jobs.start(JOB), "api://AzureADTokenExchange");
      const given = { ...environmentOf(JOB), ARM_OIDC_TOKEN: token };
      Reflect.deleteProperty(given, "ACTIONS_ID_TOKEN_REQUEST_URL");
      assert.equal(await signIn(given), pipeline.servicePrincipalObjectId);
    });

    it(`is refused in Entra's words when the job is another, as ${name}`, async () => {
      const environment = environmentOf({ ...JOB, environment: "test" });
      await assert.rejects(signIn(environment), /AADSTS700213.*environment:test/s);
    });

    it(`says what is missing where the job may ask for no token, as ${name}`, async () => {
      const environment = environmentOf(JOB);
      Reflect.deleteProperty(environment, "ACTIONS_ID_TOKEN_REQUEST_TOKEN");
      await assert.rejects(signIn(environment), /oidcToken .*ARM_OIDC_TOKEN/s);
    });

    it(`asks for no token unless OIDC is chosen, as ${name}`, async () => {
      await assert.rejects(
        signIn({ ...environmentOf(JOB), ARM_USE_OIDC: "false" }),
        /clientSecret .*ARM_CLIENT_SECRET/s,
      );
    });
  }

  it("takes the provider's configuration before the environment, and its own variables before GitHub's", () => {
    const environment = {
      ARM_OIDC_REQUEST_URL: "of the provider",
      ACTIONS_ID_TOKEN_REQUEST_URL: "of GitHub",
      ARM_OIDC_REQUEST_TOKEN: "of the environment",
    };
    const args = { useOidc: true, oidcRequestToken: "of the configuration" };
    assert.deepEqual(readClientCredential(args, environment), {
      clientSecret: "",
      useOidc: true,
      oidcToken: "",
      oidcRequestUrl: "of the provider",
      oidcRequestToken: "of the configuration",
    });
  });
});
