// What keyturn adopt writes, and what it refuses.
import assert from "node:assert/strict";
import { decideAdoption } from "../../decisions/adoption";
import { KEY_IDS, SETTLED, outputsOf } from "../fixtures";

const request = { keyId: KEY_IDS.third, label: "2026-05", ends: "2027-05-01T00:00:00Z" };
const outputs = outputsOf(SETTLED);

describe("decideAdoption", () => {
  it("takes over a secret that the stack does not know", () => {
    assert.deepEqual(decideAdoption(request, outputs, {}), { write: true });
  });

  it("takes over on a stack that has never had a successful run", () => {
    assert.deepEqual(decideAdoption(request, { history: undefined }, {}), { write: true });
  });

  it("writes nothing twice", () => {
    const config = { adopted: { [KEY_IDS.third.toUpperCase()]: {} } };
    assert.equal(decideAdoption(request, outputs, config).write, false);
  });

  for (const [what, over, said] of [
    ["a secret of the stack's own", { keyId: KEY_IDS.first.toUpperCase() }, /one of its own/],
    ["what is no key id", { keyId: "2026-05" }, /must be a GUID/],
    ["what is no epoch's label", { label: "by hand" }, /must be an epoch's label/],
    ["what is no instant", { ends: "soon" }, /must be the instant/],
  ] as const) {
    it(`refuses ${what}`, () => {
      assert.throws(() => decideAdoption({ ...request, ...over }, outputs, {}), said);
    });
  }
});
