import assert from "node:assert/strict";
import { configText } from "../../project/config-text";

describe("configText", () => {
  it("is what the stack says, or the default where its project declares none", () => {
    assert.equal(configText({ overlap: "P7D" }, "overlap"), "P7D");
    assert.equal(configText({}, "overlap"), "P14D");
    assert.equal(configText({}, "name"), "sesar");
  });
});
