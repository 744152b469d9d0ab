// Each right of docs/rights.md is needed: a run without it fails and names what is missing, and goes on once it is back.
// The order makes each of them the next thing that the run needs.
import assert from "node:assert/strict";
import { EngineError } from "../../../packages/cli/stack";
import { DEPLOYER_CLIENT_ID } from "../../../packages/lab/cloud/seed";
import { E2E_TIMEOUT_MS, LabStack, closing } from "../../helpers/lab-stack";
import { somebody } from "../../helpers/tenant";

const DENIED = "Authorization_RequestDenied";
const GRAPH: [permission: string, sentences: RegExp[]][] = [
  ["Group.Read.All", [/Consent to Group\.Read\.All for the deploying identity/, RegExp(DENIED)]],
  ["Group.Create", [RegExp(`Creating group "[^"]*": .*${DENIED}`)]],
  ["Application.Read.All", [RegExp(`AppRoleAssignment.*${DENIED}`, "s")]],
  ["AppRoleAssignment.ReadWrite.All", [RegExp(`AppRoleAssignment.*${DENIED}`, "s")]],
];

describe("the rights of the deploying identity", function () {
  this.timeout(E2E_TIMEOUT_MS);
  let labStack: LabStack;
  before(async () => {
    labStack = await LabStack.open({ lab: { now: "2026-11-21T08:00:00Z" } });
  });
  after(closing(() => labStack));

  const refused = async (sentences: readonly RegExp[]): Promise<void> => {
    await assert.rejects(labStack.up(), (error: unknown) => {
      assert.ok(error instanceof EngineError);
      for (const sentence of sentences) assert.match(error.output, sentence);
      return true;
    });
  };

  for (const [role, sentences] of GRAPH) {
    it(`include ${role}: a run without it names what it lacks`, async () => {
      const right = { clientId: DEPLOYER_CLIENT_ID, role };
      const { control } = labStack.rehearsal;
      assert.deepEqual(await control.directory("revoke-role", right), { revoked: true });
      try {
        await refused(sentences);
      } finally {
        await control.directory("grant-role", right);
      }
    });
  }

  it("include Contributor: a run without it names the action, and no host is touched", async () => {
    const right = { role: "Contributor" };
    const { control } = labStack.rehearsal;
    assert.deepEqual(await control.azure("revoke-role", right), { revoked: 1 });
    try {
      await refused([/AuthorizationFailed.*Microsoft\.KeyVault\/vaults\/(secrets\/)?write/s]);
      assert.equal((await labStack.rehearsal.service()).stops.length, 0);
    } finally {
      await control.azure("grant-role", right);
    }
  });

  it("suffice together: the run goes on where it was", async () => {
    await labStack.up();
    assert.equal((await labStack.history()).active?.label, "2026-11");
    const { failedSyncs, documentsLost, stops } = await labStack.rehearsal.service();
    assert.deepEqual([failedSyncs, documentsLost, stops.length], [0, 0, 1]);
  });

  it("include Application.ReadWrite.OwnedBy: a rotation without it names what it lacks, and goes on with it", async () => {
    const right = { clientId: DEPLOYER_CLIENT_ID, role: "Application.ReadWrite.OwnedBy" };
    const { control } = labStack.rehearsal;
    labStack.configure({ "keyturn:generation": 1 });
    await control.directory("revoke-role", right);
    try {
      await refused([RegExp(`ApplicationPassword.*${DENIED}`, "s")]);
    } finally {
      await control.directory("grant-role", right);
    }
    await labStack.up();
    assert.equal((await labStack.history()).active?.label, "2026-11-g1");
  });

  it("include Role Based Access Control Administrator where there are readers", async () => {
    const { control } = labStack.rehearsal;
    const { servicePrincipalObjectId: principalObjectId } = await somebody(control, "reader");
    const readers = [{ principalObjectId, principalType: "ServicePrincipal" }];
    labStack.configure({ "keyturn:vaultReaders": readers });
    const right = { role: "Role Based Access Control Administrator" };
    assert.deepEqual(await control.azure("revoke-role", right), { revoked: 1 });
    await refused([/Microsoft\.Authorization\/roleAssignments\/write/]);
    await control.azure("grant-role", right);
    await labStack.up();
    await labStack.up({ expectNoChanges: true });
  });
});
