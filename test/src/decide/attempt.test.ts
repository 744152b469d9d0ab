// The attempt: another one whenever a host must answer again, the same one whenever it must not.
import assert from "node:assert/strict";
import type { AttemptFacts } from "../../../src/decide/attempt";
import { attemptOf } from "../../../src/decide/attempt";
import { config, released, rotated, waiting } from "./fixtures";
import { plan } from "../../../src/decide/plan";

const facts = (given: Partial<AttemptFacts>): AttemptFacts => {
  const { target } = plan("2026-11-10", config, rotated);
  const resting = { skipped: [], releasing: [], released: [] };
  return { target, history: rotated, today: "2026-11-18", ...resting, ...given };
};

describe("attemptOf", () => {
  it("is the recorded one when nothing goes and nothing is in doubt", () => {
    assert.equal(attemptOf(facts({})), "1");
    assert.equal(attemptOf(facts({ history: released })), "2+asked-2026-11-18");
  });

  it("is another one, with the day, when a secret is released or removed", () => {
    assert.equal(attemptOf(facts({ releasing: ["2026-05"] })), "2+asked-2026-11-18");
    const removal = { history: released, released: ["2026-05"] };
    assert.equal(attemptOf(facts(removal)), "3+asked-2026-11-18");
  });

  it("names the day and the skipped epochs within what the host's contract takes", () => {
    const skipped = Array.from({ length: 20 }, (_, index) => `2026-05-g${index + 1}`);
    const attempt = attemptOf(facts({ releasing: ["2026-05"], skipped }));
    assert.match(attempt, /^2\+asked-2026-11-18\+2026-05-g1\+/);
    assert.ok(attempt.length <= 128);
  });

  it("stays as it is while only people are waited for, also since a run that asked for a release", () => {
    const { inFlight } = waiting;
    assert.ok(inFlight);
    const since = (attempt: string, again?: false) => ({
      ...waiting,
      inFlight: { ...inFlight, attempt, ...(again === false && { again }) },
    });
    const asked = "1+asked-2026-11-01";
    assert.equal(attemptOf(facts({ history: since(asked, false) })), asked);
    assert.equal(attemptOf(facts({ history: since(asked) })), "2");
    const doubt = { history: since(asked, false), skipped: ["2026-05-g1"] };
    assert.equal(attemptOf(facts(doubt)), "1+2026-05-g1");
  });
});
