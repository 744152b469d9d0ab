// Foreign programs under the pack as a stranger would use it: the real engine's preview and update on the lab's stand-ins,
// the rules at their own levels. test/policy/corpus.test.ts judges the whole corpus in process; the engine runs what it
// alone decides or passes on: unknown values, secrets, assets, its own environment, the pack's configuration.
import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { stringify } from "yaml";
import { POLICY_PACK, type PolicyConfig, type PolicyMessage } from "../../packages/cli/policy";
import { EngineError, KeyturnStack } from "../../packages/cli/stack";
import { type ServedStandIn, serveStandIn } from "../../packages/lab/plugins/provider/server";
import { createWorkspace } from "../../packages/lab/workspace";
import { RULES } from "../../policy/rules";
import { E2E_TIMEOUT_MS, LabStack, closing } from "../helpers/lab-stack";
import { MISTAKES, type Mistake } from "../policy/corpus/mistakes";
import { timeStandIn } from "../policy/corpus/time-plugin";
import { CLONE } from "../helpers/paths";

/** Programs whose secret or asset the engine passes to the pack in a shape of its own. */
const WRAPPED = ["secret-on-the-command-line", "any-host", "untagged-secret"];

/** One of them: the others differ in the rule only. */
const isAdvice = ({ program }: Mistake): boolean => program === "untagged-secret";

const isAdvisory = (id: string): boolean =>
  RULES.some((rule) => rule.id === id && rule.level === "advisory");

/** The rules that found something, each once. */
describe("the policy pack on foreign programs", function () {
  this.timeout(E2E_TIMEOUT_MS);
  let labStack: LabStack;
  let time: ServedStandIn;
  let place: KeyturnStack["place"];
  const table: { readonly mistake: string; readonly found: readonly string[] }[] = [];

  before(async () => {
    labStack = await LabStack.open();
    time = await serveStandIn(timeStandIn);
    const { environment: lab } = labStack.rehearsal;
    const projectFile = join(labStack.dir, "corpus.yaml");
    const runtime = { name: "nodejs", options: { typescript: false } };
    writeFileSync(projectFile, stringify({ name: "corpus", runtime }));
    const workspace = createWorkspace({
      dir: join(labStack.dir, "corpus"),
      projectFile,
      main: join(CLONE, "dist", "test", "policy", "corpus", "programs", "main.js"),
      stack: "dev",
      settings: {},
      labEnvironment: {
        ...lab,
        PULUMI_DEBUG_PROVIDERS: `${lab["PULUMI_DEBUG_PROVIDERS"] ?? ""},time:${time.port}`,
      },
    });
    await workspace.initialise("pulumi");
    const { dir: workDir, stack: stackName, environment } = workspace;
    place = { workDir, stackName, environment };
  });
  after(async () => {
    time.close();
    await closing(() => labStack)();
    const width = Math.max(...table.map(({ mistake }) => mistake.length));
    const lines = table.map(
      ({ mistake, found }) => `  ${mistake.padEnd(width)}  ${found.join(", ")}`,
    );
    process.stdout.write(`\n  mistakes and the rules that found them\n${lines.join("\n")}\n\n`);
  });

  const run = async (
    operation: "preview" | "up",
    { program, config = {}, environment = {} }: Omit<Mistake, "rules">,
  ) => {
    const stack = new KeyturnStack({
      ...place,
      environment: { ...place.environment, ...environment, KEYTURN_TEST_PROGRAM: program },
      policy: { pack: POLICY_PACK, config: () => Promise.resolve(config) },
    });
    let failed = false;
    let printed = "";
    await stack[operation]({ onOutput: (text) => (printed += text) }).catch((error: unknown) => {
      if (!(error instanceof EngineError)) throw error;
      failed = true;
    });
    return { failed, printed, messages: stack.policyMessages, stack };
  };
  const note = ({ program, rules: [first = ""] }: Mistake, found: readonly string[]) => {
    table.push({ mistake: `${program}${program === "correct" ? ` (${first})` : ""}`, found });
  };

  for (const mistake of MISTAKES.filter(isOfTheEngine)) {
    const [first = ""] = mistake.rules;
    it(`finds by ${first} what is wrong with ${mistake.program}`, async () => {
      const { failed, printed, messages } = await run("preview", mistake);
      const found = violated(messages);
      note(mistake, found);
      assert.deepEqual(found.toSorted(), mistake.rules.toSorted(), printed);
      const notes = messages.filter((one) => !isViolation(one));
      assert(notes.every(({ level }) => level === "advisory"));
      const { unknown } = mistake;
      if (unknown !== undefined) assert(notes.some(({ message }) => unknown.test(message)));
      assert.equal(failed, !mistake.rules.every(isAdvisory), printed);
    });
  }

  it("refuses what it only shows by default, under the pipelines' configuration", async () => {
    const config = JSON.parse(
      readFileSync(join(CLONE, "pipelines", "policy.json"), "utf8"),
    ) as PolicyConfig;
    for (const { program, rules } of MISTAKES.filter(isAdvice)) {
      const { failed, messages, printed } = await run("preview", { program, config });
      assert.deepEqual(violated(messages), rules, printed);
      assert(failed, printed);
    }
  });

  it("finds nothing, and leaves nothing undecided, in a correct program", async () => {
    const { failed, messages } = await run("preview", { program: "correct" });
    assert.deepEqual(messages, []);
    assert(!failed);
  });

  // Last, since it leaves something behind.
  for (const mistake of MISTAKES.filter(({ at }) => at === "update")) {
    const [first = ""] = mistake.rules;
    it(`finds by ${first} at the update what a preview of ${mistake.program} does not know, and makes no password`, async () => {
      const before = await run("preview", mistake);
      assert.deepEqual(violated(before.messages), [], before.printed);
      const { unknown = /^$/ } = mistake;
      assert(
        before.messages.some(({ message }) => unknown.test(message)),
        before.printed,
      );
      assert(!before.failed);
      const { failed, printed, messages, stack } = await run("up", mistake);
      note(mistake, violated(messages));
      assert.deepEqual(violated(messages), mistake.rules, printed);
      assert(failed);
      const state = await stack.exportState();
      assert.match(state, /azuread:index\/application:Application/);
      assert(!state.includes("azuread:index/applicationPassword:ApplicationPassword"));
    });
  }
});

function isOfTheEngine({ program, at, unknown, config, environment }: Mistake): boolean {
  const decidedByIt = unknown !== undefined || config !== undefined || environment !== undefined;
  return at === undefined && (decidedByIt || WRAPPED.includes(program));
}

function violated(messages: readonly PolicyMessage[]): string[] {
  return [...new Set(messages.filter(isViolation).map(({ rule }) => rule))];
}

/** A rule at level advisory finds things too; what it could not see is worded alike by all. */
function isViolation({ message }: PolicyMessage): boolean {
  return !message.includes("so this rule is decided at the update");
}
