// The day on which Key Vault's former API versions end, on one lab: a stack that an earlier release has made and rotated
// goes on under today's program, and under the release no more.
import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Verdict } from "../../../packages/cli/run/verdict";
import { E2E_TIMEOUT_MS, type History } from "../../helpers/lab-stack";
import { isAllowed, urnToday } from "./allowed";
import { type StateResource, resourcesOf, sentenceOf, stepsOf } from "./steps";
import { type Ended, UpgradedLab } from "./upgraded-lab";

const RELEASE = "8dd8afe";
const KIND = "automatic";
const AFTER_THE_END = "2027-03-01T08:00:00Z";
const ENDED =
  /NoRegisteredProviderFound.*API version '2024-11-01'.*The supported api-versions are '2026-02-01, /s;

describe("a stack of an earlier release, when Key Vault's former API versions end", function () {
  this.timeout(2 * E2E_TIMEOUT_MS);
  let lab: UpgradedLab;
  let left: readonly StateResource[];

  const outputs = async () => (await lab.stack(KIND, "today")).outputs();
  const history = async (): Promise<History> => (await outputs())["history"]?.value as History;
  const azure = (resources: readonly StateResource[]): readonly StateResource[] =>
    resources.filter(({ type }) => type.startsWith("azure-native:keyvault"));
  const run = async (): Promise<{ ended: Ended; verdict: Verdict }> => {
    const out = mkdtempSync(join(tmpdir(), "keyturn-out-"));
    try {
      const ended = await lab.keyturn(KIND, "run", "--out", out);
      const outcome: unknown = JSON.parse(readFileSync(join(out, "outcome.json"), "utf8"));
      return { ended, verdict: outcome as Verdict };
    } finally {
      rmSync(out, { recursive: true, force: true });
    }
  };

  before(async () => {
    lab = await UpgradedLab.open(RELEASE);
    const stack = await lab.stack(KIND, "release");
    await stack.up({ color: "never" });
    lab.configure(KIND, "keyturn:generation", 1);
    await stack.up({ color: "never" });
    left = await resourcesOf(stack);
  });
  after(async () => {
    await (lab as UpgradedLab | undefined)?.close();
  });

  it("is tried on one that was rotated once, and holds its vault at a version that ends", async () => {
    const { active, retiring } = await history();
    assert.equal(retiring.length, 1);
    assert.notEqual(active?.label, retiring[0]?.label);
    const versions = azure(left).map(({ outputs: held }) => held?.["azureApiVersion"]);
    assert.deepEqual(versions, ["2024-11-01", "2024-11-01", "2024-11-01"]);
    assert.equal((await lab.host(KIND))?.stops, 2);
  });

  it("previews with today's program as no change but the API version", async () => {
    const steps = await stepsOf(await lab.stack(KIND, "today"), "preview");
    const from = { commit: RELEASE, otherHostScript: lab.release.otherHostScript };
    const changes = steps.filter(({ op }) => op !== "same" && op !== "read");
    const sentences = changes
      .filter(({ urn }) => urn.includes("$azure-native:"))
      .map((step) => sentenceOf(step));
    assert.deepEqual(sentences.sort(), [
      "update automatic-automatic-file-secret (azureApiVersion)",
      "update automatic-client-secret-secret (azureApiVersion)",
      "update automatic-vault-vault (azureApiVersion)",
    ]);
    for (const step of changes) assert(isAllowed(from, step, sentenceOf(step)), sentenceOf(step));
  });

  it("is red under the release at its first call of the vault, and its service goes on", async () => {
    await lab.control.moveClock({ set: AFTER_THE_END });
    lab.configure(KIND, "keyturn:generation", 2);
    const before = await lab.host(KIND);
    const stack = await lab.stack(KIND, "release");
    await assert.rejects(stack.up({ color: "never" }), (error: Error) => {
      assert.match(error.message, ENDED);
      return true;
    });
    assert.match((await history()).active?.label ?? "", /-g1$/);
    assert.deepEqual(await lab.host(KIND), before);
  });

  it("cannot be refreshed, by any program: the engine asks by the version in the state", async () => {
    const stack = await lab.stack(KIND, "today");
    await assert.rejects(stack.refresh({ color: "never" }), ENDED);
  });

  it("is moved and rotated by today's run, which leaves the refresh out and says both", async () => {
    lab.stepsOf("today");
    const { ended, verdict } = await run();
    assert.equal(ended.code, 0, ended.printed);
    assert.equal(verdict.kind, "changed");
    const said = verdict.details.join("\n");
    assert.match(said, /Not refreshed first: the state has automatic-vault-vault/);
    assert.match(said, /at Microsoft\.KeyVault 2024-11-01, which ended on 2027-02-27\. This run/);
    assert.match((await history()).active?.label ?? "", /-g2$/);
    assert.equal((await lab.host(KIND))?.stops, 3);
  });

  it("keeps its vault and secrets, protected, and has them at the present version", async () => {
    const now = new Map(
      (await resourcesOf(await lab.stack(KIND, "today"))).map((one) => [one.urn, one]),
    );
    assert.equal(azure([...now.values()]).length, azure(left).length);
    for (const one of azure(left)) {
      const moved = now.get(urnToday(one.urn));
      assert.equal(moved?.id, one.id);
      assert.equal(moved?.protect, one.protect);
      assert.equal(moved?.outputs?.["azureApiVersion"], "2026-02-01");
    }
  });

  it("is refreshed again by the next run, which leaves vault and secrets alone and says nothing of versions", async () => {
    const { ended, verdict } = await run();
    assert.equal(ended.code, 0, ended.printed);
    assert.match(ended.printed, /refresh automatic-vault-vault/);
    assert.doesNotMatch(ended.printed, /update automatic-[\w-]*(vault|secret)\b/);
    assert.doesNotMatch(verdict.details.join("\n"), /refreshed|Microsoft\.KeyVault/);
  });
});
