// What to do about the vault, by how it and the names in it stand; and the name that is drawn for one.
import assert from "node:assert/strict";
import fc from "fast-check";
import { uniqueVaultName, vaultSecretNames } from "../../../src/decide/vault-name";
import type { Consumer } from "../../../src/keyturn-config";
import type { Standing, VaultReading } from "../../../src/decide/vault-plan";
import { planVault, purgeProtected, vaultNameProblems } from "../../../src/decide/vault-plan";

const intent = { vaultName: "kv", resourceGroupName: "rg", create: true, held: false };
const reading = (vault: Standing, over: Partial<VaultReading> = {}): VaultReading => ({
  vault,
  secrets: {},
  notes: [],
  ...over,
});

describe("purgeProtected", () => {
  const without = { enablePurgeProtection: false };
  const having = { enablePurgeProtection: true };
  const rows: [what: string, ...Parameters<typeof purgeProtected>, boolean][] = [
    ["protects a vault that is made", "forNewVaults", undefined, false, true],
    ["leaves one that a former release made as it is", "forNewVaults", without, false, false],
    ["leaves one that is recovered as it was", "forNewVaults", undefined, true, false],
    ["protects one that is held where it is asked to", "always", without, false, true],
    ["protects one that is recovered where it is asked to", "always", undefined, true, true],
    ["makes one without where it is asked to", "never", undefined, false, false],
    ["never takes it off again", "never", having, false, true],
    ["keeps one that has it", "forNewVaults", having, false, true],
  ];
  for (const [what, setting, held, recover, expected] of rows) {
    it(what, () => assert.equal(purgeProtected(setting, held, recover), expected));
  }
});

describe("planVault", () => {
  const rows: [
    what: string,
    over: Partial<typeof intent>,
    vault: VaultReading,
    expected: boolean | RegExp,
  ][] = [
    ["makes a vault whose name is free", {}, reading("free"), false],
    ["recovers a deleted vault", {}, reading("deleted"), true],
    ["goes on when nothing could be read", {}, reading("unknown"), false],
    [
      "refuses to make a vault that exists",
      {},
      reading("live", { rbac: true }),
      /vaultName must be free, .*, got kv\. Set vaultCreate to false/,
    ],
    ["uses the vault that it made", { held: true }, reading("live", { rbac: true }), false],
    ["uses a vault that exists", { create: false }, reading("live", { rbac: true }), false],
    [
      "refuses a vault without RBAC",
      { create: false },
      reading("live", { rbac: false }),
      /Azure RBAC enabled.*--enable-rbac-authorization true/,
    ],
    [
      "refuses a vault that is not there",
      { create: false },
      reading("free"),
      /must name a vault that exists in rg, got kv/,
    ],
    [
      "refuses to use a deleted vault, and says how to have it back",
      { create: false },
      reading("deleted"),
      /az keyvault recover --name kv/,
    ],
    [
      "refuses a secret name that somebody else's secret has",
      { create: false },
      reading("live", { rbac: true, secrets: { "sesar-client-secret": "live" } }),
      /the name sesar-client-secret must be free in vault kv/,
    ],
    [
      "lets a deleted secret be recovered",
      { create: false },
      reading("live", { rbac: true, secrets: { "sesar-client-secret": "deleted" } }),
      false,
    ],
  ];
  for (const [what, over, given, expected] of rows) {
    it(what, () => {
      const plan = (): boolean => planVault({ ...intent, ...over }, given).recover;
      if (typeof expected === "boolean") assert.equal(plan(), expected);
      else assert.throws(plan, expected);
    });
  }

  it("says what it recovers and what could not be read", () => {
    const given = reading("deleted", { secrets: { a: "deleted", b: "free" }, notes: ["unread"] });
    assert.deepEqual(planVault(intent, given).messages, [
      "unread",
      "vault kv is deleted and recoverable: an update recovers it",
      "vault secret a is deleted and recoverable: an update recovers it, then writes a new version",
    ]);
  });
});

describe("a vault's name", () => {
  it("must be given for a vault that exists", () => {
    assert.deepEqual(
      [
        vaultNameProblems("", true).length,
        vaultNameProblems("kv", false).length,
        vaultNameProblems("", false)[0]?.rule,
      ],
      [0, 0, "must be given when vaultCreate is false"],
    );
  });

  it("is one that Azure takes, for every credential's name", () => {
    const names = fc.stringMatching(/^[a-z][a-z0-9-]{0,22}[a-z0-9]$/);
    fc.assert(
      fc.property(names, fc.stringMatching(/^[a-z0-9]{8}$/), (name, suffix) => {
        const drawn = uniqueVaultName(name, suffix);
        assert.match(drawn, /^[a-z](?!.*--)[a-z0-9-]{1,22}[a-z0-9]$/);
        assert.ok(drawn.endsWith(`-${suffix}`));
      }),
    );
  });

  it("is joined by the names of its secrets: the client secret and each kept file", () => {
    const consumers = [
      { kind: "automatic", name: "archive", host: { fileMode: "content" } },
      { kind: "automatic", name: "web", host: { fileMode: "edit" } },
      { kind: "assisted", name: "desk" },
    ] as unknown as Consumer[];
    assert.deepEqual(vaultSecretNames("sesar", consumers), [
      "sesar-client-secret",
      "sesar-archive-file",
    ]);
  });
});
