// What an engine that we start finds in its environment: a program of the engine's name on PATH writes it down.
import assert from "node:assert/strict";
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { pulumiVersion } from "../../toolchain/versions";
import { runEngine } from "../engine";
import { KeyturnStack } from "../stack";

describe("the engine's environment", () => {
  const before = { PATH: process.env["PATH"], SSH_AUTH_SOCK: process.env["SSH_AUTH_SOCK"] };
  let folder: string;
  const seen = (): string[] => readFileSync(join(folder, "seen"), "utf8").trim().split("\n");

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "keyturn-engine-"));
    const program = join(folder, "pulumi");
    const lines = [
      "#!/bin/sh",
      // The Automation API asks for the version first, in this process's own environment; nothing is reached by that.
      `[ "$1" = version ] || echo "socket [$SSH_AUTH_SOCK] given [$GIVEN]" >> '${join(folder, "seen")}'`,
      `echo v${pulumiVersion}`,
    ];
    writeFileSync(program, `${lines.join("\n")}\n`);
    chmodSync(program, 0o755);
    process.env["PATH"] = `${folder}${delimiter}${before.PATH ?? ""}`;
    process.env["SSH_AUTH_SOCK"] = join(folder, "dead");
  });

  afterEach(() => {
    for (const [name, value] of Object.entries(before)) {
      if (value === undefined) Reflect.deleteProperty(process.env, name);
      else process.env[name] = value;
    }
    rmSync(folder, { recursive: true });
  });

  it("has no SSH agent in a command of its command line, whatever this process has", async () => {
    await runEngine({ workDir: folder, environment: { GIVEN: "yes" } }, ["stack", "ls"]);
    assert.deepEqual(seen(), ["socket [] given [yes]"]);
  });

  it("has no SSH agent for an operation on a stack", async () => {
    const environment = { GIVEN: "yes" };
    const place = { workDir: folder, stackName: "dev", environment };
    const stack = new KeyturnStack(place);
    await stack.exportState();
    // What it prints is no preview's; nothing hangs on that.
    await stack.preview().catch(() => undefined);
    assert(seen().length >= 2);
    assert.deepEqual([...new Set(seen())].sort(), ["socket [] given [yes]"]);
  });

  it("has none even where a stack's own environment names one", async () => {
    const environment = { GIVEN: "yes", SSH_AUTH_SOCK: "/elsewhere" };
    await runEngine({ workDir: folder, environment }, ["stack", "ls"]);
    assert.deepEqual(seen(), ["socket [] given [yes]"]);
  });
});
