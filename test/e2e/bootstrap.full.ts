// The template's bootstrap program on the lab, by the engine: an administrator makes what it makes, and a GitHub job signs in as the
// identity that came of it. What that identity may do is what docs/rights.md says, and no more.
import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import {
  cpSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { z } from "zod";
import { ROLES } from "../../docs/template/bootstrap/rights";
import { runEngine } from "../../packages/cli/engine";
import { KeyturnStack } from "../../packages/cli/stack";
import { type HttpResponse, request } from "../../packages/lab/shared/https";
import { E2E_TIMEOUT_MS, type LabStack, PLUGINS, closing } from "../helpers/lab-stack";
import { leaksIn, leaksInFolder } from "../helpers/leaks";
import { inClone } from "../helpers/paths";
import { stackServedByPeople } from "../helpers/people";

const GROUP = "rg-keyturn";
const READER = "0a1b2c3d-4e5f-4071-8293-a4b5c6d7e8f9";
const SECRETS_USER = "4633458b-17de-408a-b874-0445c86b69e6";

const Outputs = z.object({
  clientId: z.guid(),
  tenantId: z.guid(),
  subscriptionId: z.guid(),
  ownerObjectId: z.guid(),
  vaultResourceGroup: z.string(),
  backendUrl: z.string(),
  storageAccount: z.string(),
  secretsProvider: z.string(),
});

describe("the template's bootstrap program on the lab", function () {
  this.timeout(E2E_TIMEOUT_MS);
  if (PLUGINS === "vendor") {
    it("is not run: the vendor's plugins take their sign-in from the engine's environment");
    return;
  }
  let labStack: LabStack;
  let folder: string;
  let bootstrap: KeyturnStack;
  let outputs: z.infer<typeof Outputs>;
  let printed = "";
  const noting = { onOutput: (text: string) => (printed += text) };

  before(async () => {
    folder = mkdtempSync(join(tmpdir(), "keyturn-bootstrap-"));
    labStack = await stackServedByPeople("ci-sync", "2026-11-21T08:00:00Z", {
      "keyturn:vaultResourceGroup": GROUP,
      "keyturn:vaultReaders": [{ principalObjectId: READER, principalType: "Group" }],
    });
    const { rehearsal } = labStack;
    const { subscriptionId } = await rehearsal.status();
    // The rights of the administrator who runs it: on the subscription, and on every application.
    const scope = `/subscriptions/${subscriptionId}`;
    await rehearsal.control.azure("grant-role", { role: "Owner", scope });
    const { ARM_CLIENT_ID: clientId = "" } = await rehearsal.control.environment();
    const role = "Application.ReadWrite.All";
    await rehearsal.control.directory("grant-role", { clientId, role });
    bootstrap = await makeStack(folder, rehearsal.environment, subscriptionId);
  });
  after(closing(() => labStack));
  after(() => rmSync(folder, { recursive: true, force: true }));

  /** A call of a job, by a token for the audience that its identity token was exchanged for. */
  async function callAs(
    environment: string,
    audience: "arm" | "graph",
  ): Promise<(method: string, path: string, body?: unknown) => Promise<HttpResponse>> {
    const { control, environment: variables } = labStack.rehearsal;
    const { endpoints } = await labStack.rehearsal.status();
    const caPem = readFileSync(variables["SSL_CERT_FILE"] ?? "", "utf8");
    const order = { system: "github", repository: "contoso/keyturn", environment } as const;
    const { ACTIONS_ID_TOKEN_REQUEST_URL: url = "", ACTIONS_ID_TOKEN_REQUEST_TOKEN: bearer = "" } =
      (await control.startJob(order)).variables;
    const asked = new URL(url);
    asked.searchParams.set("audience", "api://AzureADTokenExchange");
    const headers = { authorization: `Bearer ${bearer}` };
    const job = await request({ method: "GET", url: asked.href, headers, caPem });
    const base = audience === "arm" ? endpoints.armUrl : endpoints.graphUrl;
    const exchanged = await request({
      method: "POST",
      url: `${endpoints.loginUrl}/${outputs.tenantId}/oauth2/v2.0/token`,
      headers: { "content-type": "application/x-www-form-urlencoded" },
      body: new URLSearchParams({
        grant_type: "client_credentials",
        client_id: outputs.clientId,
        client_assertion_type: "urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
        client_assertion: String((job.json as { value?: string }).value),
        scope: `${base}/.default`,
      }).toString(),
      caPem,
    });
    const { access_token: token, error_description: why } = exchanged.json as Record<
      string,
      string
    >;
    if (token === undefined) throw new Error(why);
    return (method, path, body) =>
      request({
        method,
        url: `${base}${path}`,
        headers: { authorization: `Bearer ${token}` },
        caPem,
        ...(body !== undefined && { body }),
      });
  }

  it("makes everything in one run, and nothing in a second", async () => {
    await bootstrap.up(noting);
    await bootstrap.up({ ...noting, expectNoChanges: true });
    outputs = Outputs.parse(await bootstrap.outputs());
    const { backendUrl, storageAccount, vaultResourceGroup, secretsProvider } = outputs;
    assert.deepEqual(
      [backendUrl, storageAccount, vaultResourceGroup],
      ["azblob://state", "stkeyturn", GROUP],
    );
    assert.match(
      secretsProvider,
      /^azurekeyvault:\/\/kv-keyturn-state\.[^/]+\/keys\/state\/[0-9a-f]{32}$/,
    );
  });

  it("lets a job of the stack's environment deploy the stack, with no secret of its own", async () => {
    const { control } = labStack.rehearsal;
    const variables = await control.environment();
    Reflect.deleteProperty(variables, "ARM_CLIENT_SECRET");
    const order = { system: "github", repository: "contoso/keyturn" } as const;
    const job = await control.startJob({ ...order, environment: "production" });
    await control.signInBy({
      ...variables,
      ...job.variables,
      ARM_CLIENT_ID: outputs.clientId,
      ARM_USE_OIDC: "true",
    });
    await labStack.up();
    const signIns = await control.signIns(outputs.clientId);
    assert(signIns.some((one) => one.ok && one.federatedCredentialId !== undefined));
    assert(signIns.every((one) => one.ok && one.keyId === undefined));
  });

  it("lets it assign the one role that reads secrets, and no other", async () => {
    const arm = await callAs("production", "arm");
    const put = async (role: string): Promise<number> => {
      const group = `/subscriptions/${outputs.subscriptionId}/resourceGroups/${GROUP}`;
      const path = `${group}/providers/Microsoft.Authorization/roleAssignments/${randomUUID()}`;
      const roleDefinitionId = `/subscriptions/${outputs.subscriptionId}/providers/Microsoft.Authorization/roleDefinitions/${role}`;
      const properties = { roleDefinitionId, principalId: READER, principalType: "Group" };
      return (await arm("PUT", `${path}?api-version=2022-04-01`, { properties })).status;
    };
    assert.equal(await put(SECRETS_USER), 201);
    assert.equal(await put(ROLES["Key Vault Secrets Officer"]), 403);
    assert.equal(await put(ROLES.Contributor), 403);
  });

  it("gives it nothing outside its resource group but the container and the key of the state", async () => {
    const arm = await callAs("production", "arm");
    const state = `/subscriptions/${outputs.subscriptionId}/resourceGroups/rg-keyturn-state`;
    const account = `${state}/providers/Microsoft.Storage/storageAccounts/stkeyturn`;
    const container = `${account}/blobServices/default/containers/state?api-version=2024-01-01`;
    assert.equal((await arm("GET", container)).status, 200);
    assert.equal((await arm("GET", `${account}?api-version=2024-01-01`)).status, 403);
    assert.equal((await arm("GET", `${state}?api-version=2024-03-01`)).status, 403);
    const vault = `${state}/providers/Microsoft.KeyVault/vaults/kv-keyturn-state?api-version=2026-02-01`;
    assert.equal((await arm("GET", vault)).status, 403);
  });

  it("refuses it the applications of others, and people", async () => {
    const { control } = labStack.rehearsal;
    const other = await control.directory("create-application", { displayName: "of others" });
    const graph = await callAs("production", "graph");
    const path = `/v1.0/applications/${String(other["applicationObjectId"])}`;
    assert.equal((await graph("GET", path)).status, 200);
    assert.equal((await graph("POST", `${path}/addPassword`, {})).status, 403);
    assert.equal((await graph("PATCH", path, { displayName: "mine" })).status, 403);
    assert.equal((await graph("GET", "/v1.0/users")).status, 403);
  });

  it("trusts no job of another environment", async () => {
    await assert.rejects(callAs("staging", "arm"), /AADSTS700213: .*environment:staging/);
  });

  it("puts no secret into its state, its files or what it prints", async () => {
    const secrets = await labStack.rehearsal.control.secretValues();
    assert(secrets.length >= 4);
    assert.deepEqual(leaksIn("printed", printed + labStack.printed, secrets), []);
    assert.deepEqual(leaksInFolder(join(folder, "bootstrap"), secrets), []);
  });
});

/** As README.md says: the folder of a project of one's own, a state in it, and the config. */
async function makeStack(
  folder: string,
  environment: Readonly<Record<string, string>>,
  subscriptionId: string,
): Promise<KeyturnStack> {
  const workDir = join(folder, "bootstrap");
  cpSync(inClone("docs", "template", "bootstrap"), workDir, { recursive: true });
  for (const name of ["package.json", "tsconfig.json"]) {
    cpSync(inClone("docs", "template", name), join(folder, name));
  }
  symlinkSync(inClone("node_modules"), join(folder, "node_modules"));
  mkdirSync(join(workDir, ".pulumi"));
  const passphrase = join(folder, "passphrase");
  writeFileSync(passphrase, randomUUID(), { mode: 0o600 });
  const own: Record<string, string> = {
    ...environment,
    PULUMI_OPTION_CWD: workDir,
    PULUMI_BACKEND_URL: `file://${workDir}`,
    PULUMI_CONFIG_PASSPHRASE_FILE: passphrase,
    // The clone compiles the same files with their types.
    PULUMI_NODEJS_TRANSPILE_ONLY: "true",
  };
  // The lab's own stack, and here there is none yet.
  Reflect.deleteProperty(own, "PULUMI_STACK");
  const place = { workDir, stackName: "once", environment: own };
  const config = {
    "azure-native:subscriptionId": subscriptionId,
    stateAccount: "stkeyturn",
    stateVault: "kv-keyturn-state",
    gitHubRepository: "contoso/keyturn",
  };
  await runEngine(place, ["stack", "init", "once"]);
  for (const [key, value] of Object.entries(config)) {
    await runEngine(place, ["config", "set", "--stack", "once", key, value]);
  }
  return new KeyturnStack(place);
}
