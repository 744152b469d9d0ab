// Every file of tests is in one tier, every tier is a command, is told of in CONTRIBUTING.md and is run by the
// repository's own checks, and the last line of .ci/run is the sum of the tiers that it runs.
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import {
  chmodSync,
  cpSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { parse } from "yaml";
import { z } from "zod";
import { inClone } from "../helpers/paths";
import { leaveOut } from "../helpers/leave-out";

const read = (name: string): string => readFileSync(inClone(name), "utf8");
const workflow = z.object({
  jobs: z.record(
    z.string(),
    z.object({ steps: z.array(z.object({ run: z.string().optional() })) }),
  ),
});
const manifest = z.object({ scripts: z.record(z.string(), z.string()) });

/** Tiers that every file of tests belongs to by its ending, and the command of each. */
const TIERS = {
  ".test.ts": "test",
  ".full.ts": "test:full",
  ".long.ts": "test:long",
  ".windows.ts": "test:windows",
} as const;

describe("the tiers of tests", () => {
  const { jobs } = workflow.parse(parse(read(".github/workflows/ci.yml")));
  const runs = Object.values(jobs).flatMap(({ steps }) => steps.flatMap(({ run = [] }) => run));
  const { scripts } = manifest.parse(JSON.parse(read("package.json")));

  it("have every file that declares tests, by its ending", () => {
    const folders = [
      "test",
      ...readdirSync(inClone("packages")).map((one) => `packages/${one}/test`),
    ];
    const declaring = folders.flatMap((folder) =>
      readdirSync(inClone(folder), { recursive: true, encoding: "utf8" })
        .filter((file) => file.endsWith(".ts"))
        .map((file) => join(folder, file))
        .filter((file) => /^(describe|for \(.*\n? +describe)\(/m.test(read(file))),
    );
    const endings = Object.keys(TIERS);
    assert.deepEqual(
      declaring.filter((file) => !endings.some((ending) => file.endsWith(ending))),
      [],
    );
  });

  it("are each a command of package.json and a row of CONTRIBUTING.md", () => {
    const page = read("CONTRIBUTING.md");
    for (const [ending, command] of Object.entries(TIERS)) {
      assert.equal(scripts[command], `node packages/toolchain/bootstrap.mjs ${command}`);
      const row = `| \`${command === "test" ? "npm test" : `npm run ${command}`}\` | \`*${ending}\` |`;
      assert(page.includes(row), row);
    }
  });

  it("are all run by the workflow: those of .ci/run, the long one and the Windows one", () => {
    assert(runs.includes("bash .ci/run"));
    assert(runs.includes("npm run test:long"));
    assert(runs.some((run) => run.includes("npm run test:windows")));
  });

  interface CiCase {
    readonly what: string;
    /** What each tier says at its end. */
    readonly said: Readonly<Record<string, string>>;
    /** The exit codes of the programs of PowerShell's beside the clone; undefined where there are none. */
    readonly installers?: Readonly<Record<string, number>>;
    readonly names?: string;
    readonly last: string;
    readonly code: number;
  }
  const cases: readonly CiCase[] = [
    {
      what: "all passed",
      said: { test: "2 passed, 0 failed", "test:full": "3 passed, 0 failed" },
      names: "Not here: PowerShell for Windows under Wine; npm run test:windows is left out.",
      last: "5 passed, 0 failed",
      code: 0,
    },
    {
      what: "some failed or left out",
      said: { test: "2 passed, 1 failed, 4 skipped", "test:full": "3 passed, 2 failed, 1 skipped" },
      last: "5 passed, 3 failed, 5 skipped",
      code: 1,
    },
    {
      what: "one ended without a sum",
      said: { test: "2 passed, 0 failed" },
      last: "2 passed, 1 failed",
      code: 1,
    },
    {
      what: "PowerShell for Windows is to be had",
      said: {
        test: "2 passed, 0 failed",
        "test:full": "3 passed, 0 failed",
        "test:windows": "4 passed, 0 failed",
      },
      installers: { "install-powershell": 0, "install-windows-powershell": 0, "windows-pwsh": 7 },
      names: "shared/tools/windows-pwsh\n",
      last: "9 passed, 0 failed",
      code: 0,
    },
    {
      what: "PowerShell for Windows does not run",
      said: { test: "2 passed, 0 failed", "test:full": "3 passed, 0 failed" },
      installers: { "install-powershell": 0, "install-windows-powershell": 0, "windows-pwsh": 1 },
      names:
        "PowerShell for Windows does not run here under Wine; npm run test:windows is left out.",
      last: "5 passed, 0 failed",
      code: 0,
    },
    {
      what: "PowerShell cannot be installed",
      said: { test: "2 passed, 0 failed", "test:full": "3 passed, 0 failed" },
      installers: { "install-powershell": 1, "install-windows-powershell": 1 },
      names: "install-windows-powershell could not install PowerShell for Windows under Wine;",
      last: "5 passed, 0 failed",
      code: 0,
    },
  ];
  const isRoot = process.getuid?.() === 0;
  for (const { what, said, installers, names, last, code } of cases) {
    it(`are summed up in the last line of .ci/run where ${what}`, async function () {
      if (process.platform === "win32") leaveOut(this, ".ci/run is a script of bash");
      if (installers !== undefined && !isRoot) leaveOut(this, "only root installs programs");
      const around = mkdtempSync(join(tmpdir(), "keyturn-ci-"));
      try {
        const folder = join(around, "clone");
        for (const [name, exit] of Object.entries(installers ?? {})) {
          const tools = join(around, "shared", "tools");
          mkdirSync(tools, { recursive: true });
          writeFileSync(join(tools, name), `#!/bin/sh\nexit ${exit}\n`, { mode: 0o755 });
        }
        cpSync(inClone(".ci"), join(folder, ".ci"), { recursive: true });
        mkdirSync(join(folder, "bin"), { recursive: true });
        const node = join(folder, "bin", "node");
        const cases = Object.entries(said).map(([tier, sum]) => `${tier}) echo "${sum}" ;;`);
        writeFileSync(
          node,
          `#!/bin/sh\necho "at work on $2 $HOST_CONTRACT_WINDOWS_PWSH"\ncase "$2" in\n${cases.join("\n")}\nesac\n`,
        );
        chmodSync(node, 0o755);
        // Every program that would be installed is there.
        for (const name of ["sshd", "scp", "shellcheck", "busybox", "dash"])
          cpSync(node, join(folder, "bin", name));
        const PATH = [join(folder, "bin"), process.env["PATH"]].join(delimiter);
        const result = await new Promise<{ code: unknown; stdout: string }>((done) => {
          execFile("bash", [join(folder, ".ci", "run")], { env: { PATH } }, (error, stdout) =>
            done({ code: error?.code ?? 0, stdout }),
          );
        });
        assert.equal(result.stdout.trimEnd().split("\n").at(-1), last, result.stdout);
        assert.equal(result.code, code);
        if (names !== undefined) assert(result.stdout.includes(names), result.stdout);
      } finally {
        rmSync(around, { recursive: true, force: true });
      }
    });
  }
});
