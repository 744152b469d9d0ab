// How a step is found: in a clone, and in a program that has Keyturn in its node_modules.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { stepProgram } from "../../components/step-command";
import { inClone } from "../helpers/paths";

const STEP = "steps/prove.js";

describe("a step", () => {
  let folder: string;
  const stepIn = (place: string): void => {
    mkdirSync(join(folder, place, "steps"), { recursive: true });
    const text = `exports.run = () => console.log(${JSON.stringify(place)});`;
    writeFileSync(join(folder, place, STEP), text);
  };
  /** What the step prints that the engine's plugin would run in a folder. */
  const run = (installed: boolean, cwd: string, environment: NodeJS.ProcessEnv = {}): string =>
    execFileSync(process.execPath, ["-e", stepProgram(installed), STEP], {
      cwd: join(folder, cwd),
      env: { PATH: process.env["PATH"], ...environment },
      encoding: "utf8",
      stdio: ["ignore", "pipe", "pipe"],
    }).trim();
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "keyturn-step-"));
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  it("of an installed package is found by name, without a variable, from the project's folder and below", () => {
    const installed = "node_modules/keyturn/dist";
    stepIn(installed);
    cpSync(inClone("package.json"), join(folder, "node_modules", "keyturn", "package.json"));
    mkdirSync(join(folder, "infra"));
    for (const cwd of [".", "infra"]) assert.equal(run(true, cwd), installed);
  });

  it("of a clone is found in its dist, or where the variable says", () => {
    stepIn("dist");
    stepIn("elsewhere");
    assert.equal(run(false, "."), "dist");
    assert.equal(run(false, ".", { KEYTURN_PROGRAM: join(folder, "elsewhere") }), "elsewhere");
  });
});
