// The environment as a shell reads it back.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { exportLines } from "../environment";

describe("exportLines", () => {
  it("gives a POSIX shell back every value exactly, whatever it holds", () => {
    const values = { ONE: "plain:7000", TWO: "two words; $HOME `x` \"y\" 'z'", THREE: "" };
    const read = `${exportLines(values, ["/a b/bin", "/c"])}\nprintf '%s\\n' "$ONE" "$TWO" "$THREE" "$PATH"`;
    const printed = execFileSync("/bin/sh", ["-c", read], {
      encoding: "utf8",
      env: { PATH: "/x" },
    });
    assert.deepEqual(printed.split("\n"), [values.ONE, values.TWO, "", "/a b/bin:/c:/x", ""]);
  });

  it("never prints the deploying identity's secret", () => {
    const lines = exportLines({ ARM_CLIENT_SECRET: "s3cret" }, []);
    assert.doesNotMatch(lines, /s3cret/);
    assert.match(lines, /export ARM_CLIENT_SECRET="\$\(/);
  });
});
