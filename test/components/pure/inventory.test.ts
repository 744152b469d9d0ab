// Tables of what is foreign, what is an orphan and what is missing, and of when another secret may not be issued.
import assert from "node:assert/strict";
import type { IssuedPassword } from "../../../components/pure/history";
import type { DirectoryReading, ListedSecret } from "../../../components/pure/inventory";
import {
  missingNote,
  orphanProblem,
  reasonWith,
  stillMissing,
  takeInventory,
} from "../../../components/pure/inventory";
import { firstAdopted, keyId, rotated, waiting } from "./fixtures";

const CLIENT = "11111111-2222-4333-8444-555555555555";
const listed = (n: number, displayName: string | null): ListedSecret => ({
  displayName,
  keyId: keyId(n),
  startDate: "2026-05-20T08:00:00.1234567Z",
  endDate: "2027-05-01T00:00:00Z",
});
const reading = (...secrets: ListedSecret[]): DirectoryReading => ({
  clientId: CLIENT,
  secrets,
  notes: [],
});
const inState = (n: number, label: string): IssuedPassword => ({
  label,
  endDate: "2027-05-01T00:00:00Z",
  keyId: keyId(n),
});
const keyIds = (secrets: readonly { readonly keyId: string }[] | undefined): string[] =>
  (secrets ?? []).map((secret) => secret.keyId);

describe("takeInventory", () => {
  const ours = [inState(1, "2026-05")];

  it("finds nothing to say when Entra lists what the state holds", () => {
    const inventory = takeInventory("sesar", reading(listed(1, "sesar 2026-05")), ours, undefined);
    assert.deepEqual(inventory, { foreign: [], orphans: [], missing: [], notes: [] });
  });

  const names: [name: string | null, kind: "foreign" | "orphan"][] = [
    ["sesar 2026-05", "orphan"],
    ["sesar 2026-05-17", "orphan"],
    ["sesar 2026-11-g2", "orphan"],
    ["sesar 2026-11-17-g12", "orphan"],
    ["sesar-2 2026-05", "foreign"],
    ["sesar by hand", "foreign"],
    ["sesar 2026-05 copy", "foreign"],
    ["sesar 2026-05-g0", "foreign"],
    ["Sesar 2026-05", "foreign"],
    ["sesar", "foreign"],
    ["", "foreign"],
    [null, "foreign"],
  ];
  for (const [name, kind] of names) {
    it(`takes an unknown key id under the name ${JSON.stringify(name)} for ${kind}`, () => {
      const secrets = [listed(1, "sesar 2026-05"), listed(7, name)];
      const { foreign, orphans } = takeInventory("sesar", reading(...secrets), ours, undefined);
      const [here, there] = kind === "foreign" ? [foreign, orphans] : [orphans, foreign];
      assert.deepEqual([keyIds(here), keyIds(there)], [[keyId(7)], []]);
    });
  }

  it("reports name, key id, whole-second dates and the command that removes it", () => {
    const { foreign } = takeInventory("sesar", reading(listed(7, null)), [], undefined);
    assert.deepEqual(foreign, [
      {
        displayName: "",
        keyId: keyId(7),
        startDate: "2026-05-20T08:00:00Z",
        endDate: "2027-05-01T00:00:00Z",
        removeWith: `az ad app credential delete --id ${CLIENT} --key-id ${keyId(7)}`,
      },
    ]);
  });

  it("knows a secret of the state whatever it is called, and in whatever case its key id is written", () => {
    const inLetters = "abcdefab-cdef-4abc-8def-abcdefabcdef";
    const secret = { ...listed(1, "renamed"), keyId: inLetters.toUpperCase() };
    const held = [{ ...inState(1, "2026-05"), keyId: inLetters }];
    const { foreign, missing } = takeInventory("sesar", reading(secret), held, undefined);
    assert.deepEqual([foreign, missing], [[], []]);
  });

  it("never calls a secret an orphan that the history knows: a service may hold it", () => {
    const released = { label: "2025-11", endDate: "2026-11-01T00:00:00Z", keyId: keyId(3) };
    const skipped = { label: "2026-08", endDate: "2027-08-01T00:00:00Z", keyId: keyId(4) };
    const history = { ...rotated, released: [released], skipped: [skipped] };
    const secrets = [1, 2, 3, 4].map((n) => listed(n, `sesar 2026-0${n}`));
    assert.deepEqual(takeInventory("sesar", reading(...secrets), [], history).orphans, []);
    const inFlight = takeInventory("sesar", reading(listed(2, "sesar 2026-11")), [], waiting);
    assert.deepEqual(inFlight.orphans, []);
  });

  it("finds what the state holds and Entra does not, and says how it heals", () => {
    const { missing } = takeInventory("sesar", reading(), ours, firstAdopted);
    assert.deepEqual(missing, ours);
    const note = missingNote("sesar", inState(1, "2026-05"));
    assert.match(note, new RegExp(`2026-05 \\(key id ${keyId(1)}\\).*--refresh`));
  });

  it("says of an orphan that nobody holds it, and the command", () => {
    const { notes } = takeInventory("sesar", reading(listed(7, "sesar 2026-11")), [], undefined);
    assert.match(String(notes[0]), /sesar 2026-11 .* is an orphan: .*az ad app credential delete/);
  });

  it("knows nothing, instead of none, when the secrets could not be read", () => {
    const unread = { clientId: CLIENT, secrets: undefined, notes: ["why"] };
    assert.deepEqual(takeInventory("sesar", unread, ours, firstAdopted), {
      foreign: undefined,
      orphans: undefined,
      missing: [],
      notes: ["why"],
    });
  });
});

describe("orphanProblem", () => {
  const target = { label: "2026-11", start: "2026-11-01", generation: 0, endDate: "" };
  const plan = { name: "sesar", target };
  const orphans = (...ns: number[]) => {
    const secrets = ns.map((n) => listed(n, `sesar 2026-0${n}`));
    return takeInventory("sesar", reading(...secrets), [], undefined);
  };
  const rows: [count: number, issued: string[], refused: boolean][] = [
    [0, [], false],
    [1, [], false],
    [2, [], true],
    [3, ["2026-05"], true],
    [2, ["2026-11"], false],
  ];
  for (const [count, issued, refused] of rows) {
    const held = issued.length === 0 ? "nothing" : issued.join(", ");
    it(`${refused ? "refuses" : "lets"} 2026-11 with ${count} orphans and ${held} issued`, () => {
      const known = issued.map((label, n) => inState(n + 50, label));
      const stock = orphans(...Array.from({ length: count }, (_, n) => n + 1));
      assert.equal(orphanProblem(plan, known, stock) !== undefined, refused);
    });
  }

  it("gives the command for every orphan", () => {
    const problem = orphanProblem(plan, [], orphans(1, 2)) ?? "";
    for (const n of [1, 2]) assert.match(problem, new RegExp(`--key-id ${keyId(n)}`));
    assert.match(problem, /Nothing was changed/);
  });

  it("lets a run go on when the orphans could not be counted", () => {
    assert.equal(orphanProblem(plan, [], { orphans: undefined }), undefined);
  });
});

describe("stillMissing", () => {
  it("leaves out what the run has issued again, and what it has not declared", () => {
    const missing = [inState(1, "2026-05"), inState(2, "2026-11"), inState(3, "2027-05")];
    const keyIds = { "2026-05": keyId(9), "2026-11": keyId(2) };
    assert.deepEqual(stillMissing(missing, keyIds), [missing[1]]);
  });
});

describe("reasonWith", () => {
  it("adds what is missing, and how it heals", () => {
    const reason = "sesar: 41 days until rotation";
    assert.equal(reasonWith(reason, []), reason);
    assert.equal(
      reasonWith(reason, [inState(1, "2026-05")]),
      `${reason}; the secret of 2026-05 is gone from Entra; run with --refresh`,
    );
  });
});
