// What the doctor says of the vault and of the names in it.
import assert from "node:assert/strict";
import { type VaultFacts, vaultFindings } from "../../doctor/vault";

const intent = { vaultName: "kv", resourceGroupName: "rg", create: true, held: true };
const reading = { vault: "live", rbac: true, secrets: {}, notes: [] } as const;
const WELL: VaultFacts = {
  intent,
  reading,
  heldName: "kv",
  isPurgeProtected: true,
  wantsPurgeProtection: true,
  refusal: undefined,
};
const said = (changes: Partial<VaultFacts>): string[] =>
  vaultFindings({ ...WELL, ...changes })
    .filter(({ level }) => level !== "ok")
    .map(({ level, check }) => `${level} ${check}`);

describe("the doctor on the vault", () => {
  it("finds nothing where it stands, or is to be made", () => {
    assert.deepEqual(said({}), []);
    const free = { ...reading, vault: "free" } as const;
    assert.deepEqual(said({ intent: { ...intent, held: false }, reading: free }), []);
    assert.deepEqual(
      said({ intent: { ...intent, held: false, vaultName: "" }, reading: free, heldName: "" }),
      [],
    );
  });

  it("fails where the config names another one than the state holds", () => {
    const found = vaultFindings({ ...WELL, heldName: "kv-former" });
    assert.deepEqual(
      found.map(({ level, check }) => `${level} ${check}`),
      ["fails vault"],
    );
    assert.match(found[0]?.remedy ?? "", /vaultName: kv-former/);
    for (const heldName of ["", "KV"]) assert.deepEqual(said({ heldName }), []);
  });

  it("fails where one that the state has, or that must exist, is not there", () => {
    for (const standing of ["free", "deleted"] as const) {
      const gone = { ...reading, vault: standing };
      assert.deepEqual(said({ reading: gone }), ["fails vault"]);
      assert.deepEqual(said({ intent: { ...intent, held: false, create: false }, reading: gone }), [
        "fails vault",
      ]);
    }
  });

  it("warns of one that will be recovered", () => {
    const deleted = { ...reading, vault: "deleted" } as const;
    assert.deepEqual(said({ intent: { ...intent, held: false }, reading: deleted }), [
      "warning vault",
    ]);
  });

  it("fails where it has access policies, and warns where it does not let its secrets be listed", () => {
    assert.deepEqual(said({ reading: { ...reading, rbac: false } }), ["fails vault"]);
    const found = vaultFindings({ ...WELL, refusal: "Azure answers 403 ForbiddenByRbac" });
    assert.equal(found[0]?.level, "warning");
    assert.match(found[0].says, /403 ForbiddenByRbac/);
    assert.match(found[0].remedy, /Key Vault Secrets Officer/);
  });

  it("warns where it can be purged, and says whether the config means that", () => {
    const remedy = (wantsPurgeProtection: boolean) =>
      vaultFindings({ ...WELL, isPurgeProtected: false, wantsPurgeProtection }).find(
        ({ check }) => check === "purge protection",
      )?.remedy ?? "";
    assert.match(remedy(true), /vaultPurgeProtection: always/);
    assert.match(remedy(false), /the config says so/);
  });

  it("fails where a name is taken, and warns where a deleted secret has it", () => {
    const named = (standing: "live" | "deleted") =>
      said({ reading: { ...reading, secrets: { "sesar-client-secret": standing } } });
    assert.deepEqual(named("live"), ["fails vault secrets"]);
    assert.deepEqual(named("deleted"), ["warning vault secrets"]);
  });
});
