// What a person reads of who holds what: a line a secret and holder, and what is not known in words of its own.
import assert from "node:assert/strict";
import type { Row, Takeover } from "../../takeover/takeover";
import { renderTakeover } from "../../takeover/text";
import { KEY_IDS } from "../fixtures";

const ROW: Row = {
  displayName: "sesar 2026-11",
  keyId: KEY_IDS.first,
  endDate: "2027-11-01T00:00:00Z",
  standing: "held",
  holders: [],
  vaults: [],
  because: "",
};
const shown = (row: Partial<Row>, changes: Partial<Takeover> = {}): string =>
  renderTakeover(
    { rows: [{ ...ROW, ...row }], notKnown: [], said: [], takes: [], ...changes },
    "production",
    "the-client-id",
  );
const host = { consumer: "sesar", source: "host" as const, said: "sesar, by its host's journal" };
const somebody = { consumer: undefined, source: "log" as const, said: "somebody, signed in" };

describe("renderTakeover", () => {
  it("shows name, key id, end and each holder on a line of its own", () => {
    const [heading, , first, second] = shown({ holders: [host, somebody], vaults: [] }).split("\n");
    assert.match(heading ?? "", /Stack production: .* the-client-id\. Nothing was changed/);
    assert.match(
      first ?? "",
      /^ {2}sesar 2026-11 +1111\S+ +2027-11-01 +to be taken over +sesar, by its host's journal$/,
    );
    assert.match(second ?? "", /^ +somebody, signed in$/);
  });

  it("says of one without a holder that it is not known, and why, and where its value is", () => {
    const text = shown({ standing: "unknown", because: "the log is not read", vaults: ["kv"] });
    assert.match(text, /not known: the log is not read\n +the vault kv keeps its value/);
    assert.doesNotMatch(text, /nobody/);
  });

  it("says nobody only of one that is shown to be nobody's", () => {
    assert.match(shown({ standing: "unheld", because: "all are later" }), /nobody: all are later/);
  });

  it("lists what is not known and what it comes to", () => {
    const text = shown(
      {},
      { notKnown: ["What sesar holds is not known."], said: ["There it is."] },
    );
    assert.match(text, /\n\nNot known:\n {2}What sesar holds is not known\.\n\nThere it is\.$/);
  });

  it("prints a stranger's name harmlessly", () => {
    assert(!shown({ displayName: "a\u001b[2J" }).includes("\u001b"));
  });
});
