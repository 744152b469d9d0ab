// Which api-versions ARM serves: Microsoft's lists, and the day on which Key Vault's former ones end, by the lab's clock.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { API_VERSIONS, type ArmType } from "../../cloud/arm/api-versions";
import { at, Cloud, code, message, vaultBody, vaultPath } from "./cloud";

/** The SDK's module of a type; its former types bear every version of Microsoft's specifications. */
const MODULES: Readonly<Partial<Record<ArmType, string>>> = {
  "Microsoft.Authorization/roleAssignments": "authorization/roleAssignment",
  "Microsoft.Authorization/roleDefinitions": "authorization/roleDefinition",
  "Microsoft.EventGrid/systemTopics": "eventgrid/systemTopic",
  "Microsoft.EventGrid/systemTopics/eventSubscriptions": "eventgrid/systemTopicEventSubscription",
  "Microsoft.KeyVault/vaults": "keyvault/vault",
  "Microsoft.KeyVault/vaults/keys": "keyvault/key",
  "Microsoft.KeyVault/vaults/secrets": "keyvault/secret",
  "Microsoft.Resources/resourceGroups": "resources/resourceGroup",
  "Microsoft.Storage/storageAccounts": "storage/storageAccount",
  "Microsoft.Storage/storageAccounts/blobServices": "storage/blobServiceProperties",
  "Microsoft.Storage/storageAccounts/blobServices/containers": "storage/blobContainer",
};
const SDK = dirname(require.resolve("@pulumi/azure-native/package.json"));
const DAY = "2027-02-27T00:00:00Z";

describe("ARM's api-versions", () => {
  let cloud: Cloud;
  before(async () => {
    cloud = await Cloud.start();
  });
  after(() => cloud.stop());

  const supported = (text: string): string[] =>
    (/api-versions are '([^']*)'/.exec(text)?.[1] ?? "").split(", ");
  const vaults = (api: string) => cloud.arm("GET", vaultPath("kv-versions"), { api });

  it("are those of Microsoft's specifications, for every type that the SDK has", () => {
    for (const [type, module] of Object.entries(MODULES)) {
      const text = readFileSync(join(SDK, `${module}.js`), "utf8");
      const named = [...text.matchAll(/\/v(\d{4})(\d{2})(\d{2})(preview)?:/g)].map(
        ([, year, month, day, preview]) =>
          `${year}-${month}-${day}${preview === undefined ? "" : "-preview"}`,
      );
      assert.deepEqual(API_VERSIONS[type as ArmType], [...new Set(named)].sort(), type);
    }
  });

  it("of Key Vault are served, former and present ones, until the day on which the former end", async () => {
    cloud.context.clock.set(new Date(Date.parse(DAY) - 60_000));
    assert.equal((await cloud.createVault("kv-versions")).status, 201);
    for (const api of ["2015-06-01", "2024-11-01", "2025-05-01", "2026-02-01"]) {
      assert.equal((await vaults(api)).status, 200, api);
    }
  });

  it("of Key Vault before 2026-02-01 are unknown from that day on, of every type that it has", async () => {
    cloud.context.clock.set(new Date(DAY));
    const { subscriptionId } = cloud.context;
    const paths = [
      vaultPath("kv-versions"),
      `${vaultPath("kv-versions")}/secrets/any`,
      `/subscriptions/${subscriptionId}/providers/Microsoft.KeyVault/deletedVaults`,
    ];
    for (const path of paths) {
      for (const api of ["2019-09-01", "2024-11-01", "2025-05-01"]) {
        const answer = await cloud.arm("GET", path, { api });
        assert.equal(answer.status, 400, path);
        assert.equal(code(answer), "NoRegisteredProviderFound");
        assert.match(message(answer), new RegExp(`for API version '${api}' for type '`));
        assert.deepEqual(supported(message(answer)), ["2026-02-01", "2026-03-01-preview"]);
      }
    }
    assert.equal((await vaults("2026-02-01")).status, 200);
    assert.equal((await vaults("2026-03-01-preview")).status, 200);
    assert.equal((await cloud.arm("GET", paths[1] ?? "", { api: "2026-02-01" })).status, 404);
  });

  it("of other providers stay, and the provider lists what is served", async () => {
    cloud.context.clock.set(new Date(DAY));
    const listed = async (namespace: string): Promise<Record<string, string[]>> => {
      const path = `/subscriptions/${cloud.context.subscriptionId}/providers/${namespace}`;
      const answer = await cloud.arm("GET", path, { api: "2022-12-01" });
      const types = at(answer.body, "resourceTypes") as {
        resourceType: string;
        apiVersions: string[];
      }[];
      return Object.fromEntries(types.map((one) => [one.resourceType, one.apiVersions]));
    };
    const { vaults: keyVault, "vaults/secrets": secrets } = await listed("Microsoft.KeyVault");
    assert.deepEqual(keyVault, ["2026-02-01", "2026-03-01-preview"]);
    assert.deepEqual(secrets, keyVault);
    const { systemTopics } = await listed("Microsoft.EventGrid");
    assert.deepEqual(systemTopics, API_VERSIONS["Microsoft.EventGrid/systemTopics"]);
  });

  it("decide whether a new vault that says nothing uses RBAC; one that is there keeps its model", async () => {
    cloud.context.clock.set(new Date(Date.parse(DAY) - 60_000));
    const made = async (name: string, api: string): Promise<unknown> => {
      const body = vaultBody({ enableRbacAuthorization: undefined, accessPolicies: [] });
      const answer = await cloud.arm("PUT", vaultPath(name), { api, body });
      return at(answer.body, "properties", "enableRbacAuthorization");
    };
    assert.equal(await made("kv-policies", "2024-11-01"), false);
    assert.equal(await made("kv-rbac", "2026-02-01"), true);
    assert.equal(await made("kv-policies", "2026-02-01"), false);
    assert.equal(await made("kv-rbac", "2024-11-01"), true);
  });
});
