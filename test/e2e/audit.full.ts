// keyturn audit on what exists: a stack's state with its secrets encrypted, an application that people made by hand, and
// a stack of a foreign program. As a person or a pipeline runs it: by its command line, its words and its exit code.
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { stringify } from "yaml";
import { POLICY_PACK } from "../../packages/cli/policy";
import { KeyturnStack } from "../../packages/cli/stack";
import { createWorkspace } from "../../packages/lab/workspace";
import { CommandLine, type Said } from "../helpers/command-line";
import { E2E_TIMEOUT_MS, LabStack, closing } from "../helpers/lab-stack";
import { leaksIn } from "../helpers/leaks";
import { CLONE } from "../helpers/paths";

/** Nobody is signed in, and no key of the state is at hand. */
const NO_KEY = { PULUMI_CONFIG_PASSPHRASE_FILE: undefined };
const NOBODY = {
  ARM_CLIENT_SECRET: undefined,
  // Nor is a machine's own identity asked for over the network.
  AZURE_TOKEN_CREDENTIALS: "EnvironmentCredential",
};

const FOREIGN_MISTAKES = [
  "passwordLifetimeAtMost",
  "remoteCommandLogsNothing",
  "remoteCommandKeepsSecretOffCommandLine",
];

describe("keyturn audit", function () {
  this.timeout(E2E_TIMEOUT_MS);
  let labStack: LabStack;
  let keyturn: CommandLine;
  let byHand = "";
  let signedIn: Record<string, string | undefined> = {};
  let stateBefore = "";
  let foreignState = "";
  before(async () => {
    labStack = await LabStack.open();
    keyturn = new CommandLine(labStack);
    await labStack.up();
    stateBefore = await labStack.rehearsal.stack.exportState();
    const { control } = labStack.rehearsal;
    const { ARM_CLIENT_SECRET } = await control.environment();
    signedIn = { ARM_CLIENT_SECRET };
    const made = await control.directory("create-application", {
      displayName: "SESAR by hand",
      permissions: ["Group.Read.All", "Mail.Read"],
      consents: ["Group.Read.All", "User.Read.All"],
    });
    byHand = String(made["clientId"]);
    await control.directory("add-password", {
      clientId: byHand,
      displayName: "portal",
      endDateTime: "2099-12-31T00:00:00Z",
    });
  });
  after(closing(() => labStack));

  const audit = (
    words: readonly string[],
    environment: Record<string, undefined | string> = signedIn,
  ) => keyturn.runIn(environment, "audit", ...words);
  /** Which rules found something, mandatory ones marked. */
  const found = ({ stdout }: Said): string[] =>
    [...stdout.matchAll(/^(mandatory|advisory) {2}(\w+)$/gm)].map(
      ([, level, rule]) => `${rule ?? ""}${level === "mandatory" ? "!" : ""}`,
    );

  it("finds nothing wrong with a stack of Keyturn's, and needs no key to its secrets", async () => {
    const said = await audit([], NO_KEY);
    assert.equal(said.code, 0, said.stderr + said.stdout);
    assert.match(said.stdout, /^Audit of stack dev on \d{4}-\d\d-\d\d: 26 rules, 0 violations, /);
    assert.match(said.stdout, /\n {2}.*: connection is encrypted in this state/);
    assert.deepEqual(found(said), []);
  });

  it("finds in an application what no code manages, and says so with its exit code", async () => {
    const said = await audit(["--application", byHand]);
    assert.equal(said.code, 3, said.stderr);
    assert.deepEqual(found(said), [
      "passwordLifetimeAtMost!",
      "graphRolesExactly!",
      "graphRolesConsented",
    ]);
    assert.match(said.stdout, / {2}portal +[\da-f-]{36} +application +\S+ +2099-12-31 +not asked/);
  });

  it("tells beside a stack which of its application's secrets are the stack's, and what both describe once", async () => {
    const clientId = String(await labStack.rehearsal.output("clientId"));
    const foreign = { clientId, displayName: "forgotten", endDateTime: "2099-12-31T00:00:00Z" };
    await labStack.rehearsal.control.directory("add-password", foreign);
    // So short that the stack's own secret lives too long as well.
    const config = join(labStack.dir, "short.json");
    writeFileSync(config, JSON.stringify({ passwordLifetimeAtMost: { maximumDays: 90 } }));
    const both = ["--stack", "dev", "--application", clientId, "--policy-pack-config", config];
    const said = await audit(both);
    assert.equal(said.code, 3, said.stderr);
    assert.match(said.stdout, / {2}sesar \S+ .* {2}this stack\n/);
    assert.match(said.stdout, / {2}forgotten .* {2}no resource of this stack\n/);
    assert.deepEqual(found(said), ["passwordLifetimeAtMost!", "passwordLifetimeAtMost!"]);
    const [first, second] = said.stdout.match(/(?<=passwordLifetimeAtMost\n {2})\S+/g) ?? [];
    assert.match(first ?? "", /^sesar-\S+-password:$/);
    assert.equal(second, "forgotten");
  });

  it("reads in a stack's state, without a key, by whose word its secret counts as adopted", async () => {
    const config = join(labStack.dir, "levels.json");
    writeFileSync(config, JSON.stringify({ adoptionLevelAtLeast: { minimum: "log" } }));
    const { stdout } = await audit(["--stack", "dev", "--policy-pack-config", config], NO_KEY);
    assert.match(
      stdout,
      /sesar: log is demanded, but its adoption of \d{4}-\d\d-\d\d is at level host/,
    );
  });

  it("is green under exceptions that are in force, lists them, and is not once they have ended", async () => {
    const listed = JSON.parse((await audit(["--application", byHand, "--json"])).stdout) as {
      findings: { rule: string; urn: string; level: string }[];
    };
    const config = join(labStack.dir, "audit.json");
    const under = async (until: string) => {
      const exceptions = listed.findings
        .filter(({ level }) => level === "mandatory")
        .map(({ rule, urn }) => ({ rule, resource: urn, reason: "until it is moved", until }));
      writeFileSync(config, JSON.stringify({ packSettings: { exceptions } }));
      return audit(["--application", byHand, "--policy-pack-config", config]);
    };
    const inForce = await under("2999-12-31");
    assert.equal(inForce.code, 0, inForce.stdout);
    assert.match(
      inForce.stdout,
      /note {2}packSettings\n {2}.*exception in force until 2999-12-31: passwordLifetimeAtMost at .*, because until it is moved/,
    );
    const ended = await under("2020-01-01");
    assert.equal(ended.code, 3);
    assert.deepEqual(found(ended).slice(0, 2), ["packSettings!", "packSettings!"]);
  });

  it("takes levels from the pack's configuration", async () => {
    const config = join(labStack.dir, "levels.json");
    const levels = { all: "advisory", graphRolesConsented: { enforcementLevel: "disabled" } };
    writeFileSync(config, JSON.stringify(levels));
    const said = await audit(["--application", byHand, "--policy-pack-config", config]);
    assert.equal(said.code, 0, said.stdout);
    assert.deepEqual(found(said), ["passwordLifetimeAtMost", "graphRolesExactly"]);
  });

  it("says how to sign in when nobody is, and asks no network for it", async () => {
    const { code, stdout, stderr } = await audit(["--application", byHand], NOBODY);
    assert.equal(code, 2, stderr);
    assert.equal(stdout, "");
    assert.match(stderr, /keyturn: Signing in to Graph failed: nobody is signed in\. Sign in with/);
  });

  it("refuses a configuration that is none, a client id that is none, and one that nobody has", async () => {
    writeFileSync(join(labStack.dir, "none.json"), "[");
    for (const [words, why] of [
      [["--policy-pack-config", join(labStack.dir, "none.json")], /must be a JSON object by rule/],
      [["--application", "SESAR"], /must be the application's client id, a GUID/],
      [
        ["--application", "00000000-0000-4000-8000-000000000000"],
        /There is no application with client id/,
      ],
    ] as const) {
      const { code, stderr } = await audit(words);
      assert.equal(code, 2, stderr);
      assert.match(stderr, why);
    }
  });

  it("finds in a stack of a foreign program, deployed without the pack, what is wrong with it", async () => {
    const projectFile = join(labStack.dir, "foreign.yaml");
    const runtime = { name: "nodejs", options: { typescript: false } };
    writeFileSync(projectFile, stringify({ name: "foreign", runtime }));
    const workspace = createWorkspace({
      dir: join(labStack.dir, "foreign"),
      projectFile,
      main: join(CLONE, "dist", "test", "e2e", "programs", "foreign.js"),
      stack: "live",
      settings: {},
      labEnvironment: labStack.rehearsal.environment,
    });
    await workspace.initialise("pulumi");
    const { dir, stack, environment } = workspace;
    const foreign = new KeyturnStack({ workDir: dir, stackName: stack, environment });
    await foreign.up();
    foreignState = await foreign.exportState();
    assert.match(foreignState, /"ciphertext"/);
    const said = await audit(["--dir", dir, "--stack", "live"], {
      ...NO_KEY,
      PULUMI_BACKEND_URL: environment["PULUMI_BACKEND_URL"],
    });
    assert.equal(said.code, 3, said.stderr);
    assert.deepEqual(
      found(said),
      FOREIGN_MISTAKES.map((rule) => `${rule}!`),
    );
  });

  it("finds in that state what the engine's own `pulumi policy analyze` finds under the pack", () => {
    const file = join(labStack.dir, "foreign.json");
    writeFileSync(file, foreignState);
    const words = ["policy", "analyze", "--file", file, "--policy-pack", POLICY_PACK];
    const env = { ...process.env, ...labStack.rehearsal.environment, ...NO_KEY };
    const { status, stdout } = spawnSync("pulumi", [...words, "--color", "never"], {
      env,
      encoding: "utf8",
      cwd: labStack.dir,
    });
    assert.equal(status, 1, stdout);
    const said = [...stdout.matchAll(/\[(\w+)\] +\[severity: \w+\] +(\w+)/g)];
    assert.deepEqual(
      said
        .filter(([, level]) => level === "mandatory")
        .map(([, , rule]) => rule)
        .toSorted(),
      FOREIGN_MISTAKES.toSorted(),
      stdout,
    );
  });

  it("has changed nothing, and has shown no secret", async () => {
    assert.equal(await labStack.rehearsal.stack.exportState(), stateBefore);
    const values = await labStack.rehearsal.control.secretValues();
    assert(values.length > 2);
    assert.deepEqual(leaksIn("printed", keyturn.printed, values), []);
  });
});
