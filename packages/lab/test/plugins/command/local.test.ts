// Commands on this machine, beyond the recordings: where they run, what they leave, and how they are ended.
import assert from "node:assert/strict";
import {
  existsSync,
  mkdtempSync,
  readFileSync,
  realpathSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import type { Properties } from "../../../plugins/provider/values";
import { Served } from "./served";
import { until } from "../../../../../test/helpers/until";

const COMMAND = "command:local:Command";

describe("command:local", () => {
  let served: Served;
  let dir: string;

  beforeEach(async () => {
    served = await Served.start();
    dir = realpathSync(mkdtempSync(join(tmpdir(), "local-")));
  });

  afterEach(() => {
    served.stop();
    rmSync(dir, { recursive: true });
  });

  const stdout = async (properties: Properties): Promise<unknown> =>
    ((await served.create(COMMAND, { dir, ...properties }))["properties"] as Properties)["stdout"];

  it("runs in the given folder, with this process's variables and the given ones", async () => {
    assert.equal(await stdout({ create: "pwd" }), dir);
    process.env["KEYTURN_TEST_OWN"] = "own";
    try {
      const create = 'echo "$GIVEN $KEYTURN_TEST_OWN"';
      assert.equal(await stdout({ create, environment: { GIVEN: "here" } }), "here own");
    } finally {
      Reflect.deleteProperty(process.env, "KEYTURN_TEST_OWN");
    }
  });

  it("does not fail when the command leaves its input unread", async () => {
    assert.equal(
      await stdout({ create: "exec <&-; echo done", stdin: "x".repeat(1_000_000) }),
      "done",
    );
  });

  it("runs in the process's own folder when none is given", async () => {
    const { properties } = await served.create(COMMAND, { create: "pwd -P" });
    assert.equal((properties as Properties)["stdout"], realpathSync(process.cwd()));
  });

  it("says which folder is not there", async () => {
    const missing = join(dir, "missing");
    const text = await served.failure(COMMAND, { dir: missing, create: "true" });
    assert.equal(text, `chdir ${missing}: no such file or directory: running "true":\n`);
  });

  it("uses another interpreter", async () => {
    const interpreter = [process.execPath, "-e"];
    assert.equal(await stdout({ interpreter, create: "console.log(6 * 7)" }), "42");
  });

  it("says which interpreter is not on the path", async () => {
    const text = await served.failure(COMMAND, { dir, create: "x", interpreter: ["no-such"] });
    assert.equal(text, 'exec: "no-such": executable file not found in $PATH: running "x":\n');
  });

  it("gives the files that match as assets", async () => {
    writeFileSync(join(dir, "secret.txt"), "s");
    const answer = await served.create(COMMAND, {
      dir,
      create: "mkdir -p sub; echo a > a.txt; echo b > sub/b.txt; echo c > c.md",
      assetPaths: ["**.txt", "!secret.*"],
    });
    const { assets } = answer["properties"] as { assets: Record<string, { path: string }> };
    assert.deepEqual(Object.keys(assets), ["a.txt", "sub/b.txt"]);
    assert.equal(assets["sub/b.txt"]?.path, join(dir, "sub", "b.txt"));
  });

  it("keeps the output of before when there is nothing to run", async () => {
    const news = { dir, delete: "true" };
    const olds = { ...news, stdout: "was", stderr: "" };
    const request = { type: COMMAND, id: "x", oldInputs: news, olds, news };
    const { properties } = await served.client.call("update", request);
    assert.equal((properties as Properties)["stdout"], "was");
  });

  it("runs nothing in a preview", async () => {
    const properties = { dir, create: "touch ran" };
    await served.client.call("create", { type: COMMAND, properties, options: { preview: true } });
    assert.equal(existsSync(join(dir, "ran")), false);
  });

  const SLEEPING = "sleep 300 & echo $! > child; echo $$ > parent; wait";
  const pid = (name: string): number => Number(readFileSync(join(dir, name), "utf8"));
  const runs = (): boolean => existsSync(join(dir, "parent")) && pid("parent") > 0;
  const nothingLeft = (): boolean => !isAlive(pid("child")) && !isAlive(pid("parent"));

  it("kills a command with all that it started when the engine cancels", async () => {
    const running = served.failure(COMMAND, { dir, create: SLEEPING });
    await until("the command runs", runs);
    await served.client.cancel();
    assert.match(await running, /^signal: killed: running "sleep 300 /);
    await until("nothing is left", nothingLeft);
  });

  it("kills a command with all that it started when the engine is gone", async () => {
    const running = served.create(COMMAND, { dir, create: SLEEPING });
    await until("the command runs", runs);
    served.loseEngine();
    await running;
    await until("nothing is left", nothingLeft);
  });

  it("answers a function call with the command's output", async () => {
    const answer = await served.client.call("invoke", {
      token: "command:local:run",
      args: { command: "cat", stdin: "x", dir },
    });
    assert.equal((answer["return"] as Properties)["stdout"], "x");
  });
});

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    // A killed process that nobody has waited for is not alive.
    return !/\) Z /.test(readFileSync(`/proc/${pid}/stat`, "utf8"));
  } catch {
    return false;
  }
}
