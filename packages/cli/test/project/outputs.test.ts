// Outputs at the edge: what an older program left out is not there, what is wrong is named.
import assert from "node:assert/strict";
import { isManual, parseOutputs } from "../../project/outputs";
import { SETTLED } from "../fixtures";

describe("parseOutputs", () => {
  it("takes a stack that has no outputs for one that never ran", () => {
    assert.deepEqual(parseOutputs("dev", {}), { history: undefined });
  });

  it("takes outputs of a program that wrote fewer, and more", () => {
    const consumers = [{ name: "sesar", outcome: "updated", adopted: true, keyId: "k", later: 1 }];
    const read = parseOutputs("dev", { history: SETTLED, consumers, later: true });
    assert.equal(read.history?.active?.label, "2026-11");
    assert.equal(read.foreignSecrets, undefined);
    assert(read.consumers?.[0] && !isManual(read.consumers[0]));
  });

  it("names every output that is something else, and says what to do", () => {
    const wrong = { consumers: [{ name: "sesar" }], nextRotation: "soon" };
    assert.throws(
      () => parseOutputs("dev", wrong),
      /stack dev .*consumers\.0\.outcome.*nextRotation.*--stack/,
    );
  });

  it("refuses a history that cannot be read, instead of taking it for none", () => {
    assert.throws(() => parseOutputs("dev", { history: { version: 1 } }), /cannot be read/);
  });
});
