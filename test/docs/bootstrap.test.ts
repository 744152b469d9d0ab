// The template's second program, which an administrator runs once, under Pulumi's mocks: what it asks of the engine is what the
// documents say the identity needs, and no more. Mocks show no Azure: that it can be made so is not shown here.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import * as pulumi from "@pulumi/pulumi";
import { findRole } from "../../packages/lab/cloud/arm/roles";
import { inClone } from "../helpers/paths";
import { ROLES } from "../../docs/template/bootstrap/rights";
import { valueOf } from "../helpers/pulumi-mocks";

interface Registered {
  readonly type: string;
  readonly name: string;
  readonly inputs: Readonly<Record<string, unknown>>;
}
interface Outputs {
  readonly secretsProvider: pulumi.Output<string>;
  readonly backendUrl: pulumi.Output<string>;
}

/** A program anew for each run, which `import` would not give. */
const load = createRequire(__filename);
const PROJECT = "keyturn-bootstrap";
const SUBSCRIPTION = "0a1b2c3d-4e5f-4071-8293-a4b5c6d7e8f9";
const TENANT = "7d3c5e2a-8f14-4b6c-9a57-0e1d2c3b4a59";
const KEY_URI = "https://kv-keyturn-state.vault.azure.net/keys/state/0123456789abcdef";
const NAMES = { stateAccount: "stkeyturn", stateVault: "kv-keyturn-state" };
const GITHUB = { gitHubRepository: "contoso/keyturn" };

const doc = (name: string): string => readFileSync(inClone("docs", name), "utf8");
/** The first column of the table below a heading. */
const firstColumn = (text: string, heading: string): string[] => {
  const section = text.split(`## ${heading}\n`)[1]?.split(/\n(?:#|Optional)/)[0] ?? "";
  return section
    .split("\n")
    .filter((line) => /^\| (?!right|permission|role|---)/.test(line))
    .map((line) => (line.split("|")[1] ?? "").trim().replaceAll("`", ""));
};
const plain = (text: unknown): string => String(text).replaceAll(/\s+/g, " ").trim();

const GRAPH_HEADING = "Microsoft Graph, application permissions";
const roleOf = (roleDefinitionId: unknown): string =>
  String(roleDefinitionId).split("/").at(-1) ?? "";

describe("the template's bootstrap program", () => {
  let registered: Registered[];

  /** Runs it anew with this config. */
  async function run(config: Readonly<Record<string, string>>): Promise<Outputs> {
    registered = [];
    await pulumi.runtime.setMocks(
      {
        newResource: ({ type, name, inputs }) => {
          const given = inputs as Record<string, unknown>;
          registered.push({ type, name, inputs: given });
          return { id: idOf(type, name), state: { ...given, ...answered(type, name, given) } };
        },
        call: ({ token }) => {
          if (token === "azure-native:authorization:getClientConfig") {
            return { subscriptionId: SUBSCRIPTION, tenantId: TENANT };
          }
          assert.equal(token, "azuread:index/getServicePrincipal:getServicePrincipal");
          const ids = firstColumn(doc("rights.md"), GRAPH_HEADING).map((role) => [
            role,
            idOfRole(role),
          ]);
          return { objectId: "graph", appRoleIds: Object.fromEntries(ids) as object };
        },
      },
      PROJECT,
      "once",
    );
    const all = Object.entries({ ...NAMES, ...config });
    pulumi.runtime.setAllConfig(
      Object.fromEntries(all.map(([key, value]) => [`${PROJECT}:${key}`, value])),
    );
    const folder = inClone("dist", "docs", "template", "bootstrap");
    for (const path of Object.keys(load.cache)) {
      if (path.startsWith(folder)) Reflect.deleteProperty(load.cache, path);
    }
    const outputs = load(`${folder}/index.js`) as Outputs;
    // Once all that it asks for is asked for.
    await pulumi.runtime.disconnect();
    return outputs;
  }

  const idOf = (type: string, name: string): string => `${type.split(":").at(-1)}/${name}`;
  const idOfRole = (role: string): string => `id of ${role}`;
  const answered = (
    type: string,
    name: string,
    inputs: Readonly<Record<string, unknown>>,
  ): object => {
    if (type === "azure-native:keyvault/v20260201:Key")
      return { name: "state", keyUriWithVersion: KEY_URI };
    const named = Object.entries(inputs).find(([key]) =>
      /^(?:container|account|vault|resourceGroup)Name$/.test(key),
    );
    return {
      clientId: "client",
      objectId: `object of ${name}`,
      name: inputs["containerName"] ?? named?.[1] ?? name,
    };
  };
  const ofType = (type: string): Registered[] =>
    registered.filter((one) => one.type.endsWith(`:${type}`));
  const assigned = (): Record<string, unknown>[] =>
    ofType("RoleAssignment").map(({ inputs }) => ({
      ...inputs,
      role: roleOf(inputs["roleDefinitionId"]),
    }));

  const credentials = (): unknown[] =>
    ofType("ApplicationFederatedIdentityCredential").map(({ inputs }) => inputs);

  it("trusts each stack's environment of the one repository on GitHub, and nothing else", async () => {
    await run({ ...GITHUB, stacks: '["production", "test"]' });
    const trusted = (stack: string): object => ({
      applicationId: "Application/pipeline",
      displayName: `github-${stack}`,
      issuer: "https://token.actions.githubusercontent.com",
      subject: `repo:contoso/keyturn:environment:${stack}`,
      audiences: ["api://AzureADTokenExchange"],
    });
    assert.deepEqual(credentials(), [trusted("production"), trusted("test")]);
  });

  it("trusts the service connection of Azure Pipelines by the issuer and subject that it shows", async () => {
    await run({ azureIssuer: "https://issuer.example", azureSubject: "sc://contoso/it/keyturn" });
    assert.deepEqual(
      credentials().map((one) => [
        (one as Registered["inputs"])["issuer"],
        (one as Registered["inputs"])["subject"],
      ]),
      [["https://issuer.example", "sc://contoso/it/keyturn"]],
    );
  });

  it("refuses to make an identity by which nobody could sign in", async () => {
    await assert.rejects(run({}), /Nobody could sign in: set gitHubRepository/);
    await assert.rejects(run({ ...GITHUB, azureIssuer: "x" }), /belong together/);
  });

  it("makes no secret and no password", async () => {
    await run(GITHUB);
    assert.deepEqual(
      registered.filter(({ type }) => /password|secret/i.test(type)),
      [],
    );
    for (const { name, inputs } of registered) assert(!pulumi.runtime.isRpcSecret(inputs), name);
  });

  it("gives the permissions of Microsoft Graph that docs/rights.md lists, and consents to each", async () => {
    await run(GITHUB);
    const listed = firstColumn(doc("rights.md"), GRAPH_HEADING);
    assert(listed.length >= 5);
    const consented = ofType("AppRoleAssignment").map(({ inputs }) => inputs["appRoleId"]);
    assert.deepEqual(consented.toSorted(), listed.map(idOfRole).toSorted());
    const [application] = ofType("Application");
    const [{ resourceAccesses = [] } = {}] = application?.inputs["requiredResourceAccesses"] as {
      resourceAccesses?: { id: string; type: string }[];
    }[];
    assert.deepEqual(
      resourceAccesses.map(({ id }) => id).toSorted(),
      listed.map(idOfRole).toSorted(),
    );
  });

  it("gives the roles of docs/rights.md on the credentials' group, and those of docs/backend.md on container and key", async () => {
    await run(GITHUB);
    const names = new Map(Object.entries(ROLES).map(([name, guid]) => [guid as string, name]));
    const given = assigned().map(({ scope, role }) => [scope, names.get(String(role))]);
    const expected = [
      ...firstColumn(doc("rights.md"), "Azure roles, on the vault's resource group").map((role) => [
        "ResourceGroup/credentials",
        role,
      ]),
      ...firstColumn(doc("backend.md").replace("### Rights", "## Rights"), "Rights").map((role) => [
        role.startsWith("Storage") ? "BlobContainer/state" : "Key/state",
        role,
      ]),
    ];
    assert.equal(expected.length, 5);
    assert.deepEqual(given.toSorted(), expected.toSorted());
    for (const { principalId, principalType } of assigned()) {
      assert.deepEqual([principalId, principalType], ["object of pipeline", "ServicePrincipal"]);
    }
  });

  it("knows the roles by the ids that Azure has for them", () => {
    for (const [name, guid] of Object.entries(ROLES)) {
      const known = findRole(guid);
      if (/Secrets|Contributor$|Access/.test(name) && !name.startsWith("Storage"))
        assert(known, name);
      if (known !== undefined) assert.equal(known.roleName, name);
    }
  });

  it("lets the identity assign one role only, under the condition of docs/rights.md", async () => {
    await run(GITHUB);
    const given = assigned().filter(
      ({ role }) => role === ROLES["Role Based Access Control Administrator"],
    );
    const [condition = ""] = /\(\(!\(ActionMatches[^"]*/.exec(doc("rights.md")) ?? [];
    assert.deepEqual(
      given.map((one) => [plain(one["condition"]), one["conditionVersion"]]),
      [[plain(condition), "2.0"]],
    );
    assert.equal(assigned().filter((one) => one["condition"] !== undefined).length, 1);
  });

  it("keeps the state where no key of the account opens it, and where a mistake can be taken back", async () => {
    const { backendUrl, secretsProvider } = await run(GITHUB);
    const [account] = ofType("StorageAccount");
    const { allowBlobPublicAccess, allowSharedKeyAccess, minimumTlsVersion } =
      account?.inputs ?? {};
    assert.deepEqual(
      [allowBlobPublicAccess, allowSharedKeyAccess, minimumTlsVersion],
      [false, false, "TLS1_2"],
    );
    const [service] = ofType("BlobServiceProperties");
    assert.equal(service?.inputs["isVersioningEnabled"], true);
    const [vault] = ofType("Vault");
    const { enablePurgeProtection, enableRbacAuthorization } = vault?.inputs[
      "properties"
    ] as Registered["inputs"];
    assert.deepEqual([enablePurgeProtection, enableRbacAuthorization], [true, true]);
    assert.equal(await valueOf(backendUrl), "azblob://state");
    assert.equal(
      await valueOf(secretsProvider),
      `azurekeyvault://${KEY_URI.slice("https://".length)}`,
    );
  });
});
