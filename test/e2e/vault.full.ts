// The vault's purge protection, tags and network rules on the engine: what a stack of a former release keeps, and what an
// operator changes by asking for it.
import assert from "node:assert/strict";
import { call, deployer } from "../helpers/tenant";
import { E2E_TIMEOUT_MS, LabStack, closing } from "../helpers/lab-stack";

const TAGS = { costCentre: "1234", owner: "archive" };
const ADDRESS = "203.0.113.0/24";

interface Found {
  readonly properties: {
    readonly enablePurgeProtection?: boolean;
    readonly networkAcls?: { readonly ipRules: readonly { readonly value: string }[] };
  };
  readonly tags?: unknown;
}

describe("the vault of a stack that a former release deployed", function () {
  this.timeout(E2E_TIMEOUT_MS);
  let labStack: LabStack;
  before(async () => {
    // As a release before the keys did: a vault without protection, tags and rules.
    const config = { "keyturn:vaultPurgeProtection": "never" };
    labStack = await LabStack.open({ lab: { now: "2026-11-21T08:00:00Z" }, config });
    await labStack.up();
    labStack.set(["keyturn:vaultPurgeProtection"], undefined);
  });
  after(closing(() => labStack));

  const vault = async (): Promise<Found> => {
    const { control, stack } = labStack.rehearsal;
    const url = String(/"id": "([^"]+\/vaults\/[^/"]+)"/.exec(await stack.exportState())?.[1]);
    const { endpoints } = await control.status();
    const address = `${endpoints.armUrl}${url}?api-version=2026-02-01`;
    return (await call(control, await deployer(control), "GET", address)).json as Found;
  };
  const changed = async (operation: "up" | "preview"): Promise<string[]> =>
    (await labStack.changes(operation)).filter((each) => each.includes("vault"));

  it("stays without protection, and changes nothing, until the config asks", async () => {
    await labStack.preview({ expectNoChanges: true });
    assert.equal((await vault()).properties.enablePurgeProtection, undefined);
  });

  it("is protected in place where the config says always", async () => {
    labStack.set(["keyturn:vaultPurgeProtection"], "always");
    assert.deepEqual(await changed("up"), ["update sesar-vault", "update sesar-vault-vault"]);
    assert.equal((await vault()).properties.enablePurgeProtection, true);
  });

  it("stays protected, and changes nothing, whatever the config says then", async () => {
    for (const setting of ["never", undefined]) {
      labStack.set(["keyturn:vaultPurgeProtection"], setting);
      await labStack.preview({ expectNoChanges: true });
    }
  });

  it("gets its tags and network rules in place, and the next run still stores and proves", async () => {
    labStack.set(["keyturn:vaultTags"], TAGS);
    labStack.set(["keyturn:vaultNetwork"], { addresses: [ADDRESS] });
    assert.deepEqual(await changed("up"), ["update sesar-vault", "update sesar-vault-vault"]);
    const { tags, properties } = await vault();
    assert.deepEqual(tags, TAGS);
    assert.deepEqual(properties.networkAcls?.ipRules, [{ value: ADDRESS }]);
    labStack.set(["keyturn:generation"], 1);
    await labStack.up();
    await labStack.preview({ expectNoChanges: true });
  });
});

describe("the vault of a new stack", function () {
  this.timeout(E2E_TIMEOUT_MS);
  let labStack: LabStack;
  before(async () => {
    labStack = await LabStack.open({ lab: { now: "2026-11-21T08:00:00Z" } });
  });
  after(closing(() => labStack));

  it("is protected from the first update on, and the next one changes nothing", async () => {
    await labStack.up();
    assert.match(await labStack.rehearsal.stack.exportState(), /"enablePurgeProtection": true/);
    await labStack.preview({ expectNoChanges: true });
  });
});
