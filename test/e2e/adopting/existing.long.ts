// An application, licence groups with people in them and a vault that were there before Keyturn: taken over as they are,
// over three epochs, and left as they are when the stack goes.
import assert from "node:assert/strict";
import type { LabControl } from "../../../packages/lab/control-client";
import { DEPLOYER_CLIENT_ID } from "../../../packages/lab/cloud/seed";
import { leaksIn, leaksInFolder } from "../../helpers/leaks";
import { E2E_TIMEOUT_MS, LabStack, closing } from "../../helpers/lab-stack";
import { type ShownGroup, groupsNamed, makeVault } from "../../helpers/tenant";

const MEMBERS = ["Advanced", "Eco", "No_Licence", "Pro"];
const NAMES = ["SecureExchanges_Licences", ...MEMBERS];
const NOT_NEEDED = ["Application.Read.All", "AppRoleAssignment.ReadWrite.All", "Group.Create"];
const person = (index: number): string =>
  `b0000000-0000-4000-8000-${String(index).padStart(12, "0")}`;

describe("what was there before", function () {
  this.timeout(E2E_TIMEOUT_MS);
  let labStack: LabStack;
  let clientId = "";
  let foreignKeyId = "";
  let was: ShownGroup[] = [];

  const prepare = async (control: LabControl): Promise<Record<string, unknown>> => {
    await makeVault(control, "kv-of-others");
    const application = await control.directory("create-application", {
      displayName: "SESAR by hand",
      permissions: ["Group.Read.All", "GroupMember.Read.All", "User.Read.All", "Mail.Read"],
      consents: ["Group.Read.All", "GroupMember.Read.All", "MailboxSettings.Read", "User.Read.All"],
    });
    clientId = String(application["clientId"]);
    const portal = { clientId, displayName: "portal" };
    foreignKeyId = String((await control.directory("add-password", portal))["keyId"]);
    const existing: Record<string, string> = {};
    const group = async (displayName: string, rest: object): Promise<void> => {
      const description = `${displayName}, made in the portal`;
      const made = await control.directory("create-group", { displayName, description, ...rest });
      existing[displayName] = String(made["groupObjectId"]);
    };
    for (const [index, name] of MEMBERS.entries()) {
      await group(name, { users: [person(2 * index + 1), person(2 * index + 2)] });
    }
    // One of them was forgotten.
    const groups = MEMBERS.slice(0, -1).map((name) => existing[name] ?? "");
    await group("SecureExchanges_Licences", { groups });
    // What docs/rights.md says is left: Application.ReadWrite.OwnedBy and Group.Read.All.
    for (const role of NOT_NEEDED) {
      await control.directory("revoke-role", { clientId: DEPLOYER_CLIENT_ID, role });
    }
    was = (await Promise.all(NAMES.map((name) => groupsNamed(control, name)))).flat();
    return {
      "keyturn:applicationClientId": clientId,
      "keyturn:existingGroups": existing,
      "keyturn:vaultName": "kv-of-others",
      "keyturn:vaultCreate": false,
    };
  };
  before(async () => {
    labStack = await LabStack.open({ lab: { now: "2026-11-21T08:00:00Z" }, prepare });
  });
  after(closing(() => labStack));

  const groupsNow = async (): Promise<ShownGroup[]> =>
    (await Promise.all(NAMES.map((name) => groupsNamed(labStack.rehearsal.control, name)))).flat();
  const passwords = async () => {
    const { credentials } = await labStack.rehearsal.status();
    return credentials.find((one) => one.clientId === clientId)?.passwords ?? [];
  };
  const untouched = async (): Promise<void> => {
    assert.deepEqual(await groupsNow(), was);
    const foreign = (await passwords()).find(({ keyId }) => keyId === foreignKeyId);
    assert.equal(foreign?.acceptedNow, true);
  };
  const service = async (): Promise<{ failedSyncs: number; documentsLost: number }> => {
    const { failedSyncs, documentsLost } = await labStack.rehearsal.service();
    return { failedSyncs, documentsLost };
  };

  it("is taken over with two Graph permissions: no application, consent, group or vault is made, and a secret is adopted", async () => {
    const changes = await labStack.changes("up");
    assert.deepEqual(
      changes.filter((one) => /application$|principal|graph|vault-vault$/.test(one)),
      [],
    );
    assert.deepEqual(
      changes.filter((one) => one.includes("licences-")),
      [
        "import sesar-licences-Advanced",
        "import sesar-licences-Advanced-member",
        "import sesar-licences-Eco",
        "import sesar-licences-Eco-member",
        "import sesar-licences-No_Licence",
        "import sesar-licences-No_Licence-member",
        "import sesar-licences-Pro",
        "import sesar-licences-SecureExchanges_Licences",
      ],
    );
    assert.equal((await labStack.history()).active?.label, "2026-11");
    assert.equal(await labStack.rehearsal.output("clientId"), clientId);
    assert.match(labStack.printed, /the group Pro is not a member of SecureExchanges_Licences/);
    await untouched();
  });

  it("has its permissions compared with the product's, and changed by nobody", async () => {
    const difference = (permission: string, wanted: boolean, declared: boolean) => ({
      permission,
      wanted,
      declared,
      consented: wanted,
    });
    assert.deepEqual(await labStack.rehearsal.output("permissionDifferences"), [
      difference("Mail.Read", false, true),
      difference("MailboxSettings.Read", true, false),
    ]);
    assert.match(
      labStack.printed,
      /warning: .*asks for MailboxSettings\.Read, which is not declared/,
    );
  });

  it("is left alone by a run with nothing to do, with the keys still in the config", async () => {
    await labStack.up({ expectNoChanges: true });
    await labStack.refresh();
    await labStack.up({ expectNoChanges: true });
    await untouched();
  });

  it("outlives three epochs, without a failed sync, a lost document or a leak", async () => {
    for (const day of ["2027-05-01", "2027-05-16", "2027-05-17", "2027-11-01", "2027-11-16"]) {
      await labStack.rehearsal.goTo(day);
      await labStack.up();
    }
    await labStack.up();
    const history = await labStack.history();
    assert.equal(history.active?.label, "2027-11");
    const names = (await passwords()).filter(({ acceptedNow }) => acceptedNow);
    assert.deepEqual(names.map(({ displayName }) => displayName).sort(), [
      "portal",
      "sesar 2027-11",
    ]);
    await untouched();
    assert.deepEqual(await service(), { failedSyncs: 0, documentsLost: 0 });
    const values = await labStack.rehearsal.control.secretValues();
    assert.deepEqual(leaksIn("printed", labStack.printed, values), []);
    assert.deepEqual(leaksIn("state", await labStack.rehearsal.stack.exportState(), values), []);
    assert.deepEqual(leaksInFolder(labStack.rehearsal.workspaceDir, values), []);
  });

  it("stays when the stack is destroyed, whole and with everybody in it", async () => {
    await labStack.unprotect();
    await labStack.destroy();
    await untouched();
    assert.deepEqual(
      (await passwords()).filter((one) => one.acceptedNow).map(({ keyId }) => keyId),
      [foreignKeyId],
    );
    const { vaults } = await labStack.rehearsal.status();
    assert.equal(vaults.find(({ name }) => name === "kv-of-others")?.deletedAt, undefined);
  });
});
