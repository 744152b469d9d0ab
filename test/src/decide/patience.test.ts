// One host's share of the run's patience.
import assert from "node:assert/strict";
import {
  LEAST_PATIENCE_SECONDS,
  RUN_PATIENCE_SECONDS,
  patienceOf,
} from "../../../src/decide/patience";

describe("patienceOf", () => {
  it("leaves one host its own, however long", () => {
    assert.deepEqual([patienceOf(900, 1), patienceOf(2400, 1), patienceOf(0, 1)], [900, 2400, 0]);
  });

  it("keeps up to six hosts that are all in not now within the run's patience", () => {
    assert.deepEqual([patienceOf(900, 2), patienceOf(900, 3), patienceOf(900, 4)], [900, 600, 450]);
    for (const hosts of [2, 3, 4, 5, 6]) {
      assert.ok(hosts * patienceOf(3600, hosts) <= RUN_PATIENCE_SECONDS, String(hosts));
    }
  });

  it("goes never above a host's own, and below a cycle only where its own is", () => {
    assert.deepEqual([patienceOf(60, 4), patienceOf(900, 20)], [60, LEAST_PATIENCE_SECONDS]);
  });
});
