// How a pipeline is told what a run came to: its own commands and its summary page, with texts of others kept harmless.
import assert from "node:assert/strict";
import { annotations, pipelineOf } from "../../run/annotations";
import { policyOf } from "../../run/policy";
import type { PolicyMessage } from "../../policy";
import { renderSummary } from "../../run/summary";
import { EngineError } from "../../engine";
import { parseOutputs } from "../../project/outputs";
import { SETTLED, outputsOf } from "../fixtures";
import { type Verdict, verdictOf } from "../../run/verdict";

const red: Verdict = {
  kind: "failed",
  level: "red",
  headline: "production: 100% gone\n::warning::forged",
  details: [],
  todo: ["Look."],
};
const green: Verdict = { ...red, level: "green", kind: "nothingToDo", headline: "fine", todo: [] };

describe("telling the pipeline", () => {
  for (const [environment, pipeline] of [
    [{ GITHUB_ACTIONS: "true" }, "github"],
    [{ TF_BUILD: "True" }, "azure"],
    [{}, "none"],
    [{ GITHUB_ACTIONS: "false", TF_BUILD: "" }, "none"],
  ] as const) {
    it(`takes ${JSON.stringify(environment)} for ${pipeline}`, () => {
      assert.equal(pipelineOf(environment), pipeline);
    });
  }

  it("lets no text begin a command of its own on GitHub", () => {
    assert.deepEqual(annotations("github", red, "s.md"), [
      "::error title=Keyturn::production: 100%25 gone%0A::warning::forged Look.",
    ]);
  });

  it("lets no text begin a command of its own on Azure Pipelines", () => {
    const lines = annotations("azure", red, "s.md");
    assert.deepEqual(lines, [
      "##vso[task.logissue type=error]production: 100%AZP25 gone%0A::warning::forged Look.",
      "##vso[task.uploadsummary]s.md",
    ]);
  });

  it("ends a waiting run with issues on Azure Pipelines, and green", () => {
    const lines = annotations("azure", { ...red, level: "warning" }, "s.md");
    assert.match(lines[1] ?? "", /^##vso\[task\.complete result=SucceededWithIssues;\]/);
  });

  it("says nothing loud when all is green", () => {
    assert.deepEqual(annotations("github", green, "s.md"), []);
    assert.deepEqual(annotations("none", green, "s.md"), []);
  });
});

describe("what a host said", () => {
  const forged =
    "no room\n##vso[task.setvariable variable=PATH]/tmp\n::stop-commands::x\u001b[2J\u202egnp.exe";
  const OBEYED = /^\s*::|##vso\[|##\[|\p{Cc}(?<!\n)|\u202e/mu;
  const near = "P30D";

  it("begins no command and moves no terminal in log, summary, annotations and outcome file", () => {
    const recorded = parseOutputs("production", {
      ...outputsOf(SETTLED),
      reason: forged,
      consumers: [{ name: "north", outcome: "notNow", adopted: false, keyId: "k", reason: forged }],
      notes: [forged],
    });
    const printed = `error: keyturn: ${forged}\n`;
    for (const verdict of [
      verdictOf({ stack: "production", near, changes: {}, outputs: recorded }),
      verdictOf({ stack: "production", near, changes: {}, failure: { stage: "up", printed } }),
    ]) {
      const log = [verdict.headline, ...verdict.details, ...verdict.todo].join("\n");
      assert.match(log, /no room/);
      assert.doesNotMatch(log, OBEYED);
      const summary = renderSummary("production", verdict, { outputs: recorded, changes: {} });
      assert.doesNotMatch(summary, OBEYED);
      assert.doesNotMatch(JSON.stringify(recorded.consumers), OBEYED);
      for (const line of annotations("azure", verdict, "s.md")) {
        assert.doesNotMatch(line.replace(/^##vso\[task\.\w+( \w+=\w+;?)?\]/, ""), OBEYED);
      }
    }
  });

  it("is harmless in an error of the engine's own command", () => {
    const error = new EngineError("up", forged, undefined);
    assert.doesNotMatch(`${error.message}\n${error.output}`, OBEYED);
  });
});

describe("a run's summary", () => {
  const outputs = { ...outputsOf(SETTLED), nextRotation: "2027-05-01" };

  it("says what happened, what to do, and when it rotates next", () => {
    const text = renderSummary("production", red, { outputs, changes: { same: 2, update: 3 } });
    assert.match(text, /^### ❌ production: production: 100% gone/);
    assert.match(text, /\* Look\./);
    assert.match(text, /\nIn one word: `failed`\. docs\/runbook\.md/);
    assert.match(text, /3 update\. Next rotation: 2027-05-01/);
  });

  it("keeps texts of others from being markup", () => {
    const forged = { ...green, details: ["<img src=x> [a](b) **c** | d"] };
    const text = renderSummary("production", forged, { outputs, changes: {} });
    assert.doesNotMatch(text, /In one word/);
    assert.match(text, /\\<img/);
    assert.match(text, /\\\[a]\\\(b\)/);
    assert.match(text, /\\\*\\\*c/);
  });

  const said = (rule: string, level: PolicyMessage["level"], message: string) => ({
    rule,
    level,
    urn: "u",
    message,
  });

  it("says what the policy pack found, which exceptions are in force, and what it could not decide, each once", () => {
    const policy = policyOf([
      said("packSettings", "advisory", "stack: exception in force until 2027-01-01: r at x"),
      said("packSettings", "advisory", "stack: exception in force until 2027-01-01: r at x"),
      said("packSettings", "mandatory", "stack: the exception for r at y must be in force"),
      said("secretHasContentType", "advisory", "kv: a content type must be given"),
      said("passwordHasEndDate", "advisory", "pw: endDate is not known, so this rule is decided"),
    ]);
    const text = renderSummary("production", green, { changes: {}, policy });
    assert.match(text, /2 findings, 1 exceptions in force, 1 undecided\n/);
    assert.match(text, /\n\* packSettings \(mandatory\): stack: the exception for r at y/);
    assert.match(text, /\n\* secretHasContentType \(advisory\): kv: a content type/);
    assert.equal(text.split("exception in force until 2027-01-01: r at x").length, 2);
  });

  it("says that a run was under no policy pack", () => {
    assert.match(renderSummary("production", green, { changes: {} }), /under no policy pack/);
  });
});
