// What a run is recorded as: adoption needs every consumer, and nothing is released without it.
import assert from "node:assert/strict";
import { issuedPasswords, parseHistory } from "../../../src/decide/history";
import { plan } from "../../../src/decide/plan";
import { recordRun } from "../../../src/decide/record";
import { firstAdopted, keyId, config } from "./fixtures";

const updated = (name: string, n: number) => ({
  name,
  kind: "automatic" as const,
  outcome: "updated",
  adopted: true,
  keyId: keyId(n),
});
const notNow = (name: string, n: number) => ({
  name,
  kind: "automatic" as const,
  outcome: "notNow",
  adopted: false,
  keyId: keyId(n),
});

describe("recordRun", () => {
  it("records the first adoption", () => {
    const p = plan("2026-05-20", config, undefined);
    assert.deepEqual(
      recordRun(p, { "2026-05": keyId(1) }, [updated("host", 1)]).history,
      firstAdopted,
    );
  });

  it("keeps the day of adoption in later runs", () => {
    const p = plan("2026-07-01", config, firstAdopted);
    const record = recordRun(p, { "2026-05": keyId(1) }, [updated("host", 1)]);
    assert.deepEqual(record.history, firstAdopted);
  });

  it("leaves the epoch in flight and the active one active when one consumer of two says not now", () => {
    const p = plan("2026-11-01", config, firstAdopted);
    const keys = { "2026-05": keyId(1), "2026-11": keyId(2) };
    const record = recordRun(p, keys, [updated("one", 2), notNow("two", 2)]);
    assert.deepEqual(record.history.active, firstAdopted.active);
    assert.equal(record.history.inFlight?.label, "2026-11");
    assert.equal(
      record.reason,
      "sesar: 2026-11 is issued and waits for two (not now), attempt 1; 2026-05 stays valid until 2027-05-01",
    );
    assert.deepEqual(parseHistory("sesar", record.history), record.history);
  });

  it("takes a key id that differs from the recorded one for not adopted until the consumers say so", () => {
    const p = plan("2026-07-01", config, firstAdopted);
    const stale = recordRun(p, { "2026-05": keyId(9) }, [updated("host", 1)]);
    assert.equal(stale.settled, false);
    assert.equal(stale.history.inFlight?.keyId, keyId(9));
    const moved = recordRun(p, { "2026-05": keyId(9) }, [updated("host", 9)]);
    assert.deepEqual(
      [moved.history.active?.keyId, moved.history.active?.adoptedOn],
      [keyId(9), "2026-07-01"],
    );
    assert.equal(moved.reason, "sesar: 2026-05 is adopted, next rotation 2026-11-01");
  });

  it("starts the overlap of the outgoing secret on the day of adoption", () => {
    const p = plan("2026-12-05", config, firstAdopted);
    const keys = { "2026-05": keyId(1), "2026-11": keyId(2) };
    const { history } = recordRun(p, keys, [updated("host", 2)]);
    assert.deepEqual(
      history.retiring.map((e) => [e.label, e.successorAdoptedOn]),
      [["2026-05", "2026-12-05"]],
    );
    assert.equal(
      recordRun(p, keys, [updated("host", 2)]).reason,
      "sesar: 2026-11 is adopted, next rotation 2027-05-01; the overlap of 2026-05 begins",
    );
  });

  it("adopts nothing when there is no consumer", () => {
    const p = plan("2026-05-20", config, undefined);
    assert.equal(recordRun(p, { "2026-05": keyId(1) }, []).settled, false);
  });
});

describe("parseHistory", () => {
  it("takes absence for a first deployment", () => {
    assert.equal(parseHistory("sesar", undefined), undefined);
  });

  for (const [what, value] of [
    ["the engine's unknown", "04da6b54-80e4-46f7-96ec-b56ff0331ba9"],
    ["an empty object", {}],
    ["another version", { ...firstAdopted, version: 2 }],
    ["a missing key id", { ...firstAdopted, active: { ...firstAdopted.active, keyId: "" } }],
    ["an unknown field", { ...firstAdopted, extra: 1 }],
  ] as const) {
    it(`refuses ${what} with the way to repair it`, () => {
      assert.throws(() => parseHistory("sesar", value), /cannot be read .*pulumi stack import/s);
    });
  }
});

describe("issuedPasswords", () => {
  it("picks the passwords of this credential out of the state and nothing else", () => {
    const type = "azuread:index/applicationPassword:ApplicationPassword";
    const outputs = {
      displayName: "sesar 2026-05",
      endDate: "2027-05-01T00:00:00Z",
      keyId: keyId(1),
      value: "x",
    };
    const resources = {
      a: { type, outputs },
      b: { type, outputs: { ...outputs, displayName: "other 2026-05" } },
      c: { type: "azuread:index/application:Application", outputs: { displayName: "sesar app" } },
    };
    assert.deepEqual(issuedPasswords("sesar", resources), [
      { label: "2026-05", endDate: "2027-05-01T00:00:00Z", keyId: keyId(1) },
    ]);
  });
});
