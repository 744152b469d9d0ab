// How long a run may take, and pipelines/README.md, whose table is computed from the presets.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { SIGN_IN_SECONDS, runBound } from "../../../src/decide/run-bound";
import { generic } from "../../../src/presets/generic";
import { sesar } from "../../../src/presets/sesar";
import { inClone } from "../../helpers/paths";

const { proof } = sesar;
const hosts = (count: number, patienceSeconds = sesar.host.patienceSeconds) =>
  Array.from({ length: count }, () => ({ ...sesar.host, patienceSeconds }));
const minutes = (seconds: number): string => String(Math.ceil(seconds / 60));

describe("runBound", () => {
  it("counts what comes before the hosts, the look, and all patience, where no host has a safe moment", () => {
    // 300 around it, 600 + 60 + 180 + 240 for the proof.
    assert.equal(runBound(proof, []).notNowSeconds, 1380);
    assert.equal(runBound(proof, hosts(1)).notNowSeconds, 1380 + 75 + 900);
    assert.equal(runBound(proof, hosts(3)).notNowSeconds, 1380 + 3 * (75 + 600));
  });

  it("counts each host's update, and the restoring of one", () => {
    const updated = 75 + 120 + 120 + 600 + 15;
    const restored = 120 + 120 + 600 + 10 + 20;
    assert.equal(runBound(proof, hosts(1)).mostSeconds, 1380 + 900 + updated + restored);
    assert.equal(runBound(proof, hosts(2)).mostSeconds, 1380 + 2 * (900 + updated) + restored);
  });

  it("grows with what the config raises, and with every host", () => {
    const one = runBound(proof, hosts(1));
    assert.equal(runBound(proof, hosts(1, 1800)).mostSeconds, one.mostSeconds + 900);
    assert.equal(
      runBound({ ...proof, spreadSeconds: 600 }, hosts(1)).notNowSeconds,
      one.notNowSeconds + 540,
    );
    for (let count = 1; count < 12; count += 1) {
      const [less, more] = [runBound(proof, hosts(count)), runBound(proof, hosts(count + 1))];
      assert(more.mostSeconds > less.mostSeconds && more.notNowSeconds > less.notNowSeconds);
    }
  });
});

describe("pipelines/README.md", () => {
  const page = readFileSync(inClone("pipelines/README.md"), "utf8");
  const rows = [...page.matchAll(/^\| (\d+) \| (\d+) \| (\d+) \| (\d+) \|$/gm)];

  it("says how long a run of the presets may take, by the number of hosts", () => {
    assert(rows.length >= 4);
    for (const [row, count, notNow, most, genericMost] of rows) {
      const bound = runBound(proof, hosts(Number(count)));
      const others = Array.from({ length: Number(count) }, () => generic.host);
      const other = runBound(generic.proof, others);
      assert.deepEqual(
        [notNow, most, genericMost],
        [bound.notNowSeconds, bound.mostSeconds, other.mostSeconds].map(minutes),
        row,
      );
    }
  });

  it("says up to how many hosts a run without a safe moment ends within the job's sign-in", () => {
    const said = /up to (\w+) hosts/.exec(page)?.[1] ?? "";
    const count = ["one", "two", "three", "four", "five", "six", "seven"].indexOf(said) + 1;
    assert(count > 0, said);
    assert(runBound(proof, hosts(count)).notNowSeconds <= SIGN_IN_SECONDS);
    assert(runBound(proof, hosts(count + 1)).notNowSeconds > SIGN_IN_SECONDS);
  });
});
