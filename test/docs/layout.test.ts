// The house: few rooms, each where its name says, and no import that goes up or round. The rules stand in
// .dependency-cruiser.cjs, which `npm run check` runs too.
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { CLONE } from "../helpers/paths";

const MOST_FOLDERS = 8;
const ROOMS = ["index.ts", "components", "src", "policy", "packages", "test"];
const CRUISER = join(CLONE, "node_modules", "dependency-cruiser", "bin", "dependency-cruiser.mjs");
const FOR_TOOLS =
  /^(LICENSE|[A-Z]+\.md|package(-lock)?\.json|tsconfig\.json|eslint\.config\.mjs|Pulumi(\..+)?\.yaml)$/;
/** Made by commands, and ignored by git. */
const MADE = ["dist", "node_modules"];

describe("the layout", () => {
  const root = readdirSync(CLONE, { withFileTypes: true }).filter(
    ({ name }) => !name.startsWith(".") && !MADE.includes(name),
  );

  it("has at most eight folders in the root", () => {
    const folders = root.filter((entry) => entry.isDirectory()).map(({ name }) => name);
    assert.ok(folders.length <= MOST_FOLDERS, folders.join(", "));
  });

  it("has one source file in the root, and beside it what tools look for there", () => {
    const files = root.filter((entry) => entry.isFile()).map(({ name }) => name);
    assert.deepEqual(
      files.filter((name) => !FOR_TOOLS.test(name)),
      ["index.ts"],
    );
  });

  it("has no import in a circle and none to a higher floor, types counted", async () => {
    const words = [CRUISER, "--config", "--output-type", "json", ...ROOMS];
    const { stdout } = await promisify(execFile)(process.execPath, words, {
      cwd: CLONE,
      maxBuffer: 64 * 2 ** 20,
    }).catch((failed: unknown) => failed as { stdout: string });
    const { summary } = JSON.parse(stdout) as {
      summary: {
        totalCruised: number;
        violations: readonly { from: string; to: string; rule: { name: string } }[];
      };
    };
    assert.ok(summary.totalCruised > 100, "the sources are looked at");
    assert.deepEqual(
      summary.violations.map(({ from, to, rule }) => `${rule.name}: ${from} → ${to}`),
      [],
    );
  }).timeout(120_000);
});
