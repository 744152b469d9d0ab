// The pipelines' files: valid by their systems' published schemas, pinned, one run at a time, and without a stored secret.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { Ajv } from "ajv";
import { parse } from "yaml";
import { pulumiVersion } from "../../toolchain/versions";
import { type PipelineName, azureSteps, pipelineFile, scriptsOf } from "./scripts";

const NAMES: readonly PipelineName[] = ["github", "azure"];
const text = (name: PipelineName): string => readFileSync(pipelineFile(name), "utf8");
const file = (name: PipelineName): unknown => parse(text(name));

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

  // Microsoft publishes the schema with its editor extension and with each organisation, not as a package. Our own
  // workflow fetches it and names it here.
  const schemaPath = process.env["KEYTURN_AZURE_PIPELINES_SCHEMA"];
  const azure = schemaPath === undefined ? it.skip : it;
  azure("are valid for Azure Pipelines by its published schema (not run without it)", () => {
    const schema = JSON.parse(readFileSync(schemaPath ?? "", "utf8")) as object;
    const check = new Ajv({ strict: false, allErrors: true }).compile(schema);
    assert(check(file("azure")), JSON.stringify(check.errors?.slice(0, 10), undefined, 2));
  });

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
});
