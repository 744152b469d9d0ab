// The lab's stand-in for cmd.exe as OpenSSH's default shell on Windows: `node main.js /c <command>` runs one program and passes
// its exit code on. No batch files, no pipes, nothing built in: what a command of Keyturn's needs and no more.
import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { delimiter, join } from "node:path";
import { UnknownToCmd, wordsOf } from "./line";

const FAILED = 1;

function say(text: string): void {
  process.stderr.write(`${text}\r\n`);
}

/** A program by its name, with or without `.exe`; one with a path is taken as it is, its slashes either way. */
function find(program: string): string | undefined {
  const name = program.replaceAll("\\", "/");
  const folders = name.includes("/") ? [""] : (process.env["PATH"] ?? "").split(delimiter);
  return folders
    .flatMap((folder) => [name, `${name}.exe`].map((file) => join(folder, file)))
    .find((path) => existsSync(path));
}

function run(line: string): void {
  const [program, ...args] = wordsOf(line, process.env);
  const found = find(program);
  if (found === undefined) {
    say(`'${program}' is not recognized as an internal or external command,`);
    say("operable program or batch file.");
    process.exitCode = FAILED;
    return;
  }
  const child = spawn(found, args, { stdio: "inherit", argv0: program });
  child.on("error", ({ message }) => {
    say(message);
    process.exitCode = FAILED;
  });
  child.on("exit", (code) => (process.exitCode = code ?? FAILED));
}

try {
  run(process.argv.at(-1) ?? "");
} catch (error) {
  if (!(error instanceof UnknownToCmd)) throw error;
  say(error.message);
  process.exitCode = FAILED;
}
