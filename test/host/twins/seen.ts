// What a run is seen to do, as named texts that the two twins must have in common: exit code, report, standard error,
// and every file of the copy with its mode. What may differ (times, process ids, the copy's own path) is made equal.
import { spawn } from "node:child_process";
import {
  type Stats,
  lstatSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  writeFileSync,
} from "node:fs";
import { join, relative } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { FRESH, hostEnvironment } from "../../helpers/fake-host";
import type { Scene } from "./scene";
import { runStaying } from "./staying";

export type Seen = Map<string, string>;

/** A run that takes longer is killed, and seen as that. */
const MOST_SECONDS = 120;
const SECRET = [FRESH, Buffer.from(FRESH).toString("base64").slice(0, 12)];

/** Runs the scene's script, waits for all that it started, and tells what is to be seen. */
export async function runScene(scene: Scene): Promise<Seen> {
  const seen: Seen = new Map();
  for (let run = 1; run <= scene.runs; run++) {
    const which = run === 1 ? "" : ` of run ${run}`;
    const { code, stdout, stderr } = await runOnce(scene);
    seen.set(`exit code${which}`, code);
    tellReport(scene, seen, which, stdout);
    seen.set(`standard error${which}`, plain(scene, stderr));
    for (const fault of faultsOf(code, stdout, stderr)) seen.set(`contract${which}`, fault);
    if (!(await nothingRuns(scene))) seen.set(`afterwards${which}`, "something still runs");
  }
  for (const folder of [scene.home, scene.service]) tellFiles(scene, seen, folder);
  return seen;
}

/** By a PowerShell that stays, unless the situation is about the process itself. */
async function runOnce(scene: Scene) {
  const { interpreter, folder, mode } = scene;
  if (interpreter.language === "sh" || scene.processOfItsOwn) return runProcess(scene);
  writeFileSync(join(folder, "in"), scene.input());
  const code = await runStaying(interpreter, mode, folder);
  const told = (name: string) => readFileSync(join(folder, name), "latin1");
  return { code, stdout: told("out"), stderr: told("err") };
}

async function runProcess(scene: Scene) {
  const { interpreter } = scene;
  const [program, ...args] = interpreter.command(scene.script) as [string, ...string[]];
  const child = spawn(program, [...args, scene.mode], {
    cwd: scene.folder,
    env: { ...hostEnvironment(), PATH: interpreter.path, TZ: "UTC", ...scene.environment },
    detached: true,
  });
  let stdout = "";
  let stderr = "";
  child.stdout.on("data", (chunk: Buffer) => (stdout += chunk.toString("latin1")));
  child.stderr.on("data", (chunk: Buffer) => (stderr += chunk.toString("latin1")));
  child.stdin.on("error", () => undefined); // a refusal may come before the end of the input
  writeFileSync(join(scene.service, "script"), `${child.pid ?? 0}\n`);
  if (scene.open) child.stdin.write(scene.input());
  else child.stdin.end(scene.input());
  const progress = { late: false };
  const timer = setTimeout(() => {
    progress.late = true;
    child.kill("SIGKILL");
  }, MOST_SECONDS * 1000);
  const code = await new Promise<string>((done) => {
    child.on("error", (error) => done(`not started: ${error.message}`));
    child.on("close", (ended, signal) => done(String(ended ?? signal)));
  });
  clearTimeout(timer);
  child.stdin.destroy();
  return { code: progress.late ? `none within ${MOST_SECONDS} s` : code, stdout, stderr };
}

/** What the contract forbids or asks of every run, whatever its outcome. */
function faultsOf(code: string, stdout: string, stderr: string): string[] {
  const faults: string[] = [];
  if (SECRET.some((value) => (stdout + stderr).includes(value))) faults.push("a secret was told");
  if (!/^[0-9]+$/.test(code)) return faults;
  const report = parsed(stdout);
  if (report === undefined) return [...faults, "standard output is not one line of JSON"];
  const failed = ["refused", "restored", "needsHands"].includes(String(report["outcome"]));
  const due = failed ? `keyturn: ${String(report["reason"])} ${String(report["remedy"])}\n` : "";
  const told = Buffer.from(stderr, "latin1")
    .toString()
    .replaceAll(/\p{Cc}(?!$)/gu, " ");
  if (told !== due) faults.push("standard error is not the reason and the remedy");
  return faults;
}

function parsed(stdout: string): Record<string, unknown> | undefined {
  if (!/^[^\n]+\n$/.test(stdout)) return undefined;
  try {
    return JSON.parse(Buffer.from(stdout, "latin1").toString()) as Record<string, unknown>;
  } catch {
    return undefined;
  }
}

/** Each member of the report under its name; the whole text where it is none. */
function tellReport(scene: Scene, seen: Seen, which: string, stdout: string): void {
  const report = parsed(stdout);
  if (report === undefined) {
    seen.set(`standard output${which}`, plain(scene, stdout));
    return;
  }
  seen.set(`report's keys${which}`, Object.keys(report).join(" "));
  for (const [key, value] of Object.entries(report)) {
    seen.set(key + which, plain(scene, Buffer.from(evened(key, value)).toString("latin1")));
  }
}

/** A member without what two runs cannot have in common. */
function evened(key: string, value: unknown): string {
  if (/^(started|finished)At$/.test(key)) {
    return /^[-0-9]{10}T[0-9:]{8}Z$/.test(String(value)) ? "a time" : String(value);
  }
  if (key === "milliseconds") return Number.isInteger(value) ? "a number" : String(value);
  if (key === "downtimeMilliseconds") return value === 0 ? "0" : "some";
  if (key === "phases") return (value as { name: string }[]).map(({ name }) => name).join(" ");
  return JSON.stringify(value);
}

/** Text, held as Latin-1, without the copy's path, process ids, marks and times. */
function plain(scene: Scene, text: string): string {
  return text
    .replaceAll(Buffer.from(scene.folder).toString("latin1"), "{host}")
    .replaceAll(/\b[0-9]+-[0-9]+-[0-9a-f]{8}\b/g, "<mark>")
    .replaceAll(/\(process [0-9]+\)/g, "(process <pid>)")
    .replaceAll(/(startedAt|finishedAt)":"[-0-9:TZ]{20}"/g, '$1":"<time>"')
    .replaceAll(/illiseconds":[0-9]+/g, 'illiseconds":<n>');
}

/** Every file below a folder: kind, mode, owner, content. */
function tellFiles(scene: Scene, seen: Seen, folder: string): void {
  for (const name of readdirSync(folder).sort()) {
    if (NOT_COMPARED.has(name)) continue;
    const path = join(folder, name);
    const stat = lstatSync(path);
    const which = `file ${plain(scene, relative(scene.folder, path))}`;
    const rights = rightsOf(scene, folder, stat);
    if (stat.isSymbolicLink()) seen.set(which, `${rights} -> ${readlinkSync(path)}`);
    else if (stat.isDirectory()) {
      seen.set(which, rights);
      tellFiles(scene, seen, path);
    } else if (stat.isFile()) {
      const staged = stat.mtime.getUTCFullYear() === 2000 ? " of 2000" : "";
      seen.set(which, `${rights}${staged} ${contentOf(scene, name, path)}`);
    } else seen.set(which, rights);
  }
}

/** Kind, mode and owner, where they are the script's doing. */
function rightsOf(scene: Scene, folder: string, stat: Stats): string {
  // What the service makes is its own matter.
  if (folder === scene.service) return "";
  // .NET makes a file off Windows as the umask says; what stands in the state folder is closed by the folder.
  const mode = folder === scene.state && stat.isFile() ? "file" : stat.mode.toString(8);
  return `${mode} ${stat.uid}:${stat.gid}`;
}

/** What belongs to the situation. */
const NOT_COMPARED = new Set(["script", "places", "puppet.sh", "on-stop", "on-start", "sync"]);

function contentOf(scene: Scene, name: string, path: string): string {
  const text = readFileSync(path, "latin1");
  if (name === "report") return plain(scene, text);
  if (name === "journal") {
    return plain(scene, text).replaceAll(/ [-0-9]{10}T[0-9:]{8}Z/g, (time) =>
      time.startsWith(" 2026-01-") ? time : " <time>",
    );
  }
  if (name !== "order") return plain(scene, text);
  const decode = (_: string, field: string, encoded: string) =>
    `${field}=${Buffer.from(encoded, "base64").toString("latin1")}\n`;
  return plain(scene, text.replaceAll(/^([A-Za-z]+)=(.*)\n/gm, decode));
}

/** Whether all that the run started has ended: the dead-man switch and what the service's commands left. */
async function nothingRuns(scene: Scene): Promise<boolean> {
  const deadline = performance.now() + 60_000;
  while (processesOf(scene.folder)) {
    if (performance.now() > deadline) return false;
    await delay(150);
  }
  return true;
}

function processesOf(folder: string): boolean {
  return readdirSync("/proc").some((pid) => {
    if (!/^[0-9]+$/.test(pid)) return false;
    try {
      return readFileSync(`/proc/${pid}/cmdline`, "utf8").includes(folder);
    } catch {
      return false; // it has gone
    }
  });
}
