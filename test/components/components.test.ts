// What each component registers, whole lists compared. Not proved here, since mocks do not show it: protect, parents,
// ignored changes and the order of steps; the end-to-end tests prove those on the engine.
import assert from "node:assert/strict";
import { isSecret } from "@pulumi/pulumi";
import { AppRegistration } from "../../components/app-registration";
import { CredentialVault } from "../../components/credential-vault";
import { EpochPassword } from "../../components/epoch-password";
import { ExistingApplication } from "../../components/existing-application";
import { GraphPermissions } from "../../components/graph-permissions";
import { LicenceGroups } from "../../components/licence-groups";
import { VaultSecret } from "../../components/vault-secret";
import { sesar } from "../../src/presets/sesar";
import type { Registered } from "../helpers/pulumi-mocks";
import {
  CLIENT,
  TENANT,
  VALUE,
  keyIdOf,
  ofType,
  record,
  report,
  unwrap,
  valueOf,
} from "../helpers/pulumi-mocks";

const GUID = "0a1b2c3d-4e5f-4071-8293-a4b5c6d7e8f9";
const vendors = (registered: readonly Registered[]): Registered[] =>
  registered.filter((one) => !one.type.startsWith("keyturn:"));
const start = (): Registered[] => record((stdin) => report(stdin, "updated"));
const urnsOf = async (...resources: { urn: Parameters<typeof valueOf>[0] }[]): Promise<void> => {
  for (const { urn } of resources) await valueOf(urn);
  // Children register after their parent's URN is known.
  await new Promise((resolve) => setImmediate(resolve));
};

describe("AppRegistration", () => {
  it("declares a single-tenant application with exactly the roles asked for, owned by the deployer", async () => {
    const registered = start();
    const app = new AppRegistration("sesar", {
      displayName: "SESAR",
      permissions: sesar.permissions,
    });
    assert.equal(await valueOf(app.servicePrincipalObjectId), "principal-object");
    assert.deepEqual(vendors(registered), [
      {
        type: "azuread:index/application:Application",
        name: "sesar-application",
        inputs: {
          displayName: "SESAR",
          signInAudience: "AzureADMyOrg",
          owners: ["deployer-object"],
          requiredResourceAccesses: [
            {
              resourceAppId: "00000003-0000-0000-c000-000000000000",
              resourceAccesses: ["role-group", "role-member", "role-mailbox", "role-user"].map(
                (role) => ({ id: role, type: "Role" }),
              ),
            },
          ],
        },
      },
      {
        type: "azuread:index/servicePrincipal:ServicePrincipal",
        name: "sesar-principal",
        inputs: { clientId: CLIENT, owners: ["deployer-object"] },
      },
    ]);
  });
});

describe("the owners of what is made", () => {
  it("are whoever makes it and those that are named, each once", async () => {
    const registered = start();
    const owners = ["pipeline-object", "Deployer-Object", "PIPELINE-OBJECT"];
    const app = new AppRegistration("sesar", { displayName: "SESAR", permissions: [], owners });
    await valueOf(app.servicePrincipalObjectId);
    const groups = new LicenceGroups("licences", { ...sesar, owners });
    await valueOf(groups.groupObjectId);
    await urnsOf(groups);
    const owned = vendors(registered).filter(({ inputs }) => inputs["owners"] !== undefined);
    assert.equal(owned.length, 7);
    for (const { inputs } of owned)
      assert.deepEqual(inputs["owners"], ["deployer-object", "pipeline-object"]);
  });
});

describe("ExistingApplication", () => {
  it("declares nothing, and gives what a password and a consumer want to know of it", async () => {
    const registered = start();
    const app = new ExistingApplication("sesar", { clientId: CLIENT });
    assert.deepEqual(await Promise.all([app.applicationResourceId, app.clientId].map(valueOf)), [
      "/applications/existing",
      CLIENT,
    ]);
    assert.deepEqual(vendors(registered), []);
  });
});

describe("GraphPermissions", () => {
  it("assigns each permission by itself", async () => {
    const registered = start();
    const app = new AppRegistration("sesar", {
      displayName: "SESAR",
      permissions: sesar.permissions,
    });
    const { graphRoleIds, servicePrincipalObjectId, graphServicePrincipalObjectId } = app;
    const permissions = new GraphPermissions("graph", {
      permissions: sesar.permissions,
      graphRoleIds,
      servicePrincipalObjectId,
      graphServicePrincipalObjectId,
    });
    assert.deepEqual(await valueOf(permissions.consented), sesar.permissions);
    const made = ofType(registered, "azuread:index/appRoleAssignment:AppRoleAssignment");
    assert.deepEqual(
      made.map(({ name, inputs }) => [name, inputs]),
      [
        ["Group.Read.All", "role-group"],
        ["GroupMember.Read.All", "role-member"],
        ["MailboxSettings.Read", "role-mailbox"],
        ["User.Read.All", "role-user"],
      ].map(([permission, appRoleId]) => [
        `graph-${String(permission)}`,
        { appRoleId, principalObjectId: "principal-object", resourceObjectId: "graph-object" },
      ]),
    );
  });
});

describe("LicenceGroups", () => {
  it("declares the vendor's names byte for byte, member groups in the parent, and puts no person in", async () => {
    const registered = start();
    const groups = new LicenceGroups("licences", sesar);
    assert.equal(await valueOf(groups.groupObjectId), "licences-SecureExchanges_Licences-object");
    await urnsOf(groups);
    assert.deepEqual(
      ofType(registered, "azuread:index/group:Group").map(({ inputs }) => inputs),
      ["SecureExchanges_Licences", "Advanced", "Eco", "No_Licence", "Pro"].map((displayName) => ({
        displayName,
        securityEnabled: true,
        mailEnabled: false,
        owners: ["deployer-object"],
        preventDuplicateNames: true,
      })),
    );
    assert.deepEqual(
      ofType(registered, "azuread:index/groupMember:GroupMember").map(({ inputs }) => inputs),
      ["Advanced", "Eco", "No_Licence", "Pro"].map((member) => ({
        groupObjectId: "licences-SecureExchanges_Licences-object",
        memberObjectId: `licences-${member}-object`,
      })),
    );
  });

  it("puts no member group into a parent from which it is kept apart", async () => {
    const registered = start();
    await urnsOf(new LicenceGroups("licences", { ...sesar, apart: ["Pro"] }));
    assert.deepEqual(
      ofType(registered, "azuread:index/groupMember:GroupMember").map(({ name }) => name),
      ["Advanced", "Eco", "No_Licence"].map((member) => `licences-${member}-member`),
    );
  });

  it("declares nothing when the product has no licence groups", async () => {
    const registered = start();
    const groups = new LicenceGroups("licences", { licenceGroup: "", licenceMembers: ["ignored"] });
    assert.equal(await valueOf(groups.groupObjectId), "");
    assert.deepEqual(vendors(registered), []);
  });
});

describe("EpochPassword", () => {
  it("passes the planned name and end, no start, and wraps the value", async () => {
    const registered = start();
    const password = new EpochPassword("sesar-2026-05", {
      epoch: "2026-05",
      displayName: "sesar 2026-05",
      endDate: "2027-05-01T00:00:00Z",
      applicationResourceId: "/applications/x",
    });
    assert.equal(await valueOf(password.keyId), keyIdOf("2026-05"));
    assert.deepEqual(vendors(registered), [
      {
        type: "azuread:index/applicationPassword:ApplicationPassword",
        name: "sesar-2026-05-password",
        inputs: {
          applicationId: "/applications/x",
          displayName: "sesar 2026-05",
          endDate: "2027-05-01T00:00:00Z",
        },
      },
    ]);
    assert.ok(await isSecret(password.value));
  });
});

describe("CredentialVault", () => {
  const args = {
    vaultName: "kv",
    credential: "sesar",
    recover: false,
    resourceGroupName: "rg",
    subscriptionId: GUID,
    tenantId: TENANT,
    location: "",
    readers: [{ principalObjectId: GUID, principalType: "Group" }],
  };

  it("makes an RBAC vault and lets the readers read secrets only", async () => {
    const registered = start();
    const vault = new CredentialVault("vault", { ...args, create: true });
    await urnsOf(vault);
    assert.equal(await valueOf(vault.vaultName), "kv");
    const [made, reader] = vendors(registered);
    assert.deepEqual(
      (made?.inputs["properties"] as Record<string, unknown>)["enableRbacAuthorization"],
      true,
    );
    assert.deepEqual(reader?.inputs, {
      scope: "vault-vault-id",
      principalId: GUID,
      principalType: "Group",
      roleDefinitionId: `/subscriptions/${GUID}/providers/Microsoft.Authorization/roleDefinitions/4633458b-17de-408a-b874-0445c86b69e6`,
    });
  });

  it("draws a name that nobody has when none is given", async () => {
    const registered = start();
    const vault = new CredentialVault("vault", { ...args, vaultName: "", create: true });
    assert.equal(await valueOf(vault.vaultName), "sesar-a1b2c3d4");
    const [drawn] = ofType(registered, "random:index/randomString:RandomString");
    assert.deepEqual(drawn, {
      type: "random:index/randomString:RandomString",
      name: "vault-name",
      inputs: { length: 8, special: false, upper: false },
    });
  });

  it("recovers a deleted vault of that name only when told to, and says so to nobody but Azure", async () => {
    for (const recover of [false, true]) {
      const registered = start();
      const vault = new CredentialVault("vault", { ...args, create: true, recover });
      await urnsOf(vault);
      const [made] = ofType(registered, "azure-native:keyvault/v20260201:Vault");
      const { createMode } = made?.inputs["properties"] as { createMode?: string };
      assert.equal(createMode, recover ? "recover" : undefined);
      const [component] = ofType(registered, CredentialVault.TYPE);
      assert.ok(component !== undefined && !("recover" in component.inputs));
    }
  });

  it("asks for protection, tags and network rules where they are given", async () => {
    const registered = start();
    const network = { addresses: ["203.0.113.7"], publicAccess: false };
    const given = { purgeProtection: true, tags: { owner: "archive" }, network };
    await urnsOf(new CredentialVault("vault", { ...args, create: true, ...given }));
    const [made] = ofType(registered, "azure-native:keyvault/v20260201:Vault");
    assert.deepEqual(made?.inputs["tags"], { owner: "archive" });
    const properties = made.inputs["properties"] as Record<string, unknown>;
    assert.equal(properties["enablePurgeProtection"], true);
    assert.equal(properties["publicNetworkAccess"], "Disabled");
    assert.deepEqual(properties["networkAcls"], {
      bypass: "AzureServices",
      defaultAction: "Deny",
      ipRules: [{ value: "203.0.113.7" }],
      virtualNetworkRules: [],
    });
  });

  it("says no word of protection, tags and network rules where none are given", async () => {
    const registered = start();
    const none = { purgeProtection: false, tags: {}, network: {} };
    await urnsOf(new CredentialVault("vault", { ...args, create: true, ...none }));
    const [made] = ofType(registered, "azure-native:keyvault/v20260201:Vault");
    assert.ok(made !== undefined && !("tags" in made.inputs));
    const properties = made.inputs["properties"] as Record<string, unknown>;
    for (const key of ["enablePurgeProtection", "networkAcls"])
      assert.ok(!(key in properties), key);
    const [component] = ofType(registered, CredentialVault.TYPE);
    for (const key of Object.keys(none)) assert.ok(!(key in (component?.inputs ?? none)), key);
  });

  it("declares no vault when one exists", async () => {
    const registered = start();
    const vault = new CredentialVault("vault", { ...args, create: false });
    await urnsOf(vault);
    assert.equal(
      await valueOf(vault.vaultResourceId),
      `/subscriptions/${GUID}/resourceGroups/rg/providers/Microsoft.KeyVault/vaults/kv`,
    );
    assert.deepEqual(
      vendors(registered).map(({ type }) => type),
      ["azure-native:authorization:RoleAssignment"],
    );
  });
});

describe("VaultSecret", () => {
  it("expires at the second at which the client secret ends, with its tags, and the value wrapped", async () => {
    const registered = start();
    const stored = new VaultSecret("sesar-client-secret", {
      secretName: "s",
      contentType: "text/plain",
      epoch: "2026-05",
      start: "2026-05-01",
      endDate: "2027-05-01T00:00:00Z",
      tenantId: TENANT,
      resourceGroupName: "rg",
      vaultName: "kv",
      clientId: CLIENT,
      keyId: GUID,
      applicationResourceId: "/applications/x",
      value: VALUE,
    });
    assert.equal(await valueOf(stored.versionUri), "https://vault/secrets/s/1");
    const inputs = vendors(registered)[0]?.inputs ?? {};
    const { secret, value } = unwrap(inputs["properties"]);
    assert.ok(secret);
    assert.deepEqual(value, {
      value: VALUE,
      contentType: "text/plain",
      attributes: { enabled: true, expires: Date.parse("2027-05-01T00:00:00Z") / 1000 },
    });
    assert.deepEqual(inputs["tags"], {
      keyId: GUID,
      clientId: CLIENT,
      tenantId: TENANT,
      epoch: "2026-05",
      CredentialId: GUID,
      ProviderAddress: "/applications/x",
      ValidityPeriodDays: "365",
    });
  });
});
