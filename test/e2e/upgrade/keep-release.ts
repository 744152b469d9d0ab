// Keeps a release for the upgrade tests: compiles what a commit's engine runs, from git history, and packs it so that
// the same commit and the same compiler give the same bytes. By hand, once a release; README.md beside the archives.
//
//     node dist/test/e2e/upgrade/keep-release.js <commit>
import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, posix, relative } from "node:path";
import { gzipSync } from "node:zlib";
import { CLONE } from "../../helpers/paths";

/** What stands beside `dist/`: what the program reads, what the engine reads, and the settings of a lab stack. */
const BESIDE = ["host", "Pulumi.yaml", "Pulumi.dev.yaml", "package.json"];

/** Programs that the engine's state names, by key; a release before the table has them where the key says. */
const KEYS = join("src", "steps", "keys.json");
const FIRST_STEPS = ["prove", "reach", "one-time-link"];

function keep(commit: string): void {
  const folder = mkdtempSync(join(tmpdir(), "keyturn-release-"));
  try {
    const source = join(folder, "source");
    const packed = join(folder, "packed");
    mkdirSync(source);
    mkdirSync(packed);
    const name = git(CLONE, "rev-parse", "--short=7", `${commit}^{commit}`).trim();
    const date = git(CLONE, "show", "-s", "--format=%ct", name).trim();
    git(CLONE, "archive", "-o", join(folder, "source.tar"), name);
    execFileSync("tar", ["-xf", join(folder, "source.tar"), "-C", source]);
    compile(source, join(packed, "dist"));
    for (const one of BESIDE) cpSync(join(source, one), join(packed, one), { recursive: true });
    const bytes = gzipSync(tarOf(packed, date), { level: 9 });
    writeFileSync(join(CLONE, "test", "e2e", "upgrade", "releases", `${name}.tar.gz`), bytes);
    const digest = createHash("sha256").update(bytes).digest("hex");
    process.stdout.write(`${name}.tar.gz: ${bytes.length} bytes, sha256 ${digest}\n`);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Compiles the program and its steps, with all that they load and nothing else. */
function compile(source: string, outDir: string): void {
  symlinkSync(join(CLONE, "node_modules"), join(source, "node_modules"));
  const table = join(source, KEYS);
  const modules = existsSync(table)
    ? (JSON.parse(readFileSync(table, "utf8")) as Record<string, string>)
    : Object.fromEntries(FIRST_STEPS.map((step) => [`steps/${step}.js`, `steps/${step}.js`]));
  const config = join(source, "tsconfig.release.json");
  const compilerOptions = { outDir, sourceMap: false, incremental: false, tsBuildInfoFile: null };
  const files = ["index.ts", ...Object.values(modules).map((path) => path.replace(/js$/, "ts"))];
  writeFileSync(
    config,
    JSON.stringify({ extends: "./tsconfig.json", compilerOptions, files, include: [] }),
  );
  const tsc = join(CLONE, "node_modules", "typescript", "bin", "tsc");
  execFileSync(process.execPath, [tsc, "-p", config], { stdio: "inherit" });
  for (const [key, module] of Object.entries(modules).filter(([key, path]) => key !== path)) {
    const file = join(outDir, key);
    mkdirSync(dirname(file), { recursive: true });
    const specifier = posix.relative(posix.dirname(key), module);
    writeFileSync(file, `module.exports = require(${JSON.stringify(specifier)});\n`);
  }
}

/** Git's own tar: names in order, no user, no group, and the commit's time for every file. */
function tarOf(folder: string, date: string): Buffer {
  const files = readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => relative(folder, join(entry.parentPath, entry.name)));
  const nobody = { NAME: "Keyturn", EMAIL: "keyturn@example.org", DATE: `${date} +0000` };
  const environment = Object.fromEntries(
    Object.entries(nobody).flatMap(([key, value]) => [
      [`GIT_AUTHOR_${key}`, value],
      [`GIT_COMMITTER_${key}`, value],
    ]),
  );
  const own = ["-c", "core.autocrlf=false", "-c", "commit.gpgsign=false", "-c", "tar.umask=0022"];
  const run = (...args: string[]): Buffer =>
    execFileSync("git", ["-C", folder, ...own, ...args], {
      env: { ...process.env, ...environment },
    });
  run("init", "--quiet");
  run("add", "--force", "--", ...files);
  run("commit", "--quiet", "--no-verify", "--message", "A release");
  return run("archive", "--format=tar", "HEAD");
}

function git(folder: string, ...args: string[]): string {
  return execFileSync("git", ["-C", folder, ...args], { encoding: "utf8" });
}

const [commit, ...rest] = process.argv.slice(2);
if (commit === undefined || rest.length > 0) {
  process.stderr.write("Give one commit: keep-release.ts <commit>\n");
  process.exitCode = 2;
} else keep(commit);
