// Tables of what the sign-in log proves: which entries count for which consumer, and when nobody is asked at all.
import assert from "node:assert/strict";
import { proofRequestId } from "../../../src/contracts/prove";
import type { Consumer } from "../../../src/keyturn-config";
import type { LogQuestion } from "../../../src/decide/adoption-evidence";
import {
  adoptionEvidence,
  canAnswer,
  isAnswered,
  logNotes,
  notSeenBecause,
  unseenMachines,
  questionOf,
} from "../../../src/decide/adoption-evidence";
import type { LogContents, SignIn } from "../../../src/decide/sign-ins";
import { presets } from "../../../src/presets";
import { sesar } from "../../../src/presets/sesar";
import { firstAdopted, keyId, rotated, waiting } from "./fixtures";

const ADDRESS = "203.0.113.7";
const OTHER = "203.0.113.8";
const RUNNER = "192.0.2.1";
const question = (over: Partial<LogQuestion> = {}): LogQuestion => ({
  consumers: [{ name: "ci-sync", addresses: [ADDRESS] }],
  waiting: ["ci-sync"],
  unseen: [],
  target: { label: "2026-11", keyId: keyId(2) },
  former: { label: "2026-05", keyId: keyId(1) },
  since: "2026-11-01",
  now: new Date("2026-11-05T08:00:00Z"),
  ...over,
});
const signIn = (over: Partial<SignIn> = {}): SignIn => ({
  at: "2026-11-03T09:15:02.1234567Z",
  keyId: keyId(2),
  ipAddress: ADDRESS,
  requestId: "5b2f0c1d-3a4e-4f60-8b7c-9d0e1f2a3b00",
  correlationId: "7d3c5e2a-8f14-4b6c-9a57-0e1d2c3b4a59",
  resource: "Microsoft Graph",
  ok: true,
  ...over,
});
/** What the proof leaves in the log. */
const proof = signIn({
  at: "2026-11-01T08:00:00Z",
  ipAddress: RUNNER,
  correlationId: proofRequestId(keyId(2)),
});
const former = (at: string, ipAddress = ADDRESS): SignIn =>
  signIn({ keyId: keyId(1), at, ipAddress });
const days = (over: Partial<LogQuestion>, ...entries: SignIn[]): Record<string, string> =>
  Object.fromEntries(
    Object.entries(adoptionEvidence(question(over), [proof, ...entries])).map(([name, { on }]) => [
      name,
      on,
    ]),
  );

describe("adoptionEvidence", () => {
  const rows: [what: string, entry: Partial<SignIn>, counts: boolean][] = [
    ["a sign-in with the new key id", {}, true],
    ["one with its key id in other letters", { keyId: keyId(2).toUpperCase() }, true],
    ["one with the former key id", { keyId: keyId(1) }, false],
    ["one without a key id", { keyId: undefined }, false],
    ["a failed one", { ok: false }, false],
    ["our own proof's", { correlationId: proofRequestId(keyId(2)) }, false],
    [
      "our own proof's in capitals",
      { correlationId: proofRequestId(keyId(2)).toUpperCase() },
      false,
    ],
    ["another secret's proof id", { correlationId: proofRequestId(keyId(1)) }, true],
  ];
  for (const [what, entry, counts] of rows) {
    it(`${counts ? "counts" : "does not count"} ${what}`, () => {
      assert.deepEqual(days({}, signIn(entry)), counts ? { "ci-sync": "2026-11-03" } : {});
    });
  }

  it("keeps the sign-in: time, address and Entra's own id of it", () => {
    const { requestId } = signIn();
    const entry = signIn({ ipAddress: `::ffff:${ADDRESS}` });
    assert.deepEqual(adoptionEvidence(question(), [proof, entry])["ci-sync"], {
      keyId: keyId(2),
      on: "2026-11-03",
      seen: { at: entry.at, address: ADDRESS, requestId },
    });
  });

  it("takes the first day on which the consumer was seen", () => {
    const entries = ["2026-11-04", "2026-11-02", "2026-11-03"].map((day) =>
      signIn({ at: `${day}T00:00:00Z` }),
    );
    assert.equal(days({}, ...entries)["ci-sync"], "2026-11-02");
  });

  const consumers = (own?: string, other?: string): LogQuestion["consumers"] => [
    { name: "ci-sync", addresses: own?.split(" ") },
    { name: "sesar", addresses: other?.split(" ") },
  ];
  const addresses: [what: string, consumers: LogQuestion["consumers"], counts: boolean][] = [
    ["the only one, and without an address", [{ name: "ci-sync" }], false],
    ["the only one, at its address", [{ name: "ci-sync", addresses: [ADDRESS] }], true],
    ["the only one, at another address", [{ name: "ci-sync", addresses: [OTHER] }], false],
    ["one of two, at its own address", consumers(ADDRESS, OTHER), true],
    ["one of two, at the other's address", consumers(OTHER, ADDRESS), false],
    ["one of two, both behind the same address", consumers(ADDRESS, ADDRESS), false],
    ["one of two, at one of its own", consumers(`198.51.100.9 ${ADDRESS}`, OTHER), true],
    ["one of two, in its own range", consumers("203.0.113.0/29", "198.51.100.8"), true],
    ["one of two, outside its own range", consumers("203.0.113.16/28", OTHER), false],
    ["one of two, in a range that holds the other's", consumers("203.0.113.0/28", OTHER), false],
    ["one of two, with an address of the other's", consumers(`${ADDRESS} ${OTHER}`, OTHER), false],
    ["one of two, without an address", consumers(undefined, OTHER), false],
    ["one of two, the other one without an address", consumers(ADDRESS, undefined), false],
  ];
  for (const [what, all, counts] of addresses) {
    it(`${counts ? "counts" : "does not count"} a sign-in for a consumer that is ${what}`, () => {
      assert.equal(Object.hasOwn(days({ consumers: all }, signIn()), "ci-sync"), counts);
    });
  }

  it("takes an IPv4 address in IPv6's form for the same", () => {
    const entry = signIn({ ipAddress: `::ffff:${ADDRESS}` });
    assert(Object.hasOwn(days({ consumers: consumers(ADDRESS, "2001:db8::1") }, entry), "ci-sync"));
  });

  it("says nothing of a consumer that does not wait", () => {
    const both = [signIn(), signIn({ ipAddress: OTHER })];
    const seen = days({ consumers: consumers(ADDRESS, OTHER) }, ...both);
    assert.deepEqual(Object.keys(seen), ["ci-sync"]);
  });

  const silences: [what: string, formerUse: SignIn, day: string | undefined][] = [
    ["before the consumer was seen", former("2026-11-03T09:10:00Z"), "2026-11-03"],
    ["after the consumer was seen", former("2026-11-03T09:20:00Z"), undefined],
    [
      "after it, from an address that is nobody's",
      former("2026-11-03T10:00:00Z", RUNNER),
      undefined,
    ],
    [
      "after it, from another consumer's address",
      former("2026-11-03T10:00:00Z", OTHER),
      "2026-11-03",
    ],
    [
      "after it, from the other consumer's range",
      former("2026-11-03T10:00:00Z", "198.51.100.77"),
      "2026-11-03",
    ],
    ["after it, without success", { ...former("2026-11-03T10:00:00Z"), ok: false }, "2026-11-03"],
  ];
  for (const [what, use, day] of silences) {
    it(`${day ? "adopts" : "does not adopt"} when the former secret was used ${what}`, () => {
      const over = { consumers: consumers(ADDRESS, `${OTHER} 198.51.100.0/24`) };
      assert.equal(days(over, signIn(), use)["ci-sync"], day);
    });
  }

  it("counts from the sign-in after the former secret's last one, whoever tried the new one before", () => {
    const tried = signIn({ at: "2026-11-02T10:00:00Z" });
    assert.deepEqual(days({}, tried, former("2026-11-03T09:00:00Z"), signIn()), {
      "ci-sync": "2026-11-03",
    });
  });

  it("adopts no earlier than the former secret has been silent for a day", () => {
    const early = { now: new Date("2026-11-04T09:15:00Z") };
    assert.deepEqual(days(early, signIn()), {});
    assert.deepEqual(days({ now: new Date("2026-11-04T09:15:03Z") }, signIn()), {
      "ci-sync": "2026-11-03",
    });
    assert.deepEqual(days({ ...early, former: undefined }, signIn()), { "ci-sync": "2026-11-03" });
  });

  it("takes nobody for adopted who goes on with any other secret at its own address, in a first deployment too", () => {
    const ofNobody = (at: string): SignIn => signIn({ keyId: keyId(9), at });
    for (const over of [{}, { former: undefined }]) {
      assert.deepEqual(days(over, signIn(), ofNobody("2026-11-04T09:00:00Z")), {});
      assert.deepEqual(days(over, ofNobody("2026-11-02T09:00:00Z"), signIn()), {
        "ci-sync": "2026-11-03",
      });
      const elsewhere = { ...ofNobody("2026-11-04T09:00:00Z"), ipAddress: OTHER };
      assert.deepEqual(days(over, signIn(), elsewhere), { "ci-sync": "2026-11-03" });
    }
    const early = { former: undefined, now: new Date("2026-11-04T08:00:00Z") };
    assert.deepEqual(days(early, ofNobody("2026-11-02T09:00:00Z"), signIn()), {});
  });

  it("counts no sign-in of a runner at the consumer's address, whose proof the log does not name", () => {
    const unnamed = { ...proof, correlationId: "of Entra's own", ipAddress: ADDRESS };
    const settled = signIn({ at: "2026-11-01T08:59:59Z" });
    assert.deepEqual(adoptionEvidence(question(), [unnamed, settled]), {});
    assert.deepEqual(Object.keys(adoptionEvidence(question(), [unnamed, signIn()])), ["ci-sync"]);
  });

  it("counts nothing where the log shows the proof at the consumer's own address", () => {
    const shared = { ...proof, ipAddress: ADDRESS };
    assert.deepEqual(adoptionEvidence(question(), [shared, signIn()]), {});
    const [note] = logNotes("sesar", question(), [shared, signIn()]);
    assert.match(String(note), /cannot tell ci-sync from Keyturn's own proof/);
  });
});

describe("notSeenBecause", () => {
  const UNREAD = { entries: undefined, why: "Graph answers 403" };
  const machine = (over: Partial<LogQuestion> = {}): LogQuestion =>
    question({
      waiting: [],
      unseen: ["sesar"],
      consumers: [{ name: "sesar", addresses: [ADDRESS] }],
      ...over,
    });
  const read = (...entries: SignIn[]) => ({ entries: [proof, ...entries], complete: true });
  const rows: [what: string, asked: LogQuestion, log: LogContents, why: RegExp | undefined][] = [
    ["one that is seen", machine(), read(signIn()), undefined],
    [
      "one that is not in the log yet",
      machine(),
      read(),
      /no sign-in with 2026-11 from its addresses since 2026-11-01 yet/,
    ],
    [
      "one that is not in what was read of the log",
      machine(),
      { ...read(), complete: false },
      /from its addresses since 2026-11-01 yet, as far as it was read$/,
    ],
    ["a log that cannot be read", machine(), UNREAD, /^Graph answers 403$/],
    [
      "one without an address",
      machine({ consumers: [{ name: "sesar" }] }),
      read(signIn()),
      /cannot tell it from an administrator .*own addresses/,
    ],
    [
      "one without an address, whatever the log",
      machine({ consumers: [{ name: "sesar" }] }),
      UNREAD,
      /own addresses/,
    ],
    [
      "two behind one address",
      machine({
        consumers: [
          { name: "sesar", addresses: [ADDRESS] },
          { name: "b", addresses: [ADDRESS] },
        ],
      }),
      read(signIn()),
      /from the other consumers/,
    ],
    [
      "a runner at its address",
      machine(),
      { entries: [{ ...proof, ipAddress: ADDRESS }, signIn()], complete: true },
      /Keyturn's own proof/,
    ],
    [
      "the former secret in use",
      machine(),
      read(signIn(), former("2026-11-03T10:20:00Z")),
      /^2026-05 was used at 2026-11-03T10:20Z from 203.*after it was seen on 2026-11$/,
    ],
    [
      "the former secret silent for hours only",
      machine({ now: new Date("2026-11-03T12:00:00Z") }),
      read(signIn()),
      /not been silent for 24 hours/,
    ],
  ];
  for (const [what, asked, log, why] of rows) {
    it(`${why ? "says why" : "says nothing"} of ${what}`, () => {
      const said = notSeenBecause(asked, log)["sesar"];
      if (why === undefined) assert.equal(said, undefined);
      else assert.match(String(said), why);
    });
  }

  it("says nothing of consumers that people serve", () => {
    assert.deepEqual(notSeenBecause(question(), UNREAD), {});
  });
});

describe("unseenMachines", () => {
  const machine = question({
    waiting: [],
    unseen: ["sesar"],
    consumers: [{ name: "sesar", addresses: [ADDRESS] }],
  });
  const read = (...entries: SignIn[]) => ({ entries: [proof, ...entries], complete: true });
  const rows: [what: string, asked: LogQuestion, log: LogContents, names: string[]][] = [
    ["a machine that signs in with nothing", machine, read(), ["sesar"]],
    ["one whose sign-ins fail", machine, read(signIn({ ok: false })), ["sesar"]],
    [
      "one with whose secret a stranger signs in",
      machine,
      read(signIn({ ipAddress: OTHER })),
      ["sesar"],
    ],
    ["one that is seen", machine, read(signIn()), []],
    ["a log of which more was not read", machine, { ...read(), complete: false }, []],
    ["a log that cannot be read", machine, { entries: undefined, why: "403" }, []],
    ["one without an address", { ...machine, consumers: [{ name: "sesar" }] }, read(), []],
    ["one that people serve", question(), read(), []],
  ];
  for (const [what, asked, log, names] of rows) {
    it(`${names.length > 0 ? "names" : "does not name"} ${what}`, () => {
      assert.deepEqual(unseenMachines(asked, log), names);
    });
  }
});

describe("isAnswered", () => {
  const both = question({
    unseen: ["sesar", "archive"],
    consumers: [
      { name: "ci-sync", addresses: [ADDRESS] },
      { name: "sesar", addresses: [OTHER] },
      { name: "archive", addresses: ["203.0.113.9"] },
    ],
  });
  const at = (...addresses: string[]): SignIn[] => [
    proof,
    ...addresses.map((ipAddress) => signIn({ ipAddress })),
  ];

  it("is true once every consumer was seen that could be", () => {
    assert.equal(isAnswered(both, at(ADDRESS, OTHER)), false);
    assert.equal(isAnswered(both, at(ADDRESS, OTHER, "203.0.113.9")), true);
  });

  it("leaves the log alone where no entry could be told for a machine's", () => {
    const unknown = question({ waiting: [], unseen: ["sesar"], consumers: [{ name: "sesar" }] });
    assert.deepEqual(
      [canAnswer(unknown), canAnswer(both), canAnswer(question())],
      [false, true, true],
    );
  });
});

describe("logNotes", () => {
  it("says who used the former secret last, and from where, but not our own proof", () => {
    const entries = [
      { ...former("2026-11-05T10:00:00Z"), correlationId: proofRequestId(keyId(1)) },
      former("2026-11-02T10:00:00Z", "198.51.100.1"),
      former("2026-11-03T09:15:02.1234567Z"),
      { ...former("2026-11-04T10:00:00Z"), ok: false },
    ];
    assert.deepEqual(logNotes("sesar", question(), entries), [
      `sesar: 2026-05 was last used at 2026-11-03T09:15Z from ${ADDRESS}, says the sign-in log.`,
    ]);
  });

  it("says that nobody used it since the hand-over began", () => {
    const [note] = logNotes("sesar", question(), []);
    assert.match(String(note), /nobody has signed in with 2026-05 since 2026-11-01/);
  });

  it("says nothing once everybody was seen", () => {
    assert.deepEqual(logNotes("sesar", question(), [proof, signIn()]), []);
  });

  it("names both sign-ins when the former secret was used after the consumer was seen", () => {
    const [note] = logNotes("sesar", question(), [proof, signIn(), former("2026-11-03T10:20:00Z")]);
    assert.match(
      String(note),
      /ci-sync was seen on 2026-11 at 2026-11-03T09:15Z from 203.*, but 2026-05 was used after that, at 2026-11-03T10:20Z from 203/,
    );
  });

  it("names the other secret that is used at the consumer's own address", () => {
    const other = signIn({ keyId: keyId(9), at: "2026-11-04T09:00:00Z" });
    const [note = ""] = logNotes("sesar", question({ former: undefined }), [
      proof,
      signIn(),
      other,
    ]);
    assert(note.includes(`another secret (key id ${keyId(9)}) was used after that`), note);
  });

  it("says what it waits for when the former secret has not been silent for long", () => {
    const now = new Date("2026-11-03T12:00:00Z");
    const [note] = logNotes("sesar", question({ now }), [proof, signIn()]);
    assert.match(String(note), /adopts it once 2026-05 has been silent for 24 hours/);
  });

  it("asks for the address of a consumer that has none, even of the only one", () => {
    const [note] = logNotes("sesar", question({ consumers: [{ name: "ci-sync" }] }), []);
    assert.match(String(note), /cannot tell ci-sync from an administrator .*its own addresses/);
  });

  it("asks for addresses when consumers cannot be told apart", () => {
    const consumers = [{ name: "ci-sync" }, { name: "sesar" }];
    const [note] = logNotes("sesar", question({ consumers, former: undefined }), []);
    assert.match(String(note), /cannot tell ci-sync from the other consumers\..*address/);
  });
});

describe("questionOf", () => {
  const target = { label: "2026-11", start: "", generation: 0, endDate: "" };
  const ciSync = presets["ci-sync"];
  assert(ciSync?.kind === "assisted");
  const consumer = (name: string): Consumer => ({
    name,
    kind: "assisted",
    retry: 0,
    handOver: ciSync.handOver,
  });
  const config = { consumers: [consumer("ci-sync")], confirmations: {} };
  const plan = { target, history: waiting };
  const now = new Date("2026-11-05T08:00:00Z");

  it("asks about a consumer that waits, since the hand-over began", () => {
    const asked = questionOf(config, plan, [], now);
    assert.deepEqual(
      [asked?.waiting, asked?.target.keyId, asked?.since, asked?.former?.keyId],
      [["ci-sync"], keyId(2), "2026-11-01", keyId(1)],
    );
  });

  const silent: [what: string, question: () => unknown][] = [
    ["there is no history", () => questionOf(config, { target, history: undefined }, [], now)],
    [
      "nothing is in flight, and no machine is served",
      () => questionOf(config, { target, history: rotated }, [], now),
    ],
    [
      "another epoch is in flight",
      () =>
        questionOf(config, { target: { ...target, label: "2027-05" }, history: waiting }, [], now),
    ],
    [
      "nobody of the consumers is served by people",
      () => questionOf({ ...config, consumers: [] }, plan, [], now),
    ],
    [
      "people have confirmed this very key id",
      () => {
        const confirmations = { "ci-sync": { keyId: keyId(2), on: "2026-11-02" } };
        return questionOf({ ...config, confirmations }, plan, [], now);
      },
    ],
    [
      "the log has shown it before",
      () => questionOf(config, plan, [{ name: "ci-sync", outcome: "seen", keyId: keyId(2) }], now),
    ],
  ];
  for (const [what, ask] of silent) {
    it(`asks nothing when ${what}`, () => assert.equal(ask(), undefined));
  }

  it("asks on when what was confirmed or seen is another key id", () => {
    const confirmations = { "ci-sync": { keyId: keyId(1), on: "2026-11-02" } };
    const last = [{ name: "ci-sync", outcome: "seen", keyId: keyId(1) }];
    assert.deepEqual(questionOf({ ...config, confirmations }, plan, last, now)?.waiting, [
      "ci-sync",
    ]);
  });

  const machine: Consumer = {
    name: "sesar",
    kind: "automatic",
    retry: 0,
    connection: { host: "h", port: 22, user: "u", hostKey: "k" },
    host: sesar.host,
  };
  const mixed = { ...config, consumers: [machine, ...config.consumers] };

  it("asks about a machine that waits, beside people", () => {
    const asked = questionOf(mixed, plan, [], now);
    assert.deepEqual([asked?.waiting, asked?.unseen], [["ci-sync"], ["sesar"]]);
  });

  it("asks on about machines once the secret is adopted, since that day and against the one before it", () => {
    const asked = questionOf(mixed, { target, history: rotated }, [], now);
    assert.deepEqual(
      [asked?.waiting, asked?.unseen, asked?.target.keyId, asked?.since, asked?.former?.keyId],
      [[], ["sesar"], keyId(2), "2026-11-03", keyId(1)],
    );
  });

  it("takes no skipped secret for the one before", () => {
    const skipped = {
      label: "2026-08",
      endDate: "",
      keyId: keyId(8),
      successorAdoptedOn: "2026-11-03",
    };
    const history = { ...rotated, retiring: [skipped, ...rotated.retiring] };
    assert.equal(questionOf(mixed, { target, history }, [], now)?.former?.keyId, keyId(1));
  });

  it("asks nothing once the log has shown every machine on this very key id", () => {
    const seen = (n: number) => [{ name: "sesar", outcome: "seen", keyId: keyId(n) }];
    assert.equal(questionOf(mixed, { target, history: rotated }, seen(2), now), undefined);
    assert.notEqual(questionOf(mixed, { target, history: rotated }, seen(1), now), undefined);
  });

  it("names no former secret when the same one was issued again", () => {
    const history = { ...firstAdopted, inFlight: waiting.inFlight, active: undefined };
    assert.equal(questionOf(config, { target, history }, [], now)?.former, undefined);
  });
});

describe("proofRequestId", () => {
  it("is a UUID of its own for each key id, and always the same", () => {
    const ids = [1, 2, 3].map((n) => proofRequestId(keyId(n)));
    assert.equal(new Set(ids).size, 3);
    for (const id of ids)
      assert.match(id, /^[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
    assert.equal(proofRequestId(keyId(1).toUpperCase()), ids[0]);
    // Written down: an earlier version's proofs must stay known.
    assert.equal(ids[0], "6b657974-7572-8e2d-b072-6f6f662d7630");
  });
});
