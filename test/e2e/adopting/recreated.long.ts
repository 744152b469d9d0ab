// A stack that is destroyed and made again: the vault's name and its secrets' names are deleted and recoverable, the
// licence groups are still there. The right to recover a secret is needed, and named when it is missing.
import assert from "node:assert/strict";
import { EngineError } from "../../../packages/cli/stack";
import { leaksIn } from "../../helpers/leaks";
import { E2E_TIMEOUT_MS, LabStack, closing } from "../../helpers/lab-stack";
import { call, groupsNamed, somebody } from "../../helpers/tenant";

const NAMES = ["SecureExchanges_Licences", "Advanced", "Eco", "No_Licence", "Pro"];
const SECRETS = ["sesar-client-secret", "sesar-sesar-file"];

describe("a stack that is made again", function () {
  this.timeout(E2E_TIMEOUT_MS);
  let labStack: LabStack;
  let subscription = "";
  before(async () => {
    labStack = await LabStack.open({ lab: { now: "2026-11-21T08:00:00Z" } });
    subscription = `/subscriptions/${(await labStack.rehearsal.status()).subscriptionId}`;
  });
  after(closing(() => labStack));

  const vault = async () => {
    const { vaults } = await labStack.rehearsal.status();
    return vaults.find(({ name }) => name === "keyturn-lab");
  };
  const refused = async (sentence: RegExp): Promise<void> => {
    await assert.rejects(labStack.up(), (error: unknown) => {
      assert.ok(error instanceof EngineError);
      assert.match(error.output, sentence);
      return true;
    });
  };

  it("lets its readers read the secret, and nobody else", async () => {
    const { control } = labStack.rehearsal;
    const [reader, stranger] = [
      await somebody(control, "reader"),
      await somebody(control, "other"),
    ];
    const { servicePrincipalObjectId: principalObjectId } = reader;
    const readers = [{ principalObjectId, principalType: "ServicePrincipal" }];
    labStack.configure({ "keyturn:vaultReaders": readers });
    await labStack.up();
    const url = `${(await vault())?.vaultUri.replace(/\/$/, "") ?? ""}/secrets/sesar-client-secret?api-version=7.6`;
    const statuses = [reader, stranger].map(
      async (who) => (await call(control, who, "GET", url)).status,
    );
    assert.deepEqual(await Promise.all(statuses), [200, 403]);
    labStack.configure({ "keyturn:vaultReaders": undefined });
    await labStack.up();
    assert.equal((await call(control, reader, "GET", url)).status, 403);
  });

  it("leaves the licence groups when it is destroyed, and the vault recoverable", async () => {
    const { failedSyncs, documentsLost } = await labStack.rehearsal.service();
    assert.deepEqual([failedSyncs, documentsLost], [0, 0]);
    await labStack.rehearsal.control.host("stop-service", {});
    await labStack.unprotect();
    await labStack.destroy();
    const deleted = await vault();
    assert.notEqual(deleted?.deletedAt, undefined);
    assert.ok(deleted?.secrets.every((one) => one.deletedAt !== undefined));
    for (const name of NAMES) {
      assert.equal((await groupsNamed(labStack.rehearsal.control, name)).length, 1, name);
    }
  });

  it("is told the groups to take over, and takes them over", async () => {
    await refused(/the group Pro must not be made twice/);
    const groups = await Promise.all(
      NAMES.map(async (name) => {
        const [found] = await groupsNamed(labStack.rehearsal.control, name);
        return [name, found?.groupObjectId];
      }),
    );
    labStack.configure({ "keyturn:existingGroups": Object.fromEntries(groups) as object });
  });

  it("is refused the vault's name by Azure while it may not see what is deleted", async () => {
    await refused(/already exists in deleted state/);
    assert.match(labStack.printed, /Whether vault keyturn-lab is deleted .* could not be read/);
  });

  it("says in a preview what an update recovers, and recovers nothing", async () => {
    const role = { role: "Key Vault Reader", scope: subscription };
    await labStack.rehearsal.control.azure("grant-role", role);
    await labStack.preview();
    assert.match(
      labStack.printed,
      /vault keyturn-lab is deleted and recoverable: an update recovers it/,
    );
    assert.notEqual((await vault())?.deletedAt, undefined);
  });

  it("may not recover a secret without Key Vault Secrets Officer", async () => {
    const role = { role: "Key Vault Secrets Officer" };
    await labStack.rehearsal.control.azure("revoke-role", role);
    await refused(/ForbiddenByRbac/);
    await labStack.rehearsal.control.azure("grant-role", role);
    assert.equal((await vault())?.deletedAt, undefined);
  });

  it("recovers vault and secrets, writes a version beside the former ones, and changes nothing more", async () => {
    await labStack.rehearsal.control.host("start-service", {});
    await labStack.up();
    assert.match(labStack.printed, /vault secret sesar-client-secret is deleted and recoverable/);
    const recovered = (await vault())?.secrets ?? [];
    assert.deepEqual(
      recovered.map(({ name, deletedAt, versions }) => [name, deletedAt, versions.length]).sort(),
      SECRETS.map((name) => [name, undefined, 2]),
    );
    await labStack.up({ expectNoChanges: true });
    const values = await labStack.rehearsal.control.secretValues();
    assert.deepEqual(leaksIn("printed", labStack.printed, values), []);
  });
});
