// What an operator hears of versions of Azure's API that end, by the day.
import assert from "node:assert/strict";
import {
  type HeldResource,
  SPOKEN_OF_DAYS,
  atEndingVersions,
  endingVersionNotes,
} from "../../../src/decide/api-versions";

const vault: HeldResource = {
  name: "sesar-vault-vault",
  type: "Microsoft.KeyVault/vaults",
  apiVersion: "2024-11-01",
};
const secret: HeldResource = {
  ...vault,
  name: "sesar-client-secret-secret",
  type: "Microsoft.KeyVault/vaults/secrets",
};
const present = [
  { ...vault, apiVersion: "2026-02-01" },
  { ...secret, apiVersion: "2026-03-01-preview" },
  { ...vault, type: "Microsoft.EventGrid/systemTopics", apiVersion: "2025-02-15" } as const,
];
const DAY = Date.parse("2027-02-27T00:00:00Z");
const notesAt = (day: string | number, held: readonly HeldResource[]): string[] =>
  endingVersionNotes("sesar", held, new Date(day));

describe("endingVersionNotes", () => {
  it("name every resource at a version that ends within 180 days, and how many are left", () => {
    assert.deepEqual(notesAt("2026-11-29T10:00:00Z", [vault, ...present, secret]), [
      "sesar: the state has sesar-vault-vault, sesar-client-secret-secret at Microsoft.KeyVault 2024-11-01, which ends on 2027-02-27, in 90 days. This run moves what it declares to 2026-02-01, in place.",
    ]);
  });

  it("begin on the 180th day before the end, by whole days of UTC", () => {
    assert.equal(SPOKEN_OF_DAYS, 180);
    const first = DAY - 180 * 86_400_000;
    assert.deepEqual(notesAt(first - 1, [vault]), []);
    assert.match(notesAt(first, [vault])[0] ?? "", /in 180 days/);
  });

  it("go on after the end, and then say that it was", () => {
    assert.match(notesAt(DAY - 1, [vault])[0] ?? "", /ends on 2027-02-27, in 1 day\./);
    assert.match(notesAt(DAY, [vault])[0] ?? "", /ended on 2027-02-27\. This run moves/);
  });

  it("have a sentence for each version", () => {
    const older = { ...secret, apiVersion: "2023-02-01" };
    const notes = notesAt(DAY, [vault, older]);
    assert.deepEqual(
      notes.map((note) => /KeyVault ([\d-]+),/.exec(note)?.[1]),
      ["2023-02-01", "2024-11-01"],
    );
  });

  it("ask for another release where this one names no later version", () => {
    const end = { namespace: "Microsoft.EventGrid", before: "2027-06-01", day: "2028-01-01" };
    const [, , topic] = present;
    assert.deepEqual(
      endingVersionNotes("sesar", topic ? [topic] : [], new Date("2027-12-01T00:00:00Z"), [end]),
      [
        "sesar: the state has sesar-vault-vault at Microsoft.EventGrid 2025-02-15, which ends on 2028-01-01, in 31 days. Take a release of Keyturn that names 2027-06-01 or later before 2028-01-01.",
      ],
    );
  });

  it("say nothing of versions without an announced end", () => {
    assert.deepEqual(notesAt(DAY, present), []);
  });
});

describe("atEndingVersions", () => {
  it("gives what is held at a version that ends, whatever day it is", () => {
    assert.deepEqual(atEndingVersions([vault, ...present, secret]), [vault, secret]);
  });
});
