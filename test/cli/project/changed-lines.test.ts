// The lines that a person reviews.
import assert from "node:assert/strict";
import { changedLines } from "../../../cli/project/changed-lines";

describe("changedLines", () => {
  for (const [title, before, after, lines] of [
    ["says nothing of equal texts", "a\nb\n", "a\nb\n", []],
    ["shows a line that changed", "a\nb\nc\n", "a\nB\nc\n", ["- b", "+ B"]],
    ["shows added lines", "a\nc\n", "a\nb\nb\nc\n", ["+ b", "+ b"]],
    ["shows removed lines", "a\nb\nc\n", "a\nc\n", ["- b"]],
    [
      "leaves out what stands between two changes",
      "a\nb\nc\n",
      "A\nb\nC\n",
      ["- a", "+ A", "- c", "+ C"],
    ],
    ["takes no line end for a change", "a\r\nb\r\n", "a\r\nB\r\n", ["- b", "+ B"]],
  ] as const) {
    it(title, () => assert.deepEqual(changedLines(before, after), lines));
  }
});
