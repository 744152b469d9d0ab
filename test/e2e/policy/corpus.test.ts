// Foreign programs, one for each typical mistake, under the pack as a stranger would use it: the real engine's preview
// on the lab's stand-ins, the rules at their own levels.
import assert from "node:assert/strict";
import { readdirSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import { stringify } from "yaml";
import { CLONE } from "../../../cli/clone";
import { POLICY_PACK, type PolicyConfig, type PolicyMessage } from "../../../cli/policy";
import { EngineError, KeyturnStack } from "../../../cli/stack";
import { type ServedStandIn, serveStandIn } from "../../../lab/plugins/provider/server";
import { createWorkspace } from "../../../lab/workspace";
import { RULES } from "../../../policy/rules";
import { E2E_TIMEOUT_MS, Scene, closing } from "../harness";
import { timeStandIn } from "./time-plugin";

interface Mistake {
  readonly program: string;
  /** The rules that find it, the one that names it first. */
  readonly rules: readonly string[];
  /** What a preview does not know, as the notes say it. */
  readonly unknown?: RegExp;
  readonly config?: PolicyConfig;
  readonly environment?: Readonly<Record<string, string>>;
}

const ended = { rule: "secretHasExpiry", resource: "a", reason: "b", until: "2026-01-01" };

const MISTAKES: readonly Mistake[] = [
  {
    program: "time-rotating",
    rules: ["passwordNotReplacedInPlace"],
    unknown: /endDate is not known in a preview/,
  },
  { program: "two-year-default", rules: ["passwordHasEndDate"] },
  { program: "relative-end-date", rules: ["passwordEndDateNotRelative", "passwordHasEndDate"] },
  { program: "end-of-the-century", rules: ["passwordLifetimeAtMost"] },
  { program: "fraction-of-a-second", rules: ["passwordEndDateWholeSeconds"] },
  { program: "inline-password", rules: ["passwordNotInline"] },
  { program: "nearly-over", rules: ["passwordDaysLeftAtLeast"] },
  { program: "never-expiring-secret", rules: ["secretHasExpiry"] },
  { program: "expiry-of-another-day", rules: ["secretExpiryMatchesPassword"] },
  { program: "secret-without-type", rules: ["secretHasContentType"] },
  { program: "untagged-secret", rules: ["secretHasRotationTags"] },
  { program: "secret-on-the-command-line", rules: ["remoteCommandKeepsSecretOffCommandLine"] },
  { program: "secret-in-the-environment", rules: ["remoteCommandKeepsSecretOffCommandLine"] },
  { program: "any-host", rules: ["remoteCommandHasHostKey"] },
  { program: "talkative-command", rules: ["remoteCommandLogsNothing"] },
  { program: "owner-of-the-group", rules: ["roleAssignmentNotOwner"] },
  { program: "multi-tenant", rules: ["applicationSingleTenant"] },
  { program: "undeclared-role", rules: ["graphRolesExactly"] },
  { program: "unconsented-role", rules: ["graphRolesConsented"] },
  { program: "nearly-licence-groups", rules: ["licenceGroupsExact"] },
  { program: "unprotected-licence-groups", rules: ["licenceGroupsProtected"] },
  { program: "member-of-no-licence", rules: ["noLicenceGroupMembersByCode"] },
  { program: "tight-schedule", rules: ["rotationFitsLifetime"] },
  { program: "movable-clock", rules: ["rehearsalClockInLabOnly"] },
  {
    program: "correct",
    rules: ["continueOnErrorRefused"],
    environment: { PULUMI_CONTINUE_ON_ERROR: "true" },
  },
  {
    program: "correct",
    rules: ["packSettings"],
    config: { packSettings: { exceptions: [ended] } },
  },
];

describe("the policy pack on foreign programs", function () {
  this.timeout(E2E_TIMEOUT_MS);
  let scene: Scene;
  let time: ServedStandIn;
  let place: KeyturnStack["place"];
  const table: { readonly mistake: string; readonly found: readonly string[] }[] = [];

  before(async () => {
    scene = await Scene.open();
    time = await serveStandIn(timeStandIn);
    const { environment: lab } = scene.rehearsal;
    const projectFile = join(scene.dir, "corpus.yaml");
    const runtime = { name: "nodejs", options: { typescript: false } };
    writeFileSync(projectFile, stringify({ name: "corpus", runtime }));
    const workspace = createWorkspace({
      dir: join(scene.dir, "corpus"),
      projectFile,
      main: join(CLONE, "dist", "test", "e2e", "policy", "programs", "main.js"),
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
    await closing(() => scene)();
    const width = Math.max(...table.map(({ mistake }) => mistake.length));
    const lines = table.map(
      ({ mistake, found }) => `  ${mistake.padEnd(width)}  ${found.join(", ")}`,
    );
    process.stdout.write(`\n  mistakes and the rules that found them\n${lines.join("\n")}\n\n`);
  });

  const preview = async ({ program, config = {}, environment = {} }: Omit<Mistake, "rules">) => {
    const stack = await KeyturnStack.open({
      ...place,
      environment: { ...place.environment, ...environment, KEYTURN_TEST_PROGRAM: program },
      policy: { pack: POLICY_PACK, config: () => Promise.resolve(config) },
    });
    let failed = false;
    let printed = "";
    await stack.preview({ onOutput: (text) => (printed += text) }).catch((error: unknown) => {
      if (!(error instanceof EngineError)) throw error;
      failed = true;
    });
    return { failed, printed, messages: stack.policyMessages };
  };

  for (const mistake of MISTAKES) {
    const [first = ""] = mistake.rules;
    it(`finds by ${first} what is wrong with ${mistake.program}`, async () => {
      const { failed, printed, messages } = await preview(mistake);
      const found = [...new Set(messages.filter(isViolation).map(({ rule }) => rule))];
      table.push({
        mistake: `${mistake.program}${mistake.program === "correct" ? ` (${first})` : ""}`,
        found,
      });
      assert.deepEqual(found.toSorted(), mistake.rules.toSorted(), printed);
      const notes = messages.filter((one) => !isViolation(one));
      assert(notes.every(({ level }) => level === "advisory"));
      const { unknown } = mistake;
      if (unknown !== undefined) assert(notes.some(({ message }) => unknown.test(message)));
      const mandatory = mistake.rules.some((id) => levelOf(id) === "mandatory");
      assert.equal(failed, mandatory, printed);
    });
  }

  it("finds nothing, and leaves nothing undecided, in a correct program", async () => {
    const { failed, messages } = await preview({ program: "correct" });
    assert.deepEqual(messages, []);
    assert(!failed);
  });

  it("has a program for every rule, and a rule for every program", () => {
    const rules = new Set(MISTAKES.map(({ rules: [first] }) => first));
    assert.deepEqual(
      RULES.map(({ id }) => id).filter((id) => !rules.has(id)),
      [],
    );
    const shared = ["main", "parts", "graph", "host"];
    const programs = readdirSync(join(CLONE, "test", "e2e", "policy", "programs"))
      .map((file) => basename(file, ".ts"))
      .filter((name) => !shared.includes(name));
    assert.deepEqual(
      [...new Set(MISTAKES.map(({ program }) => program))].toSorted(),
      programs.toSorted(),
    );
  });
});

const levelOf = (id: string): string | undefined => RULES.find((rule) => rule.id === id)?.level;

/** A rule at level advisory finds things too; what it could not see is worded alike by all. */
function isViolation({ message }: PolicyMessage): boolean {
  return !message.includes("so this rule is decided at the update");
}
