// What keyturn adopt makes of what hosts, people, the sign-in log and vaults say: who holds what, what is not known, and what
// is taken over.
import assert from "node:assert/strict";
import type { SignIn } from "../../../../src/decide/sign-ins";
import type { Sources } from "../../takeover/sources";
import { type Takeover, type TakeoverFacts, decideTakeover } from "../../takeover/takeover";
import { KEY_IDS, SETTLED } from "../fixtures";

const NOW = new Date("2026-12-10T08:00:00Z");
const LOST = {
  displayName: "sesar 2026-11",
  keyId: KEY_IDS.second,
  startDate: "2026-11-20T08:00:00.1234567Z",
  endDate: "2027-11-01T00:00:00Z",
};
const FORMER = { ...LOST, displayName: "sesar 2026-05", keyId: KEY_IDS.first };
const LATER = {
  ...LOST,
  displayName: "sesar 2026-11-g1",
  keyId: KEY_IDS.third,
  startDate: "2026-11-25T08:00:00Z",
};
const SILENT: Sources["log"] = { entries: [], complete: true };
const UNREAD: Sources["log"] = {
  entries: undefined,
  state: "rightMissing",
  why: "Graph refuses it (403). Consent to AuditLog.Read.All",
};
const SESAR = { name: "sesar", addresses: ["192.0.2.1"] };
const ON_LOST = { consumer: "sesar", keyId: KEY_IDS.second };

const sources = (changes: Partial<Sources> = {}): Sources => ({
  consumers: [SESAR],
  hosts: [ON_LOST],
  people: [],
  log: UNREAD,
  vaults: [],
  ...changes,
});
const decide = (said: Partial<Sources> = {}, facts: Partial<TakeoverFacts> = {}): Takeover =>
  decideTakeover({
    name: "sesar",
    listed: [LOST],
    issued: [],
    history: undefined,
    adopted: [],
    sources: sources(said),
    now: NOW,
    ...facts,
  });
const standings = ({ rows }: Takeover): string[] => rows.map(({ standing }) => standing);
const labels = ({ takes }: Takeover): string[] => takes.map(({ label }) => label);
const signIn = (changes: Partial<SignIn> = {}): SignIn => ({
  at: "2026-12-09T08:00:00Z",
  keyId: KEY_IDS.second,
  ipAddress: "192.0.2.9",
  requestId: "",
  correlationId: "",
  resource: "Microsoft Graph",
  ok: true,
  ...changes,
});
const log = (...entries: SignIn[]): Sources["log"] => ({ entries, complete: true });

describe("decideTakeover", () => {
  it("takes over what a host's journal names, with label and end as Entra has them", () => {
    const found = decide();
    assert.deepEqual(standings(found), ["held"]);
    assert.deepEqual(found.takes, [
      { keyId: KEY_IDS.second, label: "2026-11", ends: "2027-11-01T00:00:00Z" },
    ]);
    assert.match(found.rows[0]?.holders[0]?.said ?? "", /sesar, by its host's journal/);
  });

  it("compares key ids in whatever letters", () => {
    const keyId = "ABCDEF00-2222-4222-8222-222222222222";
    const listed = [{ ...LOST, keyId: keyId.toLowerCase() }];
    const found = decide({ hosts: [{ consumer: "sesar", keyId }] }, { listed });
    assert.deepEqual(standings(found), ["held"]);
  });

  it("takes over what the log shows in use, with who, when and from where", () => {
    const at = (ipAddress: string) =>
      decide({ hosts: [{ consumer: "sesar", why: "no answer" }], log: log(signIn({ ipAddress })) });
    assert.match(at("192.0.2.9").rows[0]?.holders[0]?.said ?? "", /^somebody, .*from 192\.0\.2\.9/);
    assert.match(
      at("::ffff:192.0.2.1").rows[0]?.holders[0]?.said ?? "",
      /^sesar, signed in at 2026-12-09/,
    );
    assert.deepEqual(labels(at("192.0.2.9")), ["2026-11"]);
  });

  it("gives a sign-in to nobody by name where two consumers share the address", () => {
    const consumers = [SESAR, { name: "ci-sync", addresses: ["192.0.2.1"] }];
    const found = decide({ consumers, hosts: [], log: log(signIn({ ipAddress: "192.0.2.1" })) });
    assert.match(found.rows[0]?.holders[0]?.said ?? "", /^somebody, /);
  });

  it("takes a sign-in within the hour of the issue for nobody's, and takes the secret over as unknown", () => {
    const early = log(signIn({ at: "2026-11-20T08:10:00Z" }));
    const found = decide({ hosts: [{ consumer: "sesar", keyId: KEY_IDS.third }], log: early });
    assert.deepEqual([found.rows[0]?.standing, found.rows[0]?.holders], ["unknown", []]);
    assert.match(found.rows[0]?.because ?? "", /may be Keyturn's own proof/);
    assert.deepEqual(labels(found), ["2026-11"]);
  });

  it("takes over what people have confirmed", () => {
    const consumers = [{ name: "ci-sync", addresses: [] }];
    const people = [{ consumer: "ci-sync", keyId: KEY_IDS.second, on: "2026-11-21" }];
    const found = decide({ consumers, hosts: [], people });
    assert.match(found.rows[0]?.holders[0]?.said ?? "", /ci-sync, confirmed on 2026-11-21/);
    assert.deepEqual(labels(found), ["2026-11"]);
  });

  it("says of each source in its own words that it is not known, and never that nobody holds a secret", () => {
    const found = decide({
      consumers: [SESAR, { name: "ci-sync", addresses: [] }],
      hosts: [{ consumer: "sesar", why: "192.0.2.1:22 does not answer" }],
      vaults: [{ vault: "kv", why: "Azure answers 403 AuthorizationFailed" }],
    });
    assert.deepEqual(standings(found), ["unknown"]);
    assert.deepEqual(labels(found), ["2026-11"]);
    const said = found.notKnown.join("\n");
    assert.match(said, /What sesar holds is not known for sure: 192\.0\.2\.1:22 does not answer\./);
    assert.match(said, /What ci-sync holds is not known: people serve it/);
    assert.match(said, /sign-in log .*not known: .*AuditLog\.Read\.All\./);
    assert.match(said, /vault kv .*not known: Azure answers 403/);
    assert.doesNotMatch(JSON.stringify(found), /nobody holds/);
  });

  it("says that the log was read in part", () => {
    const { notKnown } = decide({ log: { entries: [], complete: false } });
    assert.match(notKnown.join(), /more entries than one run reads/);
  });

  it("leaves out what log and every consumer show that nobody holds, and says so", () => {
    const hosts = [{ consumer: "sesar", keyId: KEY_IDS.third }];
    const found = decide({ hosts, log: SILENT }, { listed: [LOST, LATER] });
    assert.deepEqual(standings(found), ["unheld", "held"]);
    assert.deepEqual(labels(found), ["2026-11-g1"]);
    assert.match(found.said.join(), /sesar 2026-11 .* is not taken over: nobody holds it/);
  });

  for (const [what, said] of [
    ["the log is not read", { log: UNREAD }],
    ["the host is in doubt", { hosts: [{ consumer: "sesar", keyId: KEY_IDS.third, why: "?" }] }],
    ["the vault keeps its value", { vaults: [{ vault: "kv", keyId: KEY_IDS.second }] }],
    ["a consumer was not asked", { consumers: [SESAR, { name: "ci-sync", addresses: [] }] }],
  ] as const) {
    it(`takes the same over as unknown where ${what}`, () => {
      const hosts = [{ consumer: "sesar", keyId: KEY_IDS.third }];
      const found = decide({ hosts, log: SILENT, ...said }, { listed: [LOST, LATER] });
      assert.equal(found.rows[0]?.standing, "unknown");
      assert.deepEqual(labels(found), ["2026-11", "2026-11-g1"]);
      assert.doesNotMatch(found.said.join(), /nobody holds/);
    });
  }

  it("says of a secret that a host holds and Entra does not list that it signs in no more", () => {
    const found = decide({ hosts: [{ consumer: "sesar", keyId: KEY_IDS.third }], log: SILENT });
    assert.deepEqual(standings(found), ["unknown", "notListed"]);
    assert.deepEqual(labels(found), ["2026-11"]);
    assert.match(found.said.join(), /holds 33333333-.* which Entra does not list.*rotate-now/);
  });

  it("takes over both where two consumers hold different secrets, and says so", () => {
    const found = decide(
      {
        consumers: [SESAR, { name: "second", addresses: [] }],
        hosts: [ON_LOST, { consumer: "second", keyId: KEY_IDS.first }],
      },
      { listed: [LOST, FORMER] },
    );
    assert.deepEqual(labels(found), ["2026-11", "2026-05"]);
    assert.match(found.said.join(), /Not every consumer holds the same secret \(.*second/);
  });

  it("says so too where the log shows one consumer on another secret than its host's journal", () => {
    const entries = log(signIn({ ipAddress: "192.0.2.1", keyId: KEY_IDS.first }));
    const found = decide({ log: entries }, { listed: [LOST, FORMER] });
    assert.match(found.said.join(), /Not every consumer holds the same secret/);
  });

  it("leaves somebody else's secret alone that a consumer holds, and says that it needs no taking over", () => {
    const byHand = { ...LOST, displayName: "by hand" };
    const found = decide({}, { listed: [byHand] });
    assert.deepEqual([standings(found), found.takes], [["foreign"], []]);
    assert.match(found.said.join(), /by hand .* is somebody else's, and in use .*never removes it/);
  });

  it("does not show somebody else's secret that nobody here holds", () => {
    const byHand = { ...LOST, displayName: "by hand", keyId: KEY_IDS.third };
    assert.deepEqual(standings(decide({}, { listed: [LOST, byHand] })), ["held"]);
  });

  it("takes nothing over that the state knows, or that is taken over", () => {
    const known = decide({}, { history: SETTLED });
    assert.deepEqual([standings(known), known.takes], [["ownState"], []]);
    const again = decide({}, { adopted: [KEY_IDS.second] });
    assert.deepEqual([standings(again), again.takes], [["takenOver"], []]);
    for (const { said } of [known, again]) assert.match(said.join(), /nothing to take over/);
  });

  it("says so where there is nothing at all", () => {
    const found = decide({ hosts: [{ consumer: "sesar", why: "no record" }] }, { listed: [] });
    assert.deepEqual([found.rows, found.takes], [[], []]);
    assert.match(found.said.join(), /no secret of the name sesar, and no source names one/);
  });
});
