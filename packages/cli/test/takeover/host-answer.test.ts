// What is made of a host's answer: known, doubtful, or not known, and never nobody.
import assert from "node:assert/strict";
import { hostAnswer } from "../../takeover/host-answer";
import { KEY_IDS } from "../fixtures";

const report = {
  outcome: "ready" as const,
  adoptedKeyId: KEY_IDS.first as string | null,
  interrupted: null as string | null,
  reason: "Apply would go on now.",
  remedy: "",
};

describe("hostAnswer", () => {
  for (const outcome of ["ready", "notNow", "alreadyAdopted"] as const) {
    it(`names the secret of the journal where the host says ${outcome}`, () => {
      const answer = hostAnswer("sesar", { ...report, outcome });
      assert.deepEqual(answer, { consumer: "sesar", keyId: KEY_IDS.first });
    });
  }

  it("names it with a doubt where an update was interrupted", () => {
    const { keyId, why } = hostAnswer("sesar", { ...report, interrupted: "proving" });
    assert.equal(keyId, KEY_IDS.first);
    assert.match(why ?? "", /ended in its phase proving/);
  });

  it("names it with the host's own words where that refuses", () => {
    const refused = { outcome: "refused", reason: "It stands.", remedy: "Start it." } as const;
    const { keyId, why } = hostAnswer("sesar", { ...report, ...refused });
    assert.deepEqual([keyId, why], [KEY_IDS.first, "its host says: It stands. Start it."]);
  });

  it("does not take a host that refuses before its journal is read for one that holds nothing", () => {
    const { keyId, why } = hostAnswer("sesar", {
      ...report,
      outcome: "refused",
      adoptedKeyId: null,
    });
    assert.deepEqual([keyId, /its host says/.test(why ?? "")], [undefined, true]);
  });

  it("says of an empty journal that it knows of none of Keyturn's", () => {
    const { keyId, why } = hostAnswer("sesar", { ...report, adoptedKeyId: null });
    assert.deepEqual(
      [keyId, /no record of a secret of Keyturn's/.test(why ?? "")],
      [undefined, true],
    );
  });

  it("prints a hostile host's words harmlessly", () => {
    const { why } = hostAnswer("sesar", {
      ...report,
      outcome: "refused",
      reason: "##vso[task.setvariable]\u001b[2J",
    });
    assert.doesNotMatch(why ?? "", /##vso/);
    assert(!why?.includes("\u001b"), why);
  });
});
