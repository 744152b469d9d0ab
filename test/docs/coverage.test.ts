// Every file of components/ and src/ has a test of its name in the mirrored place, or stands in this table with the test that
// covers it. That test must reach the file: by its imports, or by the programs that it runs.
import assert from "node:assert/strict";
import { existsSync, readFileSync, readdirSync } from "node:fs";
import { posix } from "node:path";
import { inClone } from "../helpers/paths";

/** By test, what it covers beside the file of its own name. */
const COVERED: Readonly<Record<string, readonly string[]>> = {
  "test/components/components.test.ts": [
    "components/app-registration.ts",
    "components/credential-vault.ts",
    "components/epoch-password.ts",
    "components/existing-application.ts",
    "components/graph-permissions.ts",
    "components/importing.ts",
    "components/licence-groups.ts",
    "components/owners.ts",
    "components/vault-secret.ts",
    "src/decide/graph-roles.ts",
    "src/decide/vault-network.ts",
  ],
  "test/components/credential.test.ts": [
    "components/edited-file.ts",
    "components/host-hand-over.ts",
    "components/host-update.ts",
    "components/sign-in-proof.ts",
    "components/ssh-check.ts",
    "src/contracts/prove.ts",
    "src/decide/target-epoch.ts",
  ],
  "test/components/manual-hand-over.test.ts": [
    "components/one-time-link.ts",
    "src/decide/instruction.ts",
  ],
  "test/e2e/alarm.full.ts": ["components/near-expiry-alarm.ts"],
  "test/e2e/own-program.full.ts": ["components/index.ts"],
  "test/e2e/rotation.test.ts": ["src/compile-cache.ts", "src/program-root.ts"],
  "test/program/program.test.ts": [
    "components/application.ts",
    "components/declare.ts",
    "components/stack-outputs.ts",
    "src/decide/run-plan.ts",
    "src/http/azure.ts",
    "src/http/endpoints.ts",
    "src/http/patient-reader.ts",
    "src/observe/application-and-groups.ts",
    "src/observe/index.ts",
    "src/observe/own-stack.ts",
    "src/observe/signed-in.ts",
    "src/observe/state.ts",
    "src/run-error.ts",
  ],
  "test/e2e/adopting/recreated.long.ts": ["src/observe/vault.ts"],
  "test/components/azure-vault.test.ts": ["components/azure-resource.ts"],
  "test/host/input.test.ts": ["src/contracts/host-update.ts"],
  "test/src/config/read.test.ts": [
    "src/config/consumers.ts",
    "src/config/script-directory.ts",
    "src/keyturn-config.ts",
    "src/problems.ts",
  ],
  "test/src/decide/manual.test.ts": ["src/decide/outcome.ts"],
  "test/src/contracts/host-report.test.ts": ["src/contracts/secret-in-text.ts"],
  "test/src/decide/inventory.test.ts": ["src/decide/listed-secret.ts", "src/decide/standing.ts"],
  "test/src/observe/microsoft-clock.test.ts": ["src/decide/clock.ts", "src/http/said-times.ts"],
  "test/src/decide/plan.test.ts": ["src/decide/reason.ts"],
  "test/src/decide/record.test.ts": ["src/decide/history.ts"],
  "test/src/decide/vault-plan.test.ts": ["src/decide/vault-name.ts"],
  "test/src/observe/secrets.test.ts": ["src/http/graph.ts"],
  "test/src/presets/presets.test.ts": [
    "src/presets/ci-sync.ts",
    "src/presets/empower-cloud.ts",
    "src/presets/empower-self-hosted.ts",
    "src/presets/generic.ts",
    "src/presets/index.ts",
    "src/presets/preset.ts",
    "src/presets/sesar.ts",
  ],
  "test/src/steps/one-time-link.test.ts": [
    "src/contracts/one-time-link.ts",
    "src/http/link-state.ts",
    "src/steps/link-answer.ts",
  ],
  "test/e2e/hand-over.full.ts": ["src/observe/one-time-links.ts"],
  "test/src/observe/namesakes.test.ts": ["src/decide/namesakes.ts"],
  "test/src/steps/prove.test.ts": [
    "src/http/request.ts",
    "src/steps/input.ts",
    "src/contracts/failure-code.ts",
    "src/steps/reads.ts",
    "src/steps/sign-in.ts",
    "src/steps/token-roles.ts",
  ],
  "test/src/steps/check-ssh.test.ts": ["src/steps/windows-policy.ts"],
  "test/src/steps/script-place.test.ts": ["src/steps/ask-host.ts"],
  "test/src/observe/sign-in-log.test.ts": [
    "src/decide/log-findings.ts",
    "src/observe/unread-log.ts",
  ],
};

const sources = ["components", "src"].flatMap((folder) =>
  readdirSync(inClone(folder), { recursive: true, encoding: "utf8" })
    .filter((file) => file.endsWith(".ts"))
    .map((file) => posix.join(folder, file.replaceAll("\\", "/"))),
);
const ownTestsOf = (file: string): string[] =>
  ["test", "full", "long"]
    .map((tier) => `test/${file.replace(/ts$/, `${tier}.ts`)}`)
    .filter((test) => existsSync(inClone(test)));
const inTable = Object.entries(COVERED).flatMap(([test, files]) =>
  files.map((file): [file: string, test: string] => [file, test]),
);

/** What every deployment on the lab runs: the program, and the steps that the engine starts. */
const DEPLOYED = [
  "index.ts",
  ...Object.values(
    JSON.parse(readFileSync(inClone("src/steps/keys.json"), "utf8")) as Record<string, string>,
  ).map((module) => module.replace(/\.js$/, ".ts")),
];

/** Every file that a test reaches by imports, or by programs that it runs compiled. */
function reachedFrom(test: string): ReadonlySet<string> {
  const reached = new Set<string>();
  const waiting = [test];
  for (let file = waiting.pop(); file !== undefined; file = waiting.pop()) {
    if (reached.has(file)) continue;
    reached.add(file);
    const text = readFileSync(inClone(file), "utf8");
    const folder = posix.dirname(file);
    const imported = [
      ...text.matchAll(/(?:\bfrom|\bimport|\bimport\(|\brequire\()\s*"(\.[^"]*)"/g),
    ];
    const run = [...text.matchAll(/\bcompiled\("([^"]+)"\)/g)].map(([, path = ""]) => path);
    const deployed = file === "test/helpers/lab-stack.ts" ? DEPLOYED : [];
    const own = text.includes('"programs", "own.js"') ? ["components/index.ts"] : [];
    const next = imported.flatMap(([, path = ""]) => {
      const base = posix.join(folder, path).replace(/\.js$/, "");
      return [base, `${base}.ts`, posix.join(base, "index.ts")];
    });
    waiting.push(
      ...[...next, ...run, ...deployed, ...own].filter(
        (one) => one.endsWith(".ts") && existsSync(inClone(one)),
      ),
    );
  }
  return reached;
}

describe("every file of components/ and src/", () => {
  it("has a test of its name, or stands in the table of this file", () => {
    const known = new Set(inTable.map(([file]) => file));
    const missing = sources.filter((file) => ownTestsOf(file).length === 0 && !known.has(file));
    const remedy = missing.map(
      (file) =>
        `${file} has no test: write test/${file.replace(/ts$/, "test.ts")}, or name the test that covers it in COVERED of test/docs/coverage.test.ts.`,
    );
    assert.deepEqual(remedy, []);
  });

  it("that stands in the table is there, once, and has no test of its name", () => {
    const files = inTable.map(([file]) => file);
    assert.deepEqual(
      files.filter((file) => !sources.includes(file)),
      [],
      "These are gone: take them out of COVERED.",
    );
    assert.deepEqual(
      files.filter((file, index) => files.indexOf(file) !== index),
      [],
    );
    assert.deepEqual(
      files.filter((file) => ownTestsOf(file).length > 0),
      [],
      "These have a test of their own: take them out of COVERED.",
    );
  });

  it("is reached by the test that the table names", () => {
    const unreached = Object.entries(COVERED).flatMap(([test, files]) => {
      const reached = reachedFrom(test);
      return files.filter((file) => !reached.has(file)).map((file) => `${file} by ${test}`);
    });
    assert.deepEqual(unreached, []);
  });
});
