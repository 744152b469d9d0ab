// The alarm that does not live in the pipeline: raised by Azure when nothing rotated, silent when something did.
import assert from "node:assert/strict";
import { E2E_TIMEOUT_MS, LabStack, closing } from "../helpers/lab-stack";

const ACTION_GROUP =
  "/subscriptions/11111111-1111-4111-8111-111111111111/resourceGroups/ops/providers/Microsoft.Insights/actionGroups/on-call";

describe("the alarm of a missed run", function () {
  this.timeout(E2E_TIMEOUT_MS);
  let labStack: LabStack;
  before(async () => {
    labStack = await LabStack.open({
      lab: { now: "2026-11-21T08:00:00Z" },
      config: { "keyturn:alarmActionGroups": [ACTION_GROUP] },
    });
    await labStack.up();
  });
  after(closing(() => labStack));

  it("is declared once and then changes nothing", async () => {
    await labStack.up({ expectNoChanges: true });
    assert.deepEqual((await labStack.rehearsal.status()).alerts, []);
  });

  it("is silent over a rotation that took place", async () => {
    await labStack.rehearsal.goTo("2027-05-01");
    await labStack.up();
    // The former secret ends on 2027-11-01; its vault secret has a newer version.
    await labStack.rehearsal.goTo("2027-10-15");
    assert.deepEqual((await labStack.rehearsal.status()).alerts, []);
  });

  it("tells the action group, with no run of ours, 30 days before the end of a secret that was not replaced", async () => {
    // 2028-05-01 is the end of 2027-05, and no run took place since.
    await labStack.rehearsal.goTo("2028-04-02");
    const { alerts } = await labStack.rehearsal.status();
    assert.deepEqual([...new Set(alerts.map(({ secret }) => secret))].sort(), [
      "sesar-client-secret",
      "sesar-sesar-file",
    ]);
    for (const alert of alerts) {
      assert.equal(alert.eventType, "Microsoft.KeyVault.SecretNearExpiry");
      assert.equal(alert.at, "2028-04-01T00:00:00.000Z");
      assert.deepEqual(alert.actionGroups, [ACTION_GROUP]);
    }
  });
});
