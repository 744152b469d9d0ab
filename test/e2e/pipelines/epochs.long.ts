// Both pipelines over three epochs on the lab: every script line of their files, with a skipped day, a host that fails, a
// killed run and the lock that it left. What each day came to is docs/design/pipelines-transcript.md.
import assert from "node:assert/strict";
import { E2E_TIMEOUT_MS } from "../../helpers/lab-stack";
import { STACK } from "../../helpers/checkout";
import { FIRST_DAY, PipelineDays } from "./days";
import { transcript, writeTranscript } from "./transcript";
import { until } from "../../helpers/until";

const DIES_AFTER_MS = 2500;

for (const name of ["github", "azure"] as const) {
  describe(`the ${name} pipeline over three epochs`, function () {
    this.timeout(4 * E2E_TIMEOUT_MS);
    let days: PipelineDays;
    before(async () => {
      days = await PipelineDays.open(name);
    });
    after(async () => {
      await (days as PipelineDays | undefined)?.close();
    });

    it("deploys on the first day with every script line of the file", async () => {
      assert.equal((await days.day(FIRST_DAY, "every")).kind, "changed");
      assert.equal((await days.service()).stops.length, 1);
    });

    it("is green and changes nothing on the second day, and says why", async () => {
      const outcome = await days.day("2026-11-22");
      assert.equal(outcome.kind, "nothingToDo");
      assert.match(outcome.headline, /^sesar: 160 days until rotation/);
    });

    it("rotates a day late when the day of the rotation was skipped", async () => {
      days.skipped("2027-05-01");
      const outcome = await days.day("2027-05-02");
      assert.equal(outcome.kind, "changed");
      assert.match(outcome.headline, /2027-05/);
    });

    it("releases and removes the former secret a full overlap after the late adoption", async () => {
      assert.equal((await days.day("2027-05-16")).kind, "nothingToDo");
      assert.match((await days.day("2027-05-17")).headline, /2026-11 is released/);
      assert.equal((await days.day("2027-05-18")).kind, "changed");
    });

    it("is red, in the host's words, when the service does not come up on the new secret", async () => {
      const { control } = days.labStack.rehearsal;
      const { starts } = await days.service();
      await control.host("set-service-faults", { dieAfterStartMs: DIES_AFTER_MS });
      const hasStarted = async (): Promise<boolean> => (await days.service()).starts > starts;
      const [outcome] = await Promise.all([
        days.day("2027-11-01"),
        until("the start with the new secret", hasStarted, E2E_TIMEOUT_MS / 1000).then(() =>
          control.host("set-service-faults", {}),
        ),
      ]);
      assert.equal(outcome.kind, "restored");
      assert.match(outcome.details.join("\n"), /The former file is back/);
      const error =
        name === "github" ? /::error title=Keyturn::/ : /##vso\[task.logissue type=error\]/;
      assert.match(days.printed, error);
    });

    it("goes on with the same secret the next day", async () => {
      const outcome = await days.day("2027-11-02");
      assert.equal(outcome.kind, "changed");
      assert.match(outcome.headline, /2027-11/);
    });

    it("is red the day after a run was killed, and says who holds the lock and what to do", async () => {
      assert.equal((await days.killedDay("2027-11-03")).kind, "interrupted");
      const outcome = await days.day("2027-11-04");
      assert.equal(outcome.kind, "locked");
      assert.match(outcome.details.join("\n"), /created by /);
      assert(outcome.todo.some((item) => item.includes(`pulumi cancel --stack ${STACK}`)));
    });

    it("is green again once a person did that", async () => {
      days.byHand("2027-11-04", "cancel", "--stack", STACK, "--yes");
      assert.equal((await days.day("2027-11-05")).kind, "nothingToDo");
    });

    it("failed no sync and lost no document in all that", async () => {
      const { failedSyncs, documentsLost } = await days.service();
      assert.deepEqual({ failedSyncs, documentsLost }, { failedSyncs: 0, documentsLost: 0 });
    });

    it("put no secret into its log, its artefacts or its summary", async () => {
      assert.deepEqual(await days.leaks(), []);
    });

    it("went as docs/design/pipelines-transcript.md tells", () => {
      process.stdout.write(`      ${name}:\n${days.rows.join("\n")}\n`);
      if (name === "github") writeTranscript(days.rows);
      assert.deepEqual(days.rows, transcript());
    });
  });
}
