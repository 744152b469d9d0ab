// The frame of every step, run as a program of its own: it ends by itself, whatever the step waits for.
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { join } from "node:path";
import { text } from "node:stream/consumers";

const FRAME = join(__dirname, "../../../src/steps/program.js");

describe("runStep", () => {
  const run = async (act: string, seconds: number): Promise<[number | null, string, string]> => {
    const program = `require(${JSON.stringify(FRAME)}).runStep({
      parse: JSON.parse, deadline: () => ({ seconds: ${seconds}, late: "late" }), act: ${act},
      otherwise: "otherwise", code: "signIn" });`;
    const child = spawn(process.execPath, [...process.execArgv, "-e", program]);
    child.stdin.end('{"name":"north"}');
    const ended = new Promise<number | null>((done) => child.on("close", done));
    const [out, errors] = await Promise.all([text(child.stdout), text(child.stderr)]);
    return [await ended, out, errors];
  };

  it("ends a step that waits for ever at its deadline", async () => {
    const [code, out, errors] = await run("() => new Promise(() => {})", 0.05);
    assert.deepEqual([code, out, errors], [1, "", "keyturn[signIn]: late\n"]);
  });

  it("ends as soon as the result is out, whatever is still open", async () => {
    const act = "async ({ name }) => (setInterval(() => {}, 1e6), name)";
    assert.deepEqual(await run(act, 300), [0, "north", ""]);
  });

  it("says one sentence and ends with 1 when the step fails", async () => {
    const failing = "async () => { throw new Error('no') }";
    assert.deepEqual(await run(failing, 300), [1, "", "keyturn[signIn]: no\n"]);
    const odd = "async () => { throw 7 }";
    assert.deepEqual(await run(odd, 300), [1, "", "keyturn[signIn]: otherwise\n"]);
  });
});
