// What the doctor says of who is signed in, and of the rights that are missing, by name.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { ROLES } from "../../../lab/cloud/arm/roles";
import { CLONE } from "../../clone";
import type { Finding } from "../../doctor/finding";
import {
  AZURE_ROLES,
  GRAPH_RIGHTS,
  azureRightsFindings,
  claimsOf,
  graphRightsFindings,
  signedInFindings,
} from "../../doctor/identity";
import { sesar } from "../../../../src/presets/sesar";

const TENANT = "44444444-4444-4444-8444-444444444444";
const OTHER = "55555555-5555-4555-8555-555555555555";
const PLACE = { tenantId: TENANT, subscriptionId: OTHER };
const CONFIG = {
  applicationClientId: "",
  preset: sesar,
  existingGroups: {},
  signInLog: false,
  requireSignInLog: false,
};
const ALL = GRAPH_RIGHTS.map(({ permission }) => permission);
const levels = (findings: readonly Finding[]): string[] => findings.map(({ level }) => level);

describe("the doctor on the sign-in", () => {
  it("says who is signed in, application or person", () => {
    const [application] = signedInFindings(PLACE, { tid: TENANT, oid: "o", appid: "a" }, undefined);
    assert.deepEqual(application?.says, `As the application a (object id o) in tenant ${TENANT}.`);
    const [person] = signedInFindings(PLACE, { tid: TENANT, scp: "x", upn: "a@b" }, OTHER);
    assert.match(person?.says ?? "", /^As the person a@b /);
  });

  it("fails for another tenant, and for another subscription that the environment names", () => {
    const found = signedInFindings(PLACE, { tid: OTHER }, TENANT);
    assert.deepEqual(levels(found), ["fails", "fails"]);
    assert.match(found[0]?.says ?? "", new RegExp(`${OTHER}.*${TENANT}`));
    assert.match(found[0]?.remedy ?? "", /az login --tenant/);
  });

  it("does not know it from a token that says nothing", () => {
    assert.deepEqual(levels(signedInFindings(PLACE, claimsOf("opaque"), undefined)), ["not known"]);
  });
});

describe("the doctor on Graph permissions", () => {
  it("asks for those of the first table of docs/rights.md", () => {
    const page = readFileSync(join(CLONE, "docs", "rights.md"), "utf8");
    const table = page.slice(0, page.indexOf("Optional:"));
    const named = [...table.matchAll(/^\| `([^`]+)`/gm)].map(([, name]) => name);
    assert.deepEqual(ALL.toSorted(), named.toSorted());
  });

  it("finds nothing missing where all are there, or a larger one in place of one", () => {
    assert.deepEqual(levels(graphRightsFindings(CONFIG, { tid: TENANT, roles: ALL })), ["ok"]);
    const roles = [
      "Application.ReadWrite.All",
      "Group.ReadWrite.All",
      "AppRoleAssignment.ReadWrite.All",
    ];
    assert.deepEqual(levels(graphRightsFindings(CONFIG, { tid: TENANT, roles })), ["ok"]);
  });

  for (const missing of ALL) {
    it(`names ${missing} where it is missing`, () => {
      const roles = ALL.filter((one) => one !== missing);
      const [found] = graphRightsFindings(CONFIG, { tid: TENANT, roles });
      assert.equal(found?.level, "fails");
      assert.match(found.says, new RegExp(`^Missing: ${missing} \\(`));
      assert.match(found.remedy, new RegExp(`Consent to ${missing} for`));
    });
  }

  it("names all of them where the token of an application has none", () => {
    const [found] = graphRightsFindings(CONFIG, { tid: TENANT });
    for (const permission of ALL) assert.ok(found?.says.includes(permission));
  });

  it("asks less of an identity that adopts application and groups", () => {
    const names = [sesar.licenceGroup, ...sesar.licenceMembers];
    const existingGroups = Object.fromEntries(names.map((name) => [name, OTHER]));
    const config = { ...CONFIG, applicationClientId: OTHER, existingGroups };
    const roles = ["Application.ReadWrite.OwnedBy", "Group.Read.All"];
    assert.deepEqual(levels(graphRightsFindings(config, { tid: TENANT, roles })), ["ok"]);
  });

  it("warns where the sign-in log cannot be read, and fails where it is required", () => {
    const held = { tid: TENANT, roles: ALL };
    const log = { ...CONFIG, signInLog: true };
    assert.deepEqual(levels(graphRightsFindings(log, held)), ["ok", "warning"]);
    const required = { ...log, requireSignInLog: true };
    assert.deepEqual(levels(graphRightsFindings(required, held)), ["ok", "fails"]);
    const roles = [...ALL, "AuditLog.Read.All"];
    assert.deepEqual(levels(graphRightsFindings(required, { ...held, roles })), ["ok"]);
  });

  it("does not know a person's", () => {
    assert.deepEqual(levels(graphRightsFindings(CONFIG, { tid: TENANT, scp: "User.Read" })), [
      "not known",
    ]);
  });
});

describe("the doctor on Azure roles", () => {
  const GROUP = "/subscriptions/s/resourceGroups/rg";
  const held = (scope: string, ...names: (keyof typeof AZURE_ROLES)[]) =>
    names.map((name) => ({
      scope,
      roleDefinitionId: `/subscriptions/s/providers/Microsoft.Authorization/roleDefinitions/${AZURE_ROLES[name]}`,
    }));
  const none = { vaultReaders: [] };
  const readers = { vaultReaders: [{ principalObjectId: OTHER, principalType: "Group" as const }] };

  it("knows each by the id that Azure gives it", () => {
    for (const [name, guid] of Object.entries(AZURE_ROLES))
      assert.equal(ROLES.find(({ roleName }) => roleName === name)?.roleDefinitionGuid, guid);
  });

  it("finds nothing missing where they are held on the group or above it, in whatever case", () => {
    const own = held(GROUP.toUpperCase(), "Contributor", "Key Vault Secrets Officer");
    assert.deepEqual(levels(azureRightsFindings(none, GROUP, own)), ["ok"]);
    const above = held("/subscriptions/s", "Owner", "Key Vault Administrator");
    assert.deepEqual(levels(azureRightsFindings(readers, GROUP, above)), ["ok"]);
  });

  it("does not count a role on another group, one whose name begins alike included", () => {
    const [found] = azureRightsFindings(none, GROUP, held(`${GROUP}-other`, "Contributor"));
    const [alike] = azureRightsFindings(none, `${GROUP}-other`, held(GROUP, "Contributor"));
    for (const one of [found, alike]) {
      assert.equal(one?.level, "fails");
      assert.match(one.says, /Contributor/);
      assert.match(one.remedy, /az role assignment create .* --role "Contributor"/);
    }
  });

  it("wants the right to assign roles only where there are vaultReaders", () => {
    const roles = held(GROUP, "Contributor", "Key Vault Secrets Officer");
    assert.deepEqual(levels(azureRightsFindings(none, GROUP, roles)), ["ok"]);
    const [found] = azureRightsFindings(readers, GROUP, roles);
    assert.match(found?.says ?? "", /Role Based Access Control Administrator/);
  });

  it("only warns where another role is held there, which may do for what is missing", () => {
    const own = { scope: GROUP, roleDefinitionId: `/roleDefinitions/${OTHER}` };
    const [found] = azureRightsFindings(none, GROUP, [own]);
    assert.equal(found?.level, "warning");
    assert.match(found.says, /Contributor .*Others are held there \(1\)/);
  });

  it("warns where deleted secrets could not be recovered", () => {
    assert.deepEqual(levels(azureRightsFindings(none, GROUP, held(GROUP, "Contributor"))), [
      "ok",
      "warning",
    ]);
  });
});
