// Which entries of the log are our own proof's, by request id, and by address and time where Entra shows another id.
import assert from "node:assert/strict";
import { proofRequestId } from "../../../src/contracts/prove";
import { type SignIn, usesOf } from "../../../src/decide/sign-ins";
import { keyId } from "./fixtures";

const RUNNER = "192.0.2.1";
const SERVICE = "203.0.113.7";
const signIn = (over: Partial<SignIn>): SignIn => ({
  at: "2026-11-03T08:00:00Z",
  keyId: keyId(2),
  ipAddress: SERVICE,
  requestId: "r",
  correlationId: "7d3c5e2a-8f14-4b6c-9a57-0e1d2c3b4a59",
  resource: "",
  ok: true,
  ...over,
});
const named = signIn({
  at: "2026-11-01T08:00:30Z",
  ipAddress: RUNNER,
  correlationId: proofRequestId(keyId(2)),
});
const span = { keyId: keyId(2), from: "2026-11-01T08:00:00Z", until: "2026-11-01T08:02:00Z" };
const again = { keyId: keyId(2), from: "2026-11-05T08:00:00Z", until: "2026-11-05T08:02:00Z" };
const nameless = (at: string, ipAddress = RUNNER): SignIn => signIn({ at, ipAddress });

describe("usesOf", () => {
  const rows: [what: string, others: SignIn[], entry: SignIn, counts: boolean][] = [
    ["bears the proof's request id", [], named, false],
    ["lies in the span, from the runner", [named], nameless("2026-11-01T08:01:00Z"), false],
    [
      "lies in the span, from the runner in IPv6's form",
      [named],
      nameless("2026-11-01T08:01:00Z", `::ffff:${RUNNER}`),
      false,
    ],
    ["lies a moment beside the span", [named], nameless("2026-11-01T08:02:50Z"), false],
    ["lies after the span", [named], nameless("2026-11-01T08:03:10Z"), true],
    ["lies before the span", [named], nameless("2026-11-01T07:58:50Z"), true],
    ["lies in the span, from elsewhere", [named], nameless("2026-11-01T08:01:00Z", SERVICE), true],
    ["lies in the span of a second proof", [named], nameless("2026-11-05T08:01:00Z"), false],
    [
      "lies in the span, where another secret's proof bore its id",
      [
        { ...named, keyId: keyId(1), correlationId: proofRequestId(keyId(1)) },
        signIn({ at: "2026-11-01T07:00:00Z" }),
      ],
      nameless("2026-11-01T08:01:00Z"),
      false,
    ],
    ["is the very first, and lies in the first span", [], nameless("2026-11-01T08:01:00Z"), false],
    [
      "lies in the span, from the same address as the very first",
      [nameless("2026-11-01T08:00:10Z")],
      nameless("2026-11-01T08:01:00Z"),
      false,
    ],
    ["is the very first, and lies in the second span", [], nameless("2026-11-05T08:01:00Z"), true],
    [
      "lies in a later span, and the very first lies in none",
      [signIn({ at: "2026-10-31T08:00:00Z", ipAddress: RUNNER })],
      nameless("2026-11-05T08:01:00Z"),
      true,
    ],
  ];
  for (const [what, others, entry, counts] of rows) {
    it(`${counts ? "counts" : "leaves out"} one that ${what}`, () => {
      const uses = usesOf([entry, ...others], keyId(2), [again, span]);
      assert.equal(uses.includes(entry), counts);
    });
  }

  it("knows the request id alone where no span is recorded", () => {
    const late = nameless("2026-11-01T08:01:00Z");
    assert.deepEqual(usesOf([late, named], keyId(2)), [late]);
  });

  it("leaves the span of another secret's proof alone", () => {
    const late = nameless("2026-11-01T08:01:00Z");
    assert.deepEqual(usesOf([late, named], keyId(2), [{ ...span, keyId: keyId(1) }]), [late]);
  });
});
