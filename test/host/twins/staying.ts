// PowerShells that stay (fixtures/stay.ps1): they run one script many times, each time with streams of its own. It stands at
// one path, since PowerShell parses and compiles a script anew for every path that it has not run it from.
import { spawn, type ChildProcessByStdio } from "node:child_process";
import { copyFileSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, dirname, join } from "node:path";
import { createInterface } from "node:readline";
import type { Readable, Writable } from "node:stream";
import { hostEnvironment } from "../../helpers/fake-host";
import type { Interpreter } from "../../helpers/interpreters";
import { fixture } from "../../helpers/paths";

interface Staying {
  readonly child: ChildProcessByStdio<Writable, Readable, Readable>;
  /** The script's own copy. */
  readonly script: string;
  answer: (code: string) => void;
}

const idle: Staying[] = [];
const all: Staying[] = [];

/** Runs a script with `in`, `out` and `err` of a folder; its exit code, or the words of a PowerShell that has ended. */
export async function runStaying(
  interpreter: Interpreter,
  mode: string,
  folder: string,
): Promise<string> {
  const one = idle.pop() ?? start(interpreter);
  const code = new Promise<string>((done) => (one.answer = done));
  one.child.stdin.write(`${one.script}\t${mode}\t${folder}\n`);
  const answer = await code;
  if (/^[0-9]+$/.test(answer)) idle.push(one);
  return answer;
}

/** Ends all of them. */
export function endStaying(): void {
  for (const { child, script } of all.splice(0)) {
    child.kill("SIGKILL");
    rmSync(dirname(script), { recursive: true });
  }
  idle.length = 0;
}

function start(interpreter: Interpreter): Staying {
  const stay = fixture(__dirname, "..", "fixtures", "stay.ps1");
  const [program, ...args] = interpreter.command(stay) as [string, ...string[]];
  const child = spawn(program, args, {
    env: { ...hostEnvironment(), PATH: interpreter.path, TZ: "UTC" },
    stdio: ["pipe", "pipe", "pipe"],
    detached: true,
  });
  const script = join(mkdtempSync(join(tmpdir(), "keyturn-twin-")), basename(interpreter.script));
  copyFileSync(interpreter.script, script);
  const one: Staying = { child, script, answer: () => undefined };
  all.push(one);
  child.stdin.on("error", () => undefined); // its end is told below
  createInterface(child.stdout).on("line", (line) => one.answer(line));
  let said = "";
  child.stderr.on("data", (chunk: Buffer) => (said += chunk.toString()));
  child.on("close", () => one.answer(`PowerShell has ended: ${said}`));
  return one;
}
