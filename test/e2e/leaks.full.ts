// P4: no secret value anywhere but in encrypted state, the vault and the service's own store.
import assert from "node:assert/strict";
import { E2E_TIMEOUT_MS, LabStack, closing } from "../helpers/lab-stack";
import { ProcessWatch, leaksIn, leaksInFolder } from "../helpers/leaks";

/** The shape of an Entra client secret; the lab's other secrets are keys. */
const CLIENT_SECRET = /^.{3}\dQ~/;

describe("leaksIn", () => {
  it("finds a value as it is, escaped, and inside a base64 text wherever it begins", () => {
    const value = 'abc8Q~some"value~of.an-application_01';
    for (const text of [
      `before ${value} after`,
      JSON.stringify({ value }),
      ...["", "1", "22", "333"].map((before) =>
        Buffer.from(`${before}${value} after`).toString("base64"),
      ),
    ]) {
      assert.equal(leaksIn("text", text, [value]).length, 1, text);
    }
    assert.deepEqual(leaksIn("text", "nothing of it", [value]), []);
  });
});

describe("a deployment, a rotation and a failed run", function () {
  this.timeout(E2E_TIMEOUT_MS);
  let labStack: LabStack;
  let watch: ProcessWatch;
  let clientSecrets: string[];
  let otherSecrets: string[];
  before(async () => {
    labStack = await LabStack.open({ policy: true, lab: { now: "2026-11-21T08:00:00Z" } });
    watch = new ProcessWatch();
    try {
      await labStack.up();
      await labStack.rehearsal.goTo("2027-05-01");
      await labStack.rehearsal.control.host("set-service-faults", { dieAfterStartMs: 300 });
      await assert.rejects(labStack.up());
      await labStack.rehearsal.control.host("set-service-faults", {});
      await labStack.rehearsal.control.host("start-service", {}).catch(() => undefined);
      await labStack.up();
      await labStack.refresh();
    } finally {
      watch.stop();
    }
    const deployer = (await labStack.rehearsal.control.environment())["ARM_CLIENT_SECRET"];
    const all = await labStack.rehearsal.control.secretValues();
    clientSecrets = all.filter((value) => CLIENT_SECRET.test(value) && value !== deployer);
    otherSecrets = all.filter((value) => !CLIENT_SECRET.test(value));
  });
  after(closing(() => labStack));

  it("had secrets to search for and processes to search in", () => {
    assert(clientSecrets.length >= 2);
    assert(otherSecrets.length >= 1);
    assert(watch.looks > 100);
    assert([...watch.commandLines].some((line) => line.includes("pulumi")));
    assert([...watch.commandLines].some((line) => line.includes("update-")));
  });

  it("prints no secret, not even when the host's update fails", () => {
    assert.match(labStack.printed, /keyturn:/);
    assert.deepEqual(leaksIn("printed", labStack.printed, [...clientSecrets, ...otherSecrets]), []);
  });

  it("puts no secret on a command line", () => {
    const lines = [...watch.commandLines].join("\n");
    assert.deepEqual(leaksIn("command lines", lines, [...clientSecrets, ...otherSecrets]), []);
  });

  it("puts no client secret into an environment block", () => {
    const blocks = [...watch.environments].join("\n");
    assert.deepEqual(leaksIn("environment", blocks, clientSecrets), []);
  });

  it("leaves no secret in state, logs, the workspace or on the host", () => {
    const leaks = leaksInFolder(labStack.dir, [...clientSecrets, ...otherSecrets]);
    assert.deepEqual(leaks, []);
  });

  it("has no secret among the stack's outputs", async () => {
    const outputs = JSON.stringify(await labStack.rehearsal.stack.shownOutputs());
    assert.deepEqual(leaksIn("outputs", outputs, [...clientSecrets, ...otherSecrets]), []);
  });

  it("keeps the value in the state only as ciphertext", async () => {
    const state = await labStack.rehearsal.stack.exportState();
    assert(state.includes('"ciphertext"'));
    assert.deepEqual(leaksIn("state", state, [...clientSecrets, ...otherSecrets]), []);
  });
});
