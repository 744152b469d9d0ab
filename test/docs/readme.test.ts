// The README is held to the code: its commands to the scripts, what it says of git to git.
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { leaveOut } from "../helpers/leave-out";
import { CLONE } from "../helpers/paths";

const read = (name: string): string => readFileSync(join(CLONE, name), "utf8");
const readme = read("README.md");

describe("README", () => {
  it("has the reader commit a stack's file, which git does not ignore", function () {
    assert.match(readme, /commit `Pulumi\.<stack>\.yaml`/);
    if (!existsSync(join(CLONE, ".git"))) leaveOut(this, "this is no clone");
    const ignored = spawnSync("git", ["check-ignore", "Pulumi.production.yaml"], { cwd: CLONE });
    assert.deepEqual([ignored.status, ignored.stdout.toString()], [1, ""]);
  });

  it("names npm scripts that there are", () => {
    const { scripts } = JSON.parse(read("package.json")) as { scripts: Record<string, string> };
    const named = [...`${readme}\n${read("CONTRIBUTING.md")}`.matchAll(/npm run ([\w:]+)/g)];
    const unknown = named.map((match) => match[1] ?? "").filter((name) => !(name in scripts));
    assert(named.length > 3);
    assert.deepEqual(unknown, []);
  });
});
