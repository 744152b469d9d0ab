// Each right of docs/rights.md is needed: a run without it fails and names what is missing, and goes on once it is back.
// The order makes each of them the next thing that the run needs.
import assert from "node:assert/strict";
import { EngineError } from "../../../cli/stack";
import { DEPLOYER_CLIENT_ID } from "../../../lab/cloud/seed";
import { E2E_TIMEOUT_MS, Scene, closing } from "../harness";
import { somebody } from "./azure";

const DENIED = "Authorization_RequestDenied";
const GRAPH: [permission: string, sentences: RegExp[]][] = [
  ["Group.Read.All", [/Consent to Group\.Read\.All for the deploying identity/, RegExp(DENIED)]],
  ["Group.Create", [RegExp(`Creating group "[^"]*": .*${DENIED}`)]],
  ["Application.Read.All", [RegExp(`AppRoleAssignment.*${DENIED}`, "s")]],
  ["AppRoleAssignment.ReadWrite.All", [RegExp(`AppRoleAssignment.*${DENIED}`, "s")]],
];

describe("the rights of the deploying identity", function () {
  this.timeout(E2E_TIMEOUT_MS);
  let scene: Scene;
  before(async () => {
    scene = await Scene.open({ lab: { now: "2026-11-21T08:00:00Z" } });
  });
  after(closing(() => scene));

  const refused = async (sentences: readonly RegExp[]): Promise<void> => {
    await assert.rejects(scene.up(), (error: unknown) => {
      assert.ok(error instanceof EngineError);
      for (const sentence of sentences) assert.match(error.output, sentence);
      return true;
    });
  };

  for (const [role, sentences] of GRAPH) {
    it(`include ${role}: a run without it names what it lacks`, async () => {
      const right = { clientId: DEPLOYER_CLIENT_ID, role };
      const { control } = scene.rehearsal;
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
    const { control } = scene.rehearsal;
    assert.deepEqual(await control.azure("revoke-role", right), { revoked: 1 });
    try {
      await refused([/AuthorizationFailed.*Microsoft\.KeyVault\/vaults\/(secrets\/)?write/s]);
      assert.equal((await scene.rehearsal.service()).stops.length, 0);
    } finally {
      await control.azure("grant-role", right);
    }
  });

  it("suffice together: the run goes on where it was", async () => {
    await scene.up();
    assert.equal((await scene.history()).active?.label, "2026-11");
    const { failedSyncs, documentsLost, stops } = await scene.rehearsal.service();
    assert.deepEqual([failedSyncs, documentsLost, stops.length], [0, 0, 1]);
  });

  it("include Application.ReadWrite.OwnedBy: a rotation without it names what it lacks, and goes on with it", async () => {
    const right = { clientId: DEPLOYER_CLIENT_ID, role: "Application.ReadWrite.OwnedBy" };
    const { control } = scene.rehearsal;
    scene.configure({ "keyturn:generation": 1 });
    await control.directory("revoke-role", right);
    try {
      await refused([RegExp(`ApplicationPassword.*${DENIED}`, "s")]);
    } finally {
      await control.directory("grant-role", right);
    }
    await scene.up();
    assert.equal((await scene.history()).active?.label, "2026-11-g1");
  });

  it("include Role Based Access Control Administrator where there are readers", async () => {
    const { control } = scene.rehearsal;
    const { servicePrincipalObjectId: principalObjectId } = await somebody(control, "reader");
    const readers = [{ principalObjectId, principalType: "ServicePrincipal" }];
    scene.configure({ "keyturn:vaultReaders": readers });
    const right = { role: "Role Based Access Control Administrator" };
    assert.deepEqual(await control.azure("revoke-role", right), { revoked: 1 });
    await refused([/Microsoft\.Authorization\/roleAssignments\/write/]);
    await control.azure("grant-role", right);
    await scene.up();
    await scene.up({ expectNoChanges: true });
  });
});
