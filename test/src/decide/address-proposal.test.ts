// Which secret's week is asked about, and which line is proposed of what was seen, as tables.
import assert from "node:assert/strict";
import { proofRequestId } from "../../../src/contracts/prove";
import type { AddressQuestion } from "../../../src/decide/address-proposal";
import { addressNotes, addressQuestion } from "../../../src/decide/address-proposal";
import type { History } from "../../../src/decide/history";
import type { LogContents, SignIn } from "../../../src/decide/sign-ins";
import type { Consumer } from "../../../src/keyturn-config";
import { presets } from "../../../src/presets";
import { sesar } from "../../../src/presets/sesar";
import { firstAdopted, keyId, rotated, waiting } from "./fixtures";

const HOME = "203.0.113.7";
const machine = (name: string, ...addresses: string[]): Consumer => ({
  name,
  retry: 0,
  kind: "automatic",
  connection: { host: "h", port: 22, user: "u", hostKey: "k" },
  host: sesar.host,
  addresses: addresses.length === 0 ? undefined : addresses,
});
const { "ci-sync": ciSync } = presets;
const person: Consumer = {
  name: "ci-sync",
  retry: 0,
  kind: "assisted",
  handOver: (ciSync?.kind === "assisted" ? ciSync.handOver : undefined) as never,
};
const asked = (
  history: History | undefined,
  day: string,
  ...consumers: Consumer[]
): AddressQuestion | undefined =>
  addressQuestion({ consumers }, { history }, new Date(`${day}T06:00:00Z`));

describe("addressQuestion", () => {
  const rows: [
    what: string,
    history: History | undefined,
    day: string,
    found: [label: string, since: string, until: string] | undefined,
  ][] = [
    ["before the first adoption", undefined, "2026-05-20", undefined],
    ["in the first week of the first secret", firstAdopted, "2026-05-26", undefined],
    ["after a week", firstAdopted, "2026-05-27", ["2026-05", "2026-05-20", "2026-05-27"]],
    [
      "while the next is handed over",
      waiting,
      "2026-11-02",
      ["2026-05", "2026-10-26", "2026-11-02"],
    ],
    [
      "in the first week of its successor",
      rotated,
      "2026-11-09",
      ["2026-05", "2026-10-27", "2026-11-03"],
    ],
    [
      "after a week of its successor",
      rotated,
      "2026-11-10",
      ["2026-11", "2026-11-03", "2026-11-10"],
    ],
  ];
  for (const [when, history, day, found] of rows) {
    it(`asks about ${found?.[0] ?? "none"} ${when}`, () => {
      const { secret, since, until } = asked(history, day, machine("sesar")) ?? {};
      assert.deepEqual(secret && [secret.label, since, until], found);
    });
  }

  it("asks about the automatic consumers that have no addresses only", () => {
    const { consumers, known } =
      asked(firstAdopted, "2026-06-01", person, machine("a", HOME), machine("b")) ?? {};
    assert.deepEqual([consumers, known], [["b"], [HOME]]);
    assert.equal(asked(firstAdopted, "2026-06-01", person, machine("a", HOME)), undefined);
  });
});

describe("addressNotes", () => {
  const question: AddressQuestion = {
    consumers: ["sesar"],
    known: [],
    secret: { label: "2026-05", keyId: keyId(1) },
    since: "2026-10-26",
    until: "2026-11-02",
  };
  const signIn = (ipAddress: string, at = "2026-11-01T05:55:10Z", over: Partial<SignIn> = {}) => ({
    at,
    keyId: keyId(1),
    ipAddress,
    requestId: "r",
    correlationId: "",
    resource: "Microsoft Graph",
    ok: true,
    ...over,
  });
  const log = (...entries: SignIn[]): LogContents => ({ entries, complete: true });
  const line = (contents: LogContents, over: Partial<AddressQuestion> = {}): string =>
    /addresses: \[.*\]/.exec(
      addressNotes("sesar", { ...question, ...over }, contents).join(),
    )?.[0] ?? "";

  it("gives what was seen, and the exact line that a person puts into the config", () => {
    const entries = [signIn(HOME), signIn(HOME, "2026-10-31T05:55:00Z"), signIn("2001:db8::1")];
    assert.deepEqual(addressNotes("sesar", question, log(...entries)), [
      "sesar: no addresses are given for sesar. From 2026-10-26 to 2026-11-02 the sign-in log shows 2026-05 used from " +
        "203.0.113.7 (2 times, last at 2026-11-01T05:55Z), 2001:db8::1 (once, at 2026-11-01T05:55Z). If nobody else signs in " +
        `from there, put this line into sesar's entry of keyturn:consumers: addresses: ["203.0.113.7", "2001:db8::1"]`,
    ]);
  });

  const rows: [what: string, entry: SignIn, line: string][] = [
    ["a sign-in in the week", signIn(HOME), `addresses: ["${HOME}"]`],
    ["one in IPv6's form", signIn(`::ffff:${HOME}`), `addresses: ["${HOME}"]`],
    ["one on the first day", signIn(HOME, "2026-10-26T00:00:00Z"), `addresses: ["${HOME}"]`],
    ["one before it", signIn(HOME, "2026-10-25T23:59:59Z"), ""],
    ["one on the last day", signIn(HOME, "2026-11-02T23:59:59Z"), `addresses: ["${HOME}"]`],
    ["one after it", signIn(HOME, "2026-11-03T00:00:00Z"), ""],
    ["one with another secret", signIn(HOME, undefined, { keyId: keyId(2) }), ""],
    ["a refused one", signIn(HOME, undefined, { ok: false }), ""],
    ["our own proof's", signIn(HOME, undefined, { correlationId: proofRequestId(keyId(1)) }), ""],
    ["one from what is no address", signIn('x"], evil: ["'), ""],
    ["one without an address", signIn(""), ""],
  ];
  for (const [what, entry, proposed] of rows) {
    it(`${proposed === "" ? "proposes nothing of" : "proposes the address of"} ${what}`, () => {
      assert.equal(line(log(entry)), proposed);
    });
  }

  it("leaves out what comes from another consumer's addresses", () => {
    const contents = log(signIn("198.51.100.9"), signIn(HOME));
    assert.equal(line(contents, { known: ["198.51.100.0/24"] }), `addresses: ["${HOME}"]`);
  });

  it("leaves out our own proof's sign-ins whose request id was lost", () => {
    const proofs = [
      { keyId: keyId(1), from: "2026-11-01T05:00:00Z", until: "2026-11-01T05:02:00Z" },
    ];
    const at = ["2026-11-01T05:00:05Z", "2026-11-01T05:01:05Z"];
    const contents = log(...at.map((one) => signIn("192.0.2.1", one)), signIn(HOME));
    assert.match(addressNotes("sesar", question, contents).join(), /"192\.0\.2\.1"/);
    const [note] = addressNotes("sesar", question, contents, proofs);
    assert.match(String(note), /addresses: \["203\.0\.113\.7"\]$/);
  });

  it("shares nothing out where two have none", () => {
    const [note] = addressNotes("sesar", { ...question, consumers: ["a", "b"] }, log(signIn(HOME)));
    assert.match(
      String(note),
      /for a, b\..*Find out whose each is.*addresses: \["203\.0\.113\.7"\]$/,
    );
  });

  it("proposes no line of more than eight, but a range", () => {
    const entries = Array.from({ length: 9 }, (_, at) => signIn(`203.0.113.${at}`));
    const [note] = addressNotes("sesar", question, log(...entries));
    assert.match(String(note), / and 1 more\. Those are too many to propose: give sesar its range/);
  });

  it("says so where the log was read in part, and nothing where it was not read", () => {
    const why = "Graph answers 500";
    const [note] = addressNotes("sesar", question, {
      entries: [signIn(HOME)],
      complete: false,
      why,
    });
    assert.match(String(note), /as far as it was read \(Graph answers 500\)/);
    assert.deepEqual(addressNotes("sesar", question, { entries: undefined, why }), []);
  });
});
