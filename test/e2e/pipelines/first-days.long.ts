// Every script line of both pipelines' files, run on the lab: the first day of one, and the day after by the other. Three epochs
// of both, with what goes wrong, are in epochs.long.ts.
import assert from "node:assert/strict";
import { E2E_TIMEOUT_MS } from "../../helpers/lab-stack";
import { FIRST_DAY, PipelineDays } from "./days";
import { transcript } from "./transcript";

describe("the first days of a pipeline", function () {
  this.timeout(4 * E2E_TIMEOUT_MS);
  let days: PipelineDays;
  before(async () => {
    days = await PipelineDays.open("github");
  });
  after(async () => {
    await (days as PipelineDays | undefined)?.close();
  });

  it("deploy with every script line of the GitHub file, and show what happened as the job's summary", async () => {
    const { kind, headline } = await days.day(FIRST_DAY, "every");
    assert.equal(kind, "changed");
    assert.match(days.checkout.summaryPage, /^### ✅ production: /);
    assert(days.checkout.summaryPage.includes(headline));
    assert.deepEqual(await days.leaks(), []);
  });

  it("change nothing with every script line of the Azure file, are green and say why", async () => {
    days.moveTo("azure");
    const before = days.printed.length;
    const { kind, headline } = await days.day("2026-11-22", "every");
    assert.equal(kind, "nothingToDo");
    assert.match(headline, /^sesar: 160 days until rotation/);
    assert.match(days.printed.slice(before), /^##vso\[task\.uploadsummary\]\S+summary\.md$/m);
    assert.deepEqual(await days.leaks(), []);
  });

  it("are signed in by the jobs' identity tokens, and by no secret", async () => {
    const { control } = days.labStack.rehearsal;
    const { ARM_CLIENT_ID: clientId = "" } = await control.environment();
    const signIns = await control.signIns(clientId);
    const [byToken, bySecret] = [
      signIns.filter((one) => one.ok && one.federatedCredentialId !== undefined),
      signIns.filter((one) => one.keyId !== undefined),
    ];
    assert.equal(new Set(byToken.map((one) => one.federatedCredentialId)).size, 2);
    assert.deepEqual(bySecret, []);
  });

  it("are refused to a job of another environment", async () => {
    days.moveTo("github");
    await assert.rejects(days.checkout.signIn("staging"), /AADSTS700213: .*environment:staging/);
  });

  it("go as docs/design/pipelines-transcript.md tells", () => {
    assert.deepEqual(days.rows, transcript().slice(0, days.rows.length));
  });
});
