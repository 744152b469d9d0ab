// What a dry run says of its preview.
import assert from "node:assert/strict";
import { previewLines } from "../../run/dry-run";
import { verdictOf } from "../../run/verdict";

describe("a dry run", () => {
  it("says that a run would change nothing", () => {
    assert.deepEqual(previewLines("dev", { changes: [] }), [
      "Dry run of dev: a run would change nothing.",
    ]);
  });

  it("lists what a run would change, and why it would not refresh first", () => {
    const changes = ["create sesar-2027-05-password", "update sesar-vault"];
    assert.deepEqual(previewLines("dev", { changes, notRefreshed: "Not refreshed first." }), [
      "Dry run of dev: a run would make 2 changes. Nothing was changed.",
      "  create sesar-2027-05-password",
      "  update sesar-vault",
      "Not refreshed first.",
    ]);
  });

  it("says of a preview that fails what a run would say", () => {
    const failure = { stage: "preview", printed: "error: The config cannot be used" } as const;
    const failed = verdictOf({ stack: "dev", near: "P30D", changes: {}, failure });
    const lines = previewLines("dev", { failed });
    assert.equal(lines[0], failed.headline);
    assert.ok(lines.some((line) => line.startsWith("To do: ")));
  });
});
