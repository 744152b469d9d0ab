// When a confirmation is written, when it is there already, and when it is refused.
import assert from "node:assert/strict";
import { decideConfirmation } from "../../decisions/confirmation";
import { UsageError } from "../../usage-error";
import { CI_SYNC, FIRST, IN_FLIGHT, KEY_IDS, SECOND, SETTLED, outputsOf } from "../fixtures";

const waiting = outputsOf(IN_FLIGHT);
const confirmed = (keyId: string) => ({
  confirmations: { "ci-sync": { keyId, on: "2026-11-03" } },
});

describe("decideConfirmation", () => {
  it("names the secret in flight for a consumer that waits", () => {
    const decision = decideConfirmation({ consumer: "ci-sync" }, waiting, {});
    const { label: epoch, keyId } = SECOND;
    assert.deepEqual(decision, { write: true, epoch, keyId, since: "2026-11-01" });
  });

  it("takes the key id that is in flight, in any case of letters", () => {
    const keyId = SECOND.keyId.toUpperCase();
    assert(decideConfirmation({ consumer: "ci-sync", keyId }, waiting, {}).write);
  });

  it("writes over a confirmation of another secret", () => {
    assert(decideConfirmation({ consumer: "ci-sync" }, waiting, confirmed(FIRST.keyId)).write);
  });

  for (const [title, outputs, config, words] of [
    [
      "the config confirms the secret in flight",
      waiting,
      confirmed(SECOND.keyId),
      /already confirmed on 2026-11 .*next run adopts/,
    ],
    [
      "the config confirms the secret that all hold",
      outputsOf(SETTLED),
      confirmed(SECOND.keyId),
      /already confirmed on 2026-11/,
    ],
    [
      "the sign-in log has shown it",
      outputsOf(IN_FLIGHT, { consumers: [{ ...CI_SYNC, outcome: "seen", adopted: true }] }),
      {},
      /holds 2026-11 already \(seen/,
    ],
  ] as const) {
    it(`changes nothing when ${title}`, () => {
      const decision = decideConfirmation({ consumer: "ci-sync" }, outputs, config);
      assert(!decision.write);
      assert.match(decision.said, words);
    });
  }

  for (const [title, request, outputs, words] of [
    [
      "an unknown consumer, and names those that there are",
      { consumer: "nobody" },
      waiting,
      /^nobody must be .*This stack has ci-sync\./,
    ],
    [
      "an automatic consumer",
      { consumer: "sesar" },
      waiting,
      /^sesar .*automatic one: the host's own proof/,
    ],
    [
      "a consumer of a stack without any that people serve",
      { consumer: "x" },
      outputsOf(IN_FLIGHT, { consumers: [] }),
      /This stack has none/,
    ],
    [
      "a consumer that waits for nothing",
      { consumer: "ci-sync" },
      outputsOf(SETTLED),
      /^ci-sync waits for nothing: every consumer holds 2026-11/,
    ],
    [
      "another key id than the one in flight",
      { consumer: "ci-sync", keyId: KEY_IDS.third },
      waiting,
      /^--key-id must be .*2026-11: 2222.*got 3333/,
    ],
    [
      "the key id of the former secret",
      { consumer: "ci-sync", keyId: FIRST.keyId },
      waiting,
      /^--key-id must be/,
    ],
    [
      "a stack that has issued nothing",
      { consumer: "ci-sync" },
      outputsOf(undefined),
      /issued no secret yet/,
    ],
  ] as const) {
    it(`refuses ${title}`, () => {
      assert.throws(
        () => decideConfirmation(request, outputs, {}),
        (error: unknown) => {
          assert(error instanceof UsageError);
          assert.match(error.message, words);
          return true;
        },
      );
    });
  }
});
