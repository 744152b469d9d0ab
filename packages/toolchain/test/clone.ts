// A clone of the test's own: the real bootstrap and the real commands, with stand-ins for npm, tsc, mocha and the engine.
import { spawn, type ChildProcess } from "node:child_process";
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
import path from "node:path";
import { ModuleKind, ScriptTarget, transpileModule } from "typescript";

import { projectRoot } from "../locations";
import { script } from "./fakes";

/** How a command of the bootstrap ended. */
export interface Outcome {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Waits for a child's end, with what it wrote. */
export function outcome(child: ChildProcess): Promise<Outcome> {
  let stdout = "";
  let stderr = "";
  child.stdout?.on("data", (chunk: Buffer) => (stdout += chunk.toString()));
  child.stderr?.on("data", (chunk: Buffer) => (stderr += chunk.toString()));
  return new Promise((resolve) => child.once("close", (code) => resolve({ code, stdout, stderr })));
}

const sources = path.join(projectRoot(), "packages", "toolchain");
/** What the stand-in for tsc makes of the real commands' sources. */
let commands: Readonly<Record<string, string>> | undefined;

function compiledCommands(): Readonly<Record<string, string>> {
  const texts = readdirSync(sources)
    .filter((name) => name.endsWith(".ts"))
    .map((name) => readFileSync(path.join(sources, name), "utf8"));
  const compilerOptions = { module: ModuleKind.Node20, target: ScriptTarget.ES2023 };
  return Object.fromEntries(
    texts.map((text) => [text, transpileModule(text, { compilerOptions }).outputText]),
  );
}

const log = (clone: string, name: string): string =>
  `require("fs").appendFileSync(${JSON.stringify(path.join(clone, name))}, process.argv.slice(2).join(" ") + "\\n");`;

export class Clone {
  readonly folder = mkdtempSync(path.join(tmpdir(), "keyturn-clone-"));
  readonly bin = path.join(this.folder, "path");

  constructor() {
    commands ??= compiledCommands();
    this.write("commands.json", JSON.stringify(commands));
    for (const each of readdirSync(sources).filter((name) => /\.(mjs|ts|json)$/.test(name))) {
      cpSync(path.join(sources, each), this.at("packages", "toolchain", each));
    }
    cpSync(path.join(sources, "bootstrap"), this.at("packages", "toolchain", "bootstrap"), {
      recursive: true,
    });
    this.lock("1.0.0");
    this.write("package.json", "{}");
    this.write("tsconfig.json", JSON.stringify({ include: ["index.ts", "packages"] }));
    this.write("index.ts", "");
    this.write(
      "packages/toolchain/ensure.ts",
      `console.log(JSON.stringify({ pulumiBin: ${JSON.stringify(this.at("engine"))} }));`,
    );
    mkdirSync(this.at("engine"));
    for (const part of ["cli", "rehearsal"]) {
      this.write(
        `packages/${part}/main.ts`,
        `console.log(JSON.stringify({ part: "${part}", args: process.argv.slice(2), path: process.env.PATH,
          check: process.env.PULUMI_SKIP_UPDATE_CHECK, bin: process.env.KEYTURN_PULUMI_BIN }));
        process.exitCode = Number(process.env.EXIT_CODE ?? 0);`,
      );
    }
    this.npm();
  }

  remove(): void {
    rmSync(this.folder, { recursive: true, force: true });
  }

  at(...parts: string[]): string {
    return path.join(this.folder, ...parts);
  }

  write(file: string, content: string): void {
    mkdirSync(path.dirname(this.at(file)), { recursive: true });
    writeFileSync(this.at(file), content);
  }

  /** Writes a package-lock.json that asks for this version of everything. */
  lock(version: string): void {
    const packages = Object.fromEntries(
      ["node", "typescript", "mocha"].map((name) => [
        `node_modules/${name}`,
        { version, integrity: version },
      ]),
    );
    this.write("package-lock.json", JSON.stringify({ packages: { "": {}, ...packages } }));
  }

  /** Puts an npm on PATH that installs stand-ins; `before` are lines of JavaScript before it does. */
  npm(before = ""): void {
    const template = this.at("template");
    rmSync(template, { recursive: true, force: true });
    mkdirSync(path.join(template, "node", "bin"), { recursive: true });
    symlinkSync(process.execPath, path.join(template, "node", "bin", "node"));
    mkdirSync(path.join(template, ".bin"));
    const tool = (file: string, content: string): void => {
      mkdirSync(path.dirname(path.join(template, file)), { recursive: true });
      writeFileSync(path.join(template, file), content);
    };
    for (const name of ["node", "typescript", "mocha"]) tool(`${name}/package.json`, "{}");
    symlinkSync(path.join(projectRoot(), "node_modules", "execa"), path.join(template, "execa"));
    tool(
      "typescript/bin/tsc",
      `${log(this.folder, "tsc-calls")}
      const fs = require("fs"), path = require("path"), root = ${JSON.stringify(this.folder)};
      const commands = JSON.parse(fs.readFileSync(${JSON.stringify(this.at("commands.json"))}, "utf8"));
      for (const f of ["index.ts", ...fs.readdirSync(path.join(root, "packages"), { recursive: true }).map((n) => "packages/" + n)]) {
        const out = path.join(root, "dist", f.replace(/ts$/, "js"));
        if (!/\\.(ts|json)$/.test(f)) continue;
        fs.mkdirSync(path.dirname(out), { recursive: true });
        const text = fs.readFileSync(path.join(root, f), "utf8");
        if (text.includes("TYPE ERROR")) { console.log(f + ": error TS1"); process.exitCode = 2; }
        fs.writeFileSync(out, commands[text] ?? text);
      }`,
    );
    for (const file of [
      "eslint/bin/eslint.js",
      "prettier/bin/prettier.cjs",
      "dependency-cruiser/bin/dependency-cruiser.mjs",
    ]) {
      const name = path.basename(path.dirname(path.dirname(file)));
      tool(
        file,
        `console.log("${name}"); process.exitCode = process.env.FAILS === "${name}" ? 2 : 0;`,
      );
    }
    tool(
      "mocha/bin/mocha.js",
      `${log(this.folder, "mocha-calls")}
      console.log("\\n  \\u001B[32m 0 passing (1ms) in a title\\u001B[0m\\n\\n\\n\\u001B[92m  7 passing\\u001B[0m\\u001B[90m (3s)\\u001B[0m".replace(" 0 passing", "0 passing"));
      const again = process.argv.includes("--grep"), { KEYTURN_FAILED_SUITES: kept, SUITES: suites } = process.env;
      if (kept && suites) require("node:fs").writeFileSync(kept, suites);
      if (process.env.MOCHA === "fails" && !(again && process.env.AGAIN === "passes")) { console.log("  2 failing\\n\\n  1) a law\\n"); process.exitCode = 2; }
      if (process.env.MOCHA === "breaks") process.exitCode = 1;
      console.log("  1 pending");`,
    );
    script(
      path.join(this.bin, "npm"),
      `#!${process.execPath}
      const fs = require("fs"), modules = ${JSON.stringify(this.at("node_modules"))};
      ${log(this.folder, "npm-calls")}
      fs.rmSync(modules, { recursive: true, force: true });
      ${before}
      fs.cpSync(${JSON.stringify(template)}, modules, { recursive: true, verbatimSymlinks: true });
      fs.copyFileSync(${JSON.stringify(this.at("package-lock.json"))}, modules + "/.package-lock.json");
      const l = modules + "/.package-lock.json", j = JSON.parse(fs.readFileSync(l)); delete j.packages[""];
      fs.writeFileSync(l, JSON.stringify(j));
      console.log("added " + Object.keys(j.packages).length + " packages");`,
    );
  }

  /** The lines that a stand-in has written, one a call. */
  calls(of: "npm" | "tsc" | "mocha"): readonly string[] {
    const file = this.at(`${of}-calls`);
    return existsSync(file) ? readFileSync(file, "utf8").trimEnd().split("\n") : [];
  }

  start(args: readonly string[], environment: NodeJS.ProcessEnv = {}): ChildProcess {
    return spawn(process.execPath, [this.at("packages", "toolchain", "bootstrap.mjs"), ...args], {
      env: { PATH: this.bin, HOME: this.folder, ...environment },
      stdio: ["ignore", "pipe", "pipe"],
    });
  }

  run(args: readonly string[], environment: NodeJS.ProcessEnv = {}): Promise<Outcome> {
    return outcome(this.start(args, environment));
  }
}
