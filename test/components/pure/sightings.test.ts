// Tables of what the sign-in log proves: which entries count for which consumer, and when nobody is asked at all.
import assert from "node:assert/strict";
import { proofRequestId } from "../../../components/pure/proof";
import type { Consumer } from "../../../components/pure/settings";
import type { LogQuestion, SignIn } from "../../../components/pure/sightings";
import { logNotes, questionOf, sightingsIn } from "../../../components/pure/sightings";
import { presets } from "../../../presets";
import { firstAdopted, keyId, rotated, waiting } from "./fixtures";

const ADDRESS = "203.0.113.7";
const question = (over: Partial<LogQuestion> = {}): LogQuestion => ({
  consumers: [{ name: "ci-sync" }],
  waiting: ["ci-sync"],
  keyId: keyId(2),
  proofRequestId: proofRequestId(keyId(2)),
  former: { label: "2026-05", keyId: keyId(1), proofRequestId: proofRequestId(keyId(1)) },
  since: "2026-11-01",
  ...over,
});
const signIn = (over: Partial<SignIn> = {}): SignIn => ({
  at: "2026-11-03T09:15:02.1234567Z",
  keyId: keyId(2),
  ipAddress: ADDRESS,
  requestId: "7d3c5e2a-8f14-4b6c-9a57-0e1d2c3b4a59",
  ok: true,
  ...over,
});

describe("sightingsIn", () => {
  const rows: [what: string, entry: Partial<SignIn>, counts: boolean][] = [
    ["a sign-in with the new key id", {}, true],
    ["one with its key id in other letters", { keyId: keyId(2).toUpperCase() }, true],
    ["one with the former key id", { keyId: keyId(1) }, false],
    ["one without a key id", { keyId: undefined }, false],
    ["a failed one", { ok: false }, false],
    ["our own proof's", { requestId: proofRequestId(keyId(2)) }, false],
    ["our own proof's in capitals", { requestId: proofRequestId(keyId(2)).toUpperCase() }, false],
    ["another secret's proof id", { requestId: proofRequestId(keyId(1)) }, true],
  ];
  for (const [what, entry, counts] of rows) {
    it(`${counts ? "counts" : "does not count"} ${what}`, () => {
      const expected = counts ? { "ci-sync": { keyId: keyId(2), on: "2026-11-03" } } : {};
      assert.deepEqual(sightingsIn(question(), [signIn(entry)]), expected);
    });
  }

  it("takes the first day on which the consumer was seen", () => {
    const entries = ["2026-11-09", "2026-11-04", "2026-11-07"].map((day) =>
      signIn({ at: `${day}T00:00:00Z` }),
    );
    assert.equal(sightingsIn(question(), entries)["ci-sync"]?.on, "2026-11-04");
  });

  const consumers = (own?: string, other?: string): LogQuestion["consumers"] => [
    { name: "ci-sync", address: own },
    { name: "sesar", address: other },
  ];
  const addresses: [what: string, consumers: LogQuestion["consumers"], counts: boolean][] = [
    ["the only one, and without an address", [{ name: "ci-sync" }], true],
    ["the only one, at its address", [{ name: "ci-sync", address: ADDRESS }], true],
    ["the only one, at another address", [{ name: "ci-sync", address: "203.0.113.8" }], false],
    ["one of two, at its own address", consumers(ADDRESS, "203.0.113.8"), true],
    ["one of two, at the other's address", consumers("203.0.113.8", ADDRESS), false],
    ["one of two, both behind the same address", consumers(ADDRESS, ADDRESS), false],
    ["one of two, without an address", consumers(undefined, "203.0.113.8"), false],
    ["one of two, the other one without an address", consumers(ADDRESS, undefined), false],
  ];
  for (const [what, all, counts] of addresses) {
    it(`${counts ? "counts" : "does not count"} a sign-in for a consumer that is ${what}`, () => {
      const seen = sightingsIn(question({ consumers: all }), [signIn()]);
      assert.equal(Object.hasOwn(seen, "ci-sync"), counts);
    });
  }

  it("takes an IPv4 address in IPv6's form for the same", () => {
    const all = consumers(ADDRESS, "2001:db8::1");
    const entry = signIn({ ipAddress: `::ffff:${ADDRESS}` });
    assert(Object.hasOwn(sightingsIn(question({ consumers: all }), [entry]), "ci-sync"));
  });

  it("says nothing of a consumer that does not wait", () => {
    const all = consumers(ADDRESS, "203.0.113.8");
    const both = [signIn(), signIn({ ipAddress: "203.0.113.8" })];
    const seen = sightingsIn(question({ consumers: all, waiting: ["ci-sync"] }), both);
    assert.deepEqual(Object.keys(seen), ["ci-sync"]);
  });
});

describe("logNotes", () => {
  it("says who used the former secret last, and from where, but not our own proof", () => {
    const former = signIn({ keyId: keyId(1) });
    const entries = [
      { ...former, at: "2026-11-05T10:00:00Z", requestId: proofRequestId(keyId(1)) },
      { ...former, at: "2026-11-02T10:00:00Z", ipAddress: "198.51.100.1" },
      former,
      { ...former, at: "2026-11-04T10:00:00Z", ok: false },
    ];
    assert.deepEqual(logNotes("sesar", question(), entries, {}), [
      `sesar: 2026-05 was last used at 2026-11-03T09:15Z from ${ADDRESS}, says the sign-in log.`,
    ]);
  });

  it("says that nobody used it since the hand-over began", () => {
    const [note] = logNotes("sesar", question(), [], {});
    assert.match(String(note), /nobody has signed in with 2026-05 since 2026-11-01/);
  });

  it("says nothing once everybody was seen", () => {
    const seen = { "ci-sync": { keyId: keyId(2), on: "2026-11-03" } };
    assert.deepEqual(logNotes("sesar", question(), [signIn({ keyId: keyId(1) })], seen), []);
  });

  it("asks for addresses when consumers cannot be told apart", () => {
    const consumers = [{ name: "ci-sync" }, { name: "sesar" }];
    const [note] = logNotes("sesar", question({ consumers, former: undefined }), [], {});
    assert.match(String(note), /cannot tell ci-sync from the other consumers\..*address/);
  });
});

describe("questionOf", () => {
  const target = { label: "2026-11", start: "", generation: 0, endDate: "" };
  const ciSync = presets["ci-sync"];
  assert(ciSync?.kind === "assisted");
  const consumer = (name: string): Consumer => ({
    ...{ name, kind: "assisted", retry: 0, handOver: ciSync.handOver },
  });
  const settings = { consumers: [consumer("ci-sync")], confirmations: {} };
  const plan = { target, history: waiting };

  it("asks about a consumer that waits, since the hand-over began", () => {
    const asked = questionOf(settings, plan, []);
    assert.deepEqual(
      [asked?.waiting, asked?.keyId, asked?.since, asked?.former?.keyId],
      [["ci-sync"], keyId(2), "2026-11-01", keyId(1)],
    );
  });

  const silent: [what: string, question: () => unknown][] = [
    ["there is no history", () => questionOf(settings, { target, history: undefined }, [])],
    ["nothing is in flight", () => questionOf(settings, { target, history: rotated }, [])],
    [
      "another epoch is in flight",
      () => questionOf(settings, { target: { ...target, label: "2027-05" }, history: waiting }, []),
    ],
    [
      "nobody of the consumers is served by people",
      () => questionOf({ ...settings, consumers: [] }, plan, []),
    ],
    [
      "people have confirmed this very key id",
      () => {
        const confirmations = { "ci-sync": { keyId: keyId(2), on: "2026-11-02" } };
        return questionOf({ ...settings, confirmations }, plan, []);
      },
    ],
    [
      "the log has shown it before",
      () => questionOf(settings, plan, [{ name: "ci-sync", outcome: "seen", keyId: keyId(2) }]),
    ],
  ];
  for (const [what, ask] of silent) {
    it(`asks nothing when ${what}`, () => assert.equal(ask(), undefined));
  }

  it("asks on when what was confirmed or seen is another key id", () => {
    const confirmations = { "ci-sync": { keyId: keyId(1), on: "2026-11-02" } };
    const last = [{ name: "ci-sync", outcome: "seen", keyId: keyId(1) }];
    assert.deepEqual(questionOf({ ...settings, confirmations }, plan, last)?.waiting, ["ci-sync"]);
  });

  it("names no former secret when the same one was issued again", () => {
    const history = { ...firstAdopted, inFlight: waiting.inFlight, active: undefined };
    assert.equal(questionOf(settings, { target, history }, [])?.former, undefined);
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
