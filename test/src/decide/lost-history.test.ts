// A stack whose state has passwords and whose outputs have no history: a first deployment that failed, or a record that
// was lost. A secret that a service holds hangs on the difference.
import assert from "node:assert/strict";
import { type History, parseHistory } from "../../../src/decide/history";
import { firstAdopted, keyId, rotated, waiting } from "./fixtures";

const password = (name: string, label: string, key: string) => ({
  type: "azuread:index/applicationPassword:ApplicationPassword",
  outputs: { displayName: `${name} ${label}`, endDate: "2027-05-01T00:00:00Z", keyId: key },
});
const credential = (record: unknown) => ({
  type: "keyturn:index:Credential",
  outputs: { keyIds: { "2026-05": keyId(1) }, record },
});
const firstWaiting: History = {
  version: 1,
  inFlight: {
    label: "2026-05",
    start: "2026-05-01",
    generation: 0,
    endDate: "2027-05-01T00:00:00Z",
    keyId: keyId(1),
    since: "2026-05-20",
    attempt: "1",
  },
  retiring: [],
  skipped: [],
  released: [],
};
const ISSUED = {
  a: password("sesar", "2026-05", keyId(1)),
  b: password("sesar", "2026-11", keyId(2)),
};
const SAID = [{ name: "archive", outcome: "alreadyAdopted", adopted: true, keyId: keyId(1) }];

describe("parseHistory of a stack whose outputs have none", () => {
  for (const [what, resources, consumers] of [
    ["a credential that recorded an adoption", { c: credential({ history: firstAdopted }) }],
    ["one that had rotated", { c: credential({ history: rotated }) }],
    ["one whose next secret waits", { c: credential({ history: waiting }) }],
    ["a credential whose record cannot be read", { c: credential({ history: { version: 2 } }) }],
    ["no record, but what a successful run said of its consumers", {}, SAID],
  ] as const) {
    it(`refuses ${what}, with the secrets by name and the way to repair it`, () => {
      assert.throws(
        () =>
          parseHistory("sesar", undefined, { resources: { ...ISSUED, ...resources }, consumers }),
        /sesar: .*"history".*is gone.*2026-05, 2026-11.*Nothing was changed.*pulumi stack import/s,
      );
    });
  }

  for (const [what, resources, consumers] of [
    ["nothing is in the state", { c: credential({ history: firstAdopted }) }],
    ["a first run failed before it recorded anything", { ...ISSUED, c: credential(undefined) }],
    [
      "the first secret still waits for its consumers",
      { ...ISSUED, c: credential({ history: firstWaiting }) },
      SAID,
    ],
    [
      "the adopted credential is another one of the same program",
      { a: password("other", "2026-05", keyId(9)), c: credential({ history: firstAdopted }) },
    ],
    ["another output of that name says nothing of consumers", ISSUED, ["a", "b"]],
  ] as const) {
    it(`takes it for a first deployment where ${what}`, () => {
      assert.equal(parseHistory("sesar", undefined, { resources, consumers }), undefined);
      assert.equal(parseHistory("other", undefined, { resources, consumers }), undefined);
    });
  }

  it("has nothing to say where the history is there", () => {
    const own = { resources: { ...ISSUED, c: credential({ history: rotated }) }, consumers: SAID };
    assert.deepEqual(parseHistory("sesar", firstAdopted, own), firstAdopted);
  });
});
