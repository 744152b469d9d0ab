// The azure-native stand-in against the lab's ARM and Key Vault, over HTTPS, call by call as the engine makes them.
import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";

import { RESOURCE_GROUP, TENANT_ID } from "../../../cloud/seed";
import { UNKNOWN, type Properties } from "../../../plugins/provider/values";
import { at, Cloud, GROUP, roleId, vaultPath } from "../../arm/cloud";
import { AzureNative, details, TYPES, type Created } from "./client";

const VAULT = "keyturn-stand-in";

function vaultInputs(vaultName: string, more: Properties = {}): Properties {
  return {
    resourceGroupName: RESOURCE_GROUP,
    vaultName,
    properties: {
      tenantId: TENANT_ID,
      sku: { family: "A", name: "standard" },
      enableRbacAuthorization: true,
      softDeleteRetentionInDays: 7,
      ...more,
    },
  };
}

function secretInputs(secretName: string, value: string, more: Properties = {}): Properties {
  return {
    resourceGroupName: RESOURCE_GROUP,
    vaultName: VAULT,
    secretName,
    properties: {
      value,
      contentType: "text/plain",
      attributes: { expires: 2_000_000_000 },
      ...more,
    },
  };
}

describe("azure-native stand-in", () => {
  let cloud: Cloud;
  let azure: AzureNative;
  let vault: Created;

  before(async () => {
    cloud = await Cloud.start();
    // No Graph listens here; its address is needed as the audience of a token.
    cloud.context.endpoints.graphUrl = "https://graph.microsoft.com";
    azure = await AzureNative.start(cloud);
    vault = await azure.create(TYPES.vault, "vault", vaultInputs(VAULT));
  });

  after(async () => {
    azure.stop();
    await cloud.stop();
  });

  describe("Vault", () => {
    it("has ARM's id and answers in the SDK's shape", () => {
      assert.equal(vault.id, vaultPath(VAULT));
      assert.equal(vault.properties["name"], VAULT);
      assert.equal(vault.properties["type"], "Microsoft.KeyVault/vaults");
      assert.equal(vault.properties["location"], "westeurope");
      assert.equal(vault.properties["azureApiVersion"], "2026-02-01");
      assert.equal(at(vault.properties, "properties", "provisioningState"), "Succeeded");
      assert.equal(at(vault.properties, "properties", "enableRbacAuthorization"), true);
      assert.deepEqual(at(vault.properties, "properties", "accessPolicies"), []);
      assert.match(String(at(vault.properties, "systemData", "createdAt")), /^\d{4}-/);
      assert.equal("__inputs" in vault.properties, false);
    });

    it("refuses to create what is there already", async () => {
      await assert.rejects(
        azure.create(TYPES.vault, "vault", vaultInputs(VAULT)),
        new Error(`cannot create already existing resource '${vaultPath(VAULT)}'`),
      );
    });

    it("updates in place by another PUT and keeps access policies that it was not given", async () => {
      const policy = {
        tenantId: TENANT_ID,
        objectId: randomUUID(),
        permissions: { secrets: ["get"] },
      };
      const made = await azure.create(TYPES.vault, "other", vaultInputs("keyturn-policies"));
      await cloud.arm("PUT", `${made.id}/accessPolicies/add`, {
        body: { properties: { accessPolicies: [policy] } },
      });
      const news = { ...made.inputs, tags: { a: "b" } };
      const request = { type: TYPES.vault, id: made.id, olds: made.properties, news };
      const diff = await azure.call("diff", { ...request, oldInputs: made.inputs });
      assert.deepEqual(diff["detailed"], { tags: "ADD" });
      assert.deepEqual(diff["replaces"], []);
      const { properties } = await azure.call("update", { ...request, oldInputs: made.inputs });
      assert.deepEqual(at(properties, "tags"), { a: "b" });
      assert.equal(at(properties, "properties", "accessPolicies", 0, "objectId"), policy.objectId);
    });

    it("deletes first when its given name changes, last when its name is random", async () => {
      const request = { type: TYPES.vault, id: vault.id, olds: vault.properties };
      const news = { ...vault.inputs, vaultName: "another" };
      const given = await azure.call("diff", { ...request, oldInputs: vault.inputs, news });
      assert.deepEqual(given["detailed"], { vaultName: "UPDATE_REPLACE" });
      assert.equal(given["deleteBeforeReplace"], true);
      const oldInputs = { ...vault.inputs, __createBeforeDelete: true };
      const random = await azure.call("diff", { ...request, oldInputs, news });
      assert.equal(random["deleteBeforeReplace"], false);
    });

    it("takes the case and the spaces of a location for no change", async () => {
      const news = { ...vault.inputs, location: "West Europe" };
      const request = { type: TYPES.vault, id: vault.id, olds: vault.properties, news };
      const diff = await azure.call("diff", { ...request, oldInputs: vault.inputs });
      assert.equal(diff["changes"], "NONE");
    });
  });

  describe("Check", () => {
    const check = async (type: string, news: Properties, olds: Properties = {}) =>
      (await azure.call("check", { type, name: "res", news, olds })) as unknown as {
        inputs: Record<string, unknown>;
        failures: { reason: string }[];
      };

    it("names what has no name: random, copied, or a UUID", async () => {
      const group = await check(TYPES.group, {});
      assert.match(String(group.inputs["resourceGroupName"]), /^res[0-9a-f]{8}$/);
      assert.equal(group.inputs["__createBeforeDelete"], true);
      assert.equal(group.inputs["location"], "westeurope");
      const secret = await check(TYPES.secret, { ...secretInputs("", "v"), secretName: null });
      assert.equal(secret.inputs["secretName"], "res");
      assert.equal(secret.inputs["__createBeforeDelete"], undefined);
      assert.equal(secret.inputs["location"], undefined);
      const assignment = await check(TYPES.assignment, {
        scope: GROUP,
        principalId: "p",
        roleDefinitionId: "r",
      });
      assert.match(
        String(assignment.inputs["roleAssignmentName"]),
        /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-/,
      );
    });

    it("keeps the name that it gave before", async () => {
      const olds = { vaultName: "res1234abcd", __createBeforeDelete: true };
      const { inputs } = await check(TYPES.vault, { ...vaultInputs(""), vaultName: null }, olds);
      assert.equal(inputs["vaultName"], "res1234abcd");
      assert.equal(inputs["__createBeforeDelete"], true);
    });

    it("refuses an expiry that is not a whole number of seconds", async () => {
      const { failures } = await check(
        TYPES.secret,
        secretInputs("s", "v", { attributes: { expires: 1.5 } }),
      );
      assert.deepEqual(failures, [
        {
          property: "",
          reason: "'properties.attributes.expires' must be an integer but got 1.500000",
        },
      ]);
    });

    it("refuses what is missing, mistyped or misnamed", async () => {
      const { failures } = await check(TYPES.vault, {
        resourceGroupName: RESOURCE_GROUP,
        vaultName: "no_underscores",
        properties: { tenantId: 5, sku: { family: "A" } },
      });
      assert.deepEqual(
        failures.map(({ reason }) => reason),
        [
          "'vaultName' does not match expression '^[a-zA-Z0-9-]{3,24}$'",
          "missing required property 'properties.sku.name'",
          "'properties.tenantId' should be of type 'string' but got a number",
        ],
      );
    });
  });

  describe("Secret", () => {
    it("stores the value in the vault and never gives it back", async () => {
      const secret = await azure.create(TYPES.secret, "s", secretInputs("stored", "the-value"));
      assert.equal(secret.id, `${vaultPath(VAULT)}/secrets/stored`);
      assert.equal(JSON.stringify(secret.properties).includes("the-value"), false);
      assert.equal(at(secret.properties, "properties", "attributes", "expires"), 2_000_000_000);
      assert.equal(typeof at(secret.properties, "properties", "attributes", "created"), "number");
      assert.match(
        String(at(secret.properties, "properties", "secretUriWithVersion")),
        /\/secrets\/stored\/[0-9a-f]{32}$/,
      );
      const { body } = await cloud.vault("GET", VAULT, "/secrets/stored");
      assert.equal(at(body, "value"), "the-value");
      assert.equal(at(body, "attributes", "exp"), 2_000_000_000);
    });

    it("makes a new version of a changed value and none of the same", async () => {
      const secret = await azure.create(TYPES.secret, "s", secretInputs("versions", "one"));
      const update = (value: string) =>
        azure.call("update", {
          type: TYPES.secret,
          id: secret.id,
          olds: secret.properties,
          oldInputs: secret.inputs,
          news: { ...secretInputs("versions", value), azureApiVersion: "2026-02-01" },
        });
      const version = (properties: unknown) => at(properties, "properties", "secretUriWithVersion");
      const first = version(secret.properties);
      assert.equal(version((await update("one"))["properties"]), first);
      assert.notEqual(version((await update("two"))["properties"]), first);
    });

    it("sees no drift of the value, but sees one of the expiry", async () => {
      const secret = await azure.create(TYPES.secret, "s", secretInputs("drift", "mine"));
      await cloud.vault("PUT", VAULT, "/secrets/drift", {
        body: { value: "theirs", contentType: "text/plain", attributes: { exp: 2_000_000_000 } },
      });
      const read = () =>
        azure.call("read", {
          type: TYPES.secret,
          id: secret.id,
          inputs: secret.inputs,
          properties: secret.properties,
        });
      assert.deepEqual((await read())["inputs"], secret.inputs);
      await cloud.vault("PATCH", VAULT, "/secrets/drift", {
        body: { attributes: { exp: 1_900_000_000 } },
      });
      const inputs = (await read())["inputs"];
      assert.equal(at(inputs, "properties", "attributes", "expires"), 1_900_000_000);
      assert.equal(at(inputs, "properties", "value"), "mine");
    });

    it("is deleted in the vault itself, softly, and is recovered when it is created again", async () => {
      const secret = await azure.create(TYPES.secret, "s", secretInputs("back", "before"));
      assert.deepEqual(await azure.delete(TYPES.secret, secret), {});
      const gone = { type: TYPES.secret, id: secret.id, inputs: secret.inputs };
      const read = await azure.call("read", { ...gone, properties: secret.properties });
      assert.equal(read["id"], "");
      assert.equal((await cloud.vault("GET", VAULT, "/deletedsecrets/back")).status, 200);
      assert.deepEqual(await azure.delete(TYPES.secret, secret), {}, "gone already");
      await azure.create(TYPES.secret, "s", secretInputs("back", "after"));
      const { body } = await cloud.vault("GET", VAULT, "/secrets/back");
      assert.equal(at(body, "value"), "after");
    });

    it("cannot be deleted without a role on the vault's data, and says so in the SDK's words", async () => {
      const client = cloud.client("contributor");
      await cloud.assign(client, "Contributor", GROUP, randomUUID());
      const other = await AzureNative.start(cloud, client);
      try {
        const secret = await other.create(TYPES.secret, "s", secretInputs("kept", "v"));
        const text = details(await other.delete(TYPES.secret, secret));
        assert.match(
          text,
          /^DELETE https:\/\/keyturn-stand-in\.vault\.localhost:\d+\/secrets\/kept\n-{80}\n/,
        );
        assert.match(
          text,
          /\nRESPONSE 403: 403 Forbidden\nERROR CODE: Forbidden\n-{80}\n\{\n {2}"error"/,
        );
      } finally {
        other.stop();
      }
    });

    it("imports by its id", async () => {
      const { id } = await azure.create(TYPES.secret, "s", secretInputs("imported", "v"));
      const { inputs } = await azure.call("read", { type: TYPES.secret, id });
      assert.deepEqual(inputs, {
        resourceGroupName: RESOURCE_GROUP,
        vaultName: VAULT,
        secretName: "imported",
        properties: {
          contentType: "text/plain",
          attributes: { enabled: true, expires: 2_000_000_000 },
        },
      });
    });
  });

  describe("RoleAssignment", () => {
    const assignmentInputs = (principalId: string): Properties => ({
      scope: vaultPath(VAULT),
      principalId,
      principalType: "ServicePrincipal",
      roleDefinitionId: roleId("Key Vault Secrets User"),
    });

    it("is created, read and deleted under its scope", async () => {
      const { objectId } = cloud.client("reader");
      const made = await azure.create(TYPES.assignment, "r", assignmentInputs(objectId));
      const name = at(made.inputs, "roleAssignmentName") as string;
      assert.equal(
        made.id,
        `${vaultPath(VAULT)}/providers/Microsoft.Authorization/roleAssignments/${name}`,
      );
      assert.equal(made.properties["principalId"], objectId);
      assert.equal(made.properties["scope"], vaultPath(VAULT));
      assert.equal("properties" in made.properties, false);
      assert.deepEqual(await azure.delete(TYPES.assignment, made), {});
      assert.equal((await cloud.arm("GET", made.id)).status, 404);
    });

    it("replaces for another principal, after the original when its name is random", async () => {
      const oldInputs = {
        ...assignmentInputs("one"),
        roleAssignmentName: randomUUID(),
        __createBeforeDelete: true,
      };
      const diff = await azure.call("diff", {
        type: TYPES.assignment,
        id: "x",
        olds: {},
        oldInputs,
        news: { ...oldInputs, principalId: "two" },
      });
      assert.deepEqual(diff["detailed"], { principalId: "UPDATE_REPLACE" });
      assert.equal(diff["deleteBeforeReplace"], false);
    });
  });

  describe("ResourceGroup", () => {
    it("gives its location to a vault that says none", async () => {
      const other = await AzureNative.start(cloud, cloud.deployer, {});
      try {
        const check = (resourceGroupName: string) =>
          other.call("check", {
            type: TYPES.vault,
            news: { ...vaultInputs("vvv"), resourceGroupName },
          });
        const { body } = await cloud.arm("GET", GROUP);
        assert.equal(at(await check(RESOURCE_GROUP), "inputs", "location"), at(body, "location"));
        assert.equal(at(await check(UNKNOWN), "inputs", "location"), UNKNOWN);
        assert.match(
          String(at(await check("missing"), "failures", 0, "reason")),
          /^missing required property 'location'\. Either set it explicitly/,
        );
      } finally {
        other.stop();
      }
    });

    it("may not be created by an identity without the right", async () => {
      const client = cloud.client("nobody");
      const other = await AzureNative.start(cloud, client);
      try {
        await assert.rejects(
          other.create(TYPES.group, "g", { resourceGroupName: "mine" }),
          /^Error: (Status=403 Code="AuthorizationFailed" Message="The client|cannot check existence of resource '[^']+': status code 403, \{"error":\{"code":"AuthorizationFailed")/,
        );
      } finally {
        other.stop();
      }
    });
  });

  describe("preview", () => {
    it("gives what is given, and unknowns for the rest, without a call", async () => {
      const answer = await azure.call("create", {
        type: TYPES.secret,
        properties: secretInputs("later", "v"),
        options: { preview: true },
      });
      assert.equal(answer["id"], "");
      assert.equal(at(answer, "properties", "properties", "contentType"), "text/plain");
      assert.equal(at(answer, "properties", "properties", "attributes", "expires"), 2_000_000_000);
      assert.equal(at(answer, "properties", "properties", "secretUriWithVersion"), UNKNOWN);
      assert.equal((await cloud.vault("GET", VAULT, "/secrets/later")).status, 404);
    });
  });

  describe("versions of Key Vault's API", () => {
    const FORMER = { vault: "azure-native:keyvault:Vault", secret: "azure-native:keyvault:Secret" };
    const END = new Date("2027-02-27T00:00:00Z");
    before(() => cloud.context.clock.set(new Date(END.getTime() - 60_000)));

    /** What the engine does with a resource that another type is an alias of: a check, a difference and an update. */
    const moved = async (type: string, name: string, made: Created, news: Properties) => {
      const checked = await azure.call("check", { type, name, news, olds: made.inputs });
      const inputs = checked["inputs"] as Properties;
      const request = { type, id: made.id, olds: made.properties, oldInputs: made.inputs };
      const diff = await azure.call("diff", { ...request, news: inputs });
      const updated = await azure.call("update", { ...request, news: inputs });
      return { diff, updated };
    };

    it("move a vault and its secret in place: another version, and nothing else", async () => {
      const vaultName = "keyturn-former";
      const news = vaultInputs(vaultName);
      const made = await azure.create(FORMER.vault, "v", news);
      assert.equal(made.properties["azureApiVersion"], "2024-11-01");
      const secretNews = { ...secretInputs("former", "v"), vaultName };
      const secret = await azure.create(FORMER.secret, "s", secretNews);
      cloud.context.clock.set(END);
      for (const { diff, updated, before } of [
        { ...(await moved(TYPES.vault, "v", made, news)), before: made },
        { ...(await moved(TYPES.secret, "s", secret, secretNews)), before: secret },
      ]) {
        assert.deepEqual(diff["detailed"], { azureApiVersion: "UPDATE" });
        assert.deepEqual(diff["replaces"], []);
        assert.deepEqual(comparable(updated["properties"] as Properties), {
          ...comparable(before.properties),
          azureApiVersion: "2026-02-01",
        });
      }
    });

    it("that have ended are refused with Azure's words", async () => {
      cloud.context.clock.set(END);
      await assert.rejects(
        azure.create(FORMER.secret, "s", secretInputs("too-late", "v")),
        /NoRegisteredProviderFound.*API version '2024-11-01'/s,
      );
    });
  });

  describe("functions", () => {
    const invoke = async (token: string, args: Properties = {}) =>
      (await azure.call("invoke", { token, args }))["return"];

    it("say who is signed in", async () => {
      const { clientId, objectId } = cloud.deployer;
      const { subscriptionId, tenantId } = cloud.context;
      assert.deepEqual(await invoke("azure-native:authorization:getClientConfig"), {
        clientId,
        objectId,
        subscriptionId,
        tenantId,
      });
    });

    it("read what is there already", async () => {
      const args = { resourceGroupName: RESOURCE_GROUP, vaultName: VAULT };
      const token = "azure-native:keyvault/v20260201:getVault";
      assert.equal(at(await invoke(token, args), "id"), vault.id);
      const missing = await azure.call("invoke", {
        token,
        args: { ...args, vaultName: "missing" },
      });
      assert.match(
        details(missing),
        /^request failed \/subscriptions\/.*: Status=404 Code="ResourceNotFound"/,
      );
    });
  });

  describe("throttling", () => {
    it("waits and tries again on 429 and 503", async () => {
      for (const [status, code] of [
        [429, "TooManyRequests"],
        [503, "ServiceUnavailable"],
      ] as const) {
        cloud.context.faults.add({
          server: "arm",
          method: "PUT",
          pathPattern: "secrets/busy",
          status,
          code,
          retryAfterSeconds: 1,
          times: 1,
        });
      }
      const made = await azure.create(TYPES.secret, "s", secretInputs("busy", "v"));
      assert.equal(made.properties["name"], "busy");
    });

    it("gives up with Azure's code and text after three more attempts", async () => {
      cloud.context.faults.add({
        server: "arm",
        method: "PUT",
        pathPattern: "secrets/never",
        status: 503,
        code: "ServiceUnavailable",
        message: "Later, please.",
        times: 4,
      });
      await assert.rejects(
        azure.create(TYPES.secret, "s", secretInputs("never", "v")),
        new Error('Status=503 Code="ServiceUnavailable" Message="Later, please."'),
      );
    });
  });

  it("says in Azure's words that its secret is wrong", async () => {
    const wrong = await AzureNative.start(cloud, { ...cloud.deployer, secret: "wrong" });
    try {
      await assert.rejects(
        wrong.create(TYPES.group, "g", { resourceGroupName: "g" }),
        /ClientSecretCredential authentication failed[^]*RESPONSE 401: 401 Unauthorized[^]*AADSTS7000215/,
      );
    } finally {
      wrong.stop();
    }
  });
});

/** Without who last changed it, and when. */
function comparable(properties: Properties): Properties {
  return Object.fromEntries(Object.entries(properties).filter(([name]) => name !== "systemData"));
}
