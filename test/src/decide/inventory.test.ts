// Tables of what is foreign, what is an orphan and what is missing, and of when another secret may not be issued.
import assert from "node:assert/strict";
import type { History, IssuedPassword } from "../../../src/decide/history";
import type { DirectoryReading } from "../../../src/decide/inventory";
import type { ListedSecret } from "../../../src/decide/listed-secret";
import {
  missingNote,
  orphanProblem,
  reasonWith,
  stillMissing,
  takeInventory,
} from "../../../src/decide/inventory";
import type { SignIn } from "../../../src/decide/sign-ins";
import type { Witnesses } from "../../../src/decide/standing";
import { heldSecrets } from "../../../src/decide/standing";
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

const stack = (issued: readonly IssuedPassword[] = [], history?: History) => ({ issued, history });

/** K2 was issued a month ago; the consumer holds K3, which was issued after it. */
const NOW = new Date("2026-06-10T06:00:00Z");
const later = { ...listed(3, "sesar 2026-06"), startDate: "2026-05-21T08:00:00Z" };
const witnesses = (over: Partial<Witnesses> = {}): Witnesses => ({
  consumers: [{ name: "archive", keyId: keyId(3) }],
  log: { entries: [], complete: true },
  adopted: {},
  overlap: "P14D",
  today: "2026-06-10",
  now: NOW,
  ...over,
});
const signIn = (over: Partial<SignIn> = {}): SignIn => ({
  at: "2026-06-01T10:00:00Z",
  keyId: keyId(7),
  ipAddress: "203.0.113.7",
  requestId: "",
  correlationId: "",
  resource: "Microsoft Graph",
  ok: true,
  ...over,
});

describe("takeInventory", () => {
  const ours = [inState(1, "2026-05")];

  it("finds nothing to say when Entra lists what the state holds", () => {
    const inventory = takeInventory("sesar", reading(listed(1, "sesar 2026-05")), stack(ours));
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
      const { foreign, orphans } = takeInventory("sesar", reading(...secrets), stack(ours));
      const [here, there] = kind === "foreign" ? [foreign, orphans] : [orphans, foreign];
      assert.deepEqual([keyIds(here), keyIds(there)], [[keyId(7)], []]);
    });
  }

  it("reports name, key id, whole-second dates and the command that removes it", () => {
    const { foreign } = takeInventory("sesar", reading(listed(7, null)), stack());
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
    const { foreign, missing } = takeInventory("sesar", reading(secret), stack(held));
    assert.deepEqual([foreign, missing], [[], []]);
  });

  it("never calls a secret an orphan that the history knows: a service may hold it", () => {
    const released = { label: "2025-11", endDate: "2026-11-01T00:00:00Z", keyId: keyId(3) };
    const skipped = { label: "2026-08", endDate: "2027-08-01T00:00:00Z", keyId: keyId(4) };
    const history = { ...rotated, released: [released], skipped: [skipped] };
    const secrets = [1, 2, 3, 4].map((n) => listed(n, `sesar 2026-0${n}`));
    assert.deepEqual(takeInventory("sesar", reading(...secrets), stack([], history)).orphans, []);
    const inFlight = takeInventory(
      "sesar",
      reading(listed(2, "sesar 2026-11")),
      stack([], waiting),
    );
    assert.deepEqual(inFlight.orphans, []);
  });

  it("finds what the state holds and Entra does not, and says how it heals", () => {
    const { missing } = takeInventory("sesar", reading(), stack(ours, firstAdopted));
    assert.deepEqual(missing, ours);
    const note = missingNote("sesar", inState(1, "2026-05"));
    assert.match(note, new RegExp(`2026-05 \\(key id ${keyId(1)}\\).*--refresh`));
  });

  it("knows nothing, instead of none, when the secrets could not be read", () => {
    const unread = { clientId: CLIENT, secrets: undefined, notes: ["why"] };
    assert.deepEqual(takeInventory("sesar", unread, stack(ours, firstAdopted)), {
      foreign: undefined,
      orphans: undefined,
      missing: [],
      notes: ["why"],
    });
  });
});

describe("the standing of a secret that bears our name and that the stack does not know", () => {
  const ours = [inState(3, "2026-06")];
  const taken = (over: Partial<Witnesses> = {}, history?: History) =>
    takeInventory(
      "sesar",
      reading(listed(7, "sesar 2026-05"), later),
      stack(ours, history),
      witnesses(over),
    );
  const rows: [
    what: string,
    over: Partial<Witnesses>,
    standing: "held" | "unheld" | "unknown",
    because: RegExp,
  ][] = [
    ["the log and every consumer say so", {}, "unheld", /no use of it .* a later secret/],
    [
      "a consumer's last report names it",
      { consumers: [{ name: "archive", keyId: keyId(7).toUpperCase() }] },
      "held",
      /archive holds it/,
    ],
    [
      "somebody signed in with it",
      { log: { entries: [signIn()], complete: true } },
      "held",
      /at 2026-06-01T10:00Z from 203\.0\.113\.7/,
    ],
    [
      "somebody failed to sign in with it",
      { log: { entries: [signIn({ ok: false })], complete: true } },
      "unheld",
      /no use/,
    ],
    [
      "the log cannot be read",
      { log: { entries: undefined, why: "Graph answers 403" } },
      "unknown",
      /Graph answers 403/,
    ],
    [
      "more of the log was not read",
      { log: { entries: [], complete: false } },
      "unknown",
      /more entries/,
    ],
    [
      "it is younger than what the log has",
      { now: new Date("2026-05-21T07:00:00Z") },
      "unknown",
      /may not have come/,
    ],
    [
      "it is older than what the log remembers",
      { now: new Date("2026-07-01T00:00:00Z") },
      "unknown",
      /older than/,
    ],
    [
      "there is no report, in a new stack",
      { consumers: [] },
      "unknown",
      /no consumer has reported/,
    ],
    [
      "a consumer has not said what it holds",
      { consumers: [...witnesses().consumers, { name: "mail", keyId: undefined }] },
      "unknown",
      /mail has not reported/,
    ],
    [
      "the report is about a secret from before it, as after a state that was brought back",
      { consumers: [{ name: "archive", keyId: keyId(1) }] },
      "unknown",
      /archive has not reported since/,
    ],
  ];
  for (const [what, over, standing, because] of rows) {
    it(`is ${standing} when ${what}`, () => {
      const [found] = taken(over).orphans ?? [];
      assert.equal(found?.standing, standing);
      assert.match(found.because, because);
      assert.equal(found.removeWith !== undefined, standing === "unheld");
    });
    it(`gives a command that removes it ${standing === "unheld" ? "" : "not "}when ${what}`, () => {
      const said = taken(over).notes.join("\n");
      assert.equal(said.includes("az ad app credential delete"), standing === "unheld");
      assert.equal(said.includes("nobody holds"), standing === "unheld");
      const take = `keyturn adopt ${keyId(7)} --label 2026-05 --ends 2027-05-01T00:00:00Z`;
      assert.equal(said.includes(take), standing !== "unheld");
    });
  }

  it("is no orphan's once it is taken over, and it is never offered for removal in its overlap", () => {
    const adopted = { [keyId(7)]: { label: "2026-05", endDate: "2027-05-01T00:00:00Z" } };
    const [before] = [firstAdopted.active].flatMap((epoch) => epoch ?? []);
    assert(before);
    const active = { ...firstAdopted, active: { ...before, adoptedOn: "2026-06-01" } };
    const { orphans, notes } = taken({ adopted }, active);
    assert.deepEqual(orphans, []);
    assert.match(notes.join(), /taken over: .*never removes it; its overlap runs until 2026-06-16/);
    assert.match(taken({ adopted }).notes.join(), /its overlap begins when a successor is adopted/);
    const over = { adopted, today: "2026-06-16" };
    assert.match(
      taken(over, active).notes.join(),
      /overlap is over and nobody holds it.*az ad app/,
    );
    const held = { ...over, consumers: [{ name: "archive", keyId: keyId(7) }] };
    const said = taken(held, active).notes.join();
    assert.match(said, /Its overlap is over, but it is in use: archive holds it/);
    assert(!said.includes("az ad app"));
  });
});

describe("heldSecrets", () => {
  const report = { name: "archive", adopted: false, keyId: keyId(2) };
  it("takes the journal's word before the outcome's, and an adoption for what is held", () => {
    const rows = [
      [{ ...report, heldKeyId: keyId(1) }, keyId(1)],
      [{ ...report, heldKeyId: null }, undefined],
      [report, undefined],
      [{ ...report, adopted: true }, keyId(2)],
      [{ ...report, name: "another", adopted: true }, undefined],
      ["not a report", undefined],
    ];
    for (const [output, held] of rows) {
      assert.deepEqual(heldSecrets([output], ["archive"]), [{ name: "archive", keyId: held }]);
    }
    assert.deepEqual(heldSecrets(undefined, ["archive"]), [{ name: "archive", keyId: undefined }]);
  });
});

describe("orphanProblem", () => {
  const target = { label: "2026-11", start: "2026-11-01", generation: 0, endDate: "" };
  const plan = { name: "sesar", target };
  const orphans = (over: Partial<Witnesses>, ...ns: number[]) => {
    const secrets = ns.map((n) => listed(n, `sesar 2026-0${n}`));
    return takeInventory(
      "sesar",
      reading(...secrets, { ...later, keyId: keyId(40) }),
      stack([inState(40, "2026-06")]),
      witnesses({ consumers: [{ name: "archive", keyId: keyId(40) }], ...over }),
    );
  };
  const UNREAD = { log: { entries: undefined, why: "Graph answers 403" } } as const;
  const HELD = { log: { entries: [1, 2].map((n) => signIn({ keyId: keyId(n) })), complete: true } };
  const rows: [
    what: string,
    count: number,
    over: Partial<Witnesses>,
    issued: string[],
    said: RegExp | undefined,
  ][] = [
    ["none", 0, {}, [], undefined],
    ["one that nobody holds", 1, {}, [], undefined],
    ["two that nobody holds", 2, {}, [], /no secret may be issued for 2026-11 .* 2 orphans/],
    ["three that nobody holds, another epoch issued", 3, {}, ["2026-05"], /3 orphans/],
    ["two that nobody holds, this epoch issued", 2, {}, ["2026-11"], undefined],
    ["one that may be held", 1, UNREAD, [], undefined],
    ["two that may be held", 2, UNREAD, [], /2026-11 waits to be issued: 2 secrets/],
    ["two that may be held, this epoch issued", 2, UNREAD, ["2026-11"], undefined],
    ["two that are held", 2, HELD, [], undefined],
  ];
  for (const [what, count, over, issued, said] of rows) {
    it(`${said ? "stops" : "lets"} 2026-11 beside ${what}`, () => {
      const known = issued.map((label, n) => inState(n + 50, label));
      const stock = orphans(over, ...Array.from({ length: count }, (_, n) => n + 1));
      const problem = orphanProblem(plan, known, stock);
      if (said === undefined) assert.equal(problem, undefined);
      else assert.match(String(problem), said);
    });
  }

  it("gives the command for every orphan", () => {
    const problem = orphanProblem(plan, [], orphans({}, 1, 2)) ?? "";
    for (const n of [1, 2]) assert.match(problem, new RegExp(`delete .*--key-id ${keyId(n)}`));
    assert.match(problem, /Nothing was changed/);
  });

  it("tells nobody to delete what may be held: it can be taken over", () => {
    const problem = orphanProblem(plan, [], orphans(UNREAD, 1, 2)) ?? "";
    for (const n of [1, 2]) assert.match(problem, new RegExp(`keyturn adopt ${keyId(n)} --label`));
    assert.doesNotMatch(problem, /credential delete|nobody holds/i);
    const adopted = { [keyId(1)]: { label: "2026-01", endDate: "2027-05-01T00:00:00Z" } };
    assert.equal(orphanProblem(plan, [], orphans({ ...UNREAD, adopted }, 1, 2)), undefined);
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
