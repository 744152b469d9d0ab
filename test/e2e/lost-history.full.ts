// A stack whose outputs have lost the record that the next run plans from, as after an import of an edited state.
import assert from "node:assert/strict";
import { EngineError } from "../../packages/cli/engine";
import { E2E_TIMEOUT_MS, LabStack, closing } from "../helpers/lab-stack";
import { acceptedFor } from "../helpers/records";

interface Exported {
  readonly deployment: {
    readonly resources: readonly {
      readonly type: string;
      readonly outputs?: Record<string, unknown>;
      readonly protect?: boolean;
    }[];
  };
}

describe("a stack that has lost its history", function () {
  this.timeout(2 * E2E_TIMEOUT_MS);
  let labStack: LabStack;
  let whole: string;
  before(async () => {
    labStack = await LabStack.open({ lab: { now: "2026-11-21T08:00:00Z" } });
    await labStack.up();
    // The run after the adoption protects the secret.
    await labStack.up();
    whole = await labStack.rehearsal.stack.exportState();
  });
  after(closing(() => labStack));

  const refusal = /sesar: .*"history".* is gone.*\(2026-11\).*pulumi stack import/s;

  it("is refused in preview and update even when its next secret is due, and keeps the one in use protected", async () => {
    const lost = JSON.parse(whole) as Exported;
    for (const { type, outputs } of lost.deployment.resources) {
      if (type === "pulumi:pulumi:Stack") delete outputs?.["history"];
    }
    await labStack.importState(JSON.stringify(lost));
    await labStack.rehearsal.goTo("2027-05-01");
    await assert.rejects(
      labStack.preview(),
      (error: unknown) => error instanceof EngineError && refusal.test(error.output),
    );
    assert.match(await labStack.failingUp(), refusal);
    assert.deepEqual(await acceptedFor(labStack, "sesar"), ["2026-11"]);
    const { deployment } = JSON.parse(await labStack.rehearsal.stack.exportState()) as Exported;
    const passwords = deployment.resources.filter(({ type }) =>
      type.endsWith(":ApplicationPassword"),
    );
    assert.deepEqual(
      passwords.map(({ protect }) => protect),
      [true],
    );
  });

  it("rotates as ever once its state is back", async () => {
    await labStack.importState(whole);
    await labStack.up();
    const { active, retiring } = await labStack.history();
    assert.deepEqual([active?.label, retiring.map(({ label }) => label)], ["2027-05", ["2026-11"]]);
  });
});
