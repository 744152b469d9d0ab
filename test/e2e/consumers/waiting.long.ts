// Waiting for people with the real engine: green while the overlap lasts, red after it, another link, the word, green.
import assert from "node:assert/strict";
import { EngineError } from "../../../packages/cli/stack";
import type { LabStack } from "../../helpers/lab-stack";
import { E2E_TIMEOUT_MS, closing } from "../../helpers/lab-stack";
import { ProcessWatch, leaksIn } from "../../helpers/leaks";
import { printMeasured } from "../../helpers/records";
import { People, stackServedByPeople } from "../../helpers/people";
import { searchForLeaks } from "../../helpers/leak-search";

/** The engine printed the sentence, and no stack trace. */
const saying =
  (sentence: RegExp) =>
  (error: unknown): boolean => {
    assert.ok(error instanceof EngineError);
    assert.match(error.output, sentence);
    assert.doesNotMatch(error.output, /\n\s+at /, "no stack trace");
    return true;
  };

describe("waiting for people", function () {
  this.timeout(3 * E2E_TIMEOUT_MS);
  let labStack: LabStack;
  let people: People;
  before(async () => {
    labStack = await stackServedByPeople("ci-sync", "2026-11-20T08:00:00Z");
    people = new People(labStack, "ci-sync");
    await labStack.up();
    await people.openLink();
    await people.confirm();
    await labStack.up();
    await labStack.rehearsal.goTo("2027-05-01");
  });
  after(closing(() => labStack));

  it("puts neither value nor link on a command line or into an environment block", async () => {
    const watch = new ProcessWatch();
    try {
      await labStack.up();
    } finally {
      watch.stop();
    }
    const deployer = (await labStack.rehearsal.control.environment())["ARM_CLIENT_SECRET"];
    const all = await labStack.rehearsal.control.secretValues();
    const values = all.filter((value) => value !== deployer);
    assert.ok([...watch.commandLines].some((line) => line.includes("steps/one-time-link.js")));
    const seen = [...watch.commandLines, ...watch.environments].join("\n");
    assert.deepEqual(leaksIn("processes", seen, values), []);
  });

  it("ends green with an instruction and an unread link, and a preview and a run then change nothing", async () => {
    await labStack.preview({ expectNoChanges: true });
    await labStack.up({ expectNoChanges: true });
    const { outcome, link, instruction, linkExpires } = await people.outcome();
    assert.deepEqual([outcome, link], ["waiting", "unread"]);
    assert.match(linkExpires ?? "", /^2027-05-08T/);
    assert.match(instruction[0] ?? "", /keyturn link ci-sync\. It opens once, until 2027-05-08T/);
    assert.match(instruction.join(" "), /CISynchronizerAgent Config Utility.*Setup & Test/);
    assert.match(labStack.printed, /2026-11 to 2027-05, waiting for people since 2027-05-01/);
  });

  it("ignores the word about another secret, and says so", async () => {
    await people.confirm("0a1b2c3d-4e5f-4071-8293-a4b5c6d7e8f9");
    await labStack.up({ expectNoChanges: true });
    const { outcome, instruction } = await people.outcome();
    assert.equal(outcome, "waiting");
    assert.match(instruction[0] ?? "", /key id 0a1b2c3d-\S+, not for 2027-05: it does not count/);
  });

  it("turns red after the overlap, in preview too, with who still holds what and what to do; nothing is removed", async () => {
    await labStack.rehearsal.goTo("2027-05-15");
    await labStack.up({ expectNoChanges: true });
    await labStack.rehearsal.goTo("2027-05-16");
    const sentence =
      /ci-sync: ci-sync must confirm the secret of 2027-05 before 2027-05-16, but has not: waiting for ci-sync since 2027-05-01\. It still holds 2026-11 \(key id \S+\), which is valid until 2027-11-01\..*keyturn confirm ci-sync/;
    for (const operation of ["preview", "up"] as const) {
      await assert.rejects(labStack[operation](), saying(sentence));
    }
    await people.signIn();
    assert.equal((await labStack.history()).inFlight?.label, "2027-05");
  });

  it("makes another link when retry is raised, and that run is green so that the link can be had", async () => {
    const former = await people.link();
    labStack.set(["keyturn:consumers", 0, "retry"], 1);
    assert.deepEqual(await labStack.changes("up"), [
      "update ci-sync-ci-sync",
      "update ci-sync-ci-sync-command",
    ]);
    assert.notEqual(await people.link(), former);
    assert.equal((await people.outcome()).link, "unread");
    await people.openLink();
    await people.signIn();
    await assert.rejects(labStack.up(), saying(/must confirm the secret of 2027-05/));
  });

  it("is green again when the service's people have said so, and the overlap counts from then", async () => {
    await people.confirm((await labStack.history()).inFlight?.keyId);
    await labStack.up({ expectNoChanges: true });
    const { active, retiring } = await labStack.history();
    assert.deepEqual([active?.label, retiring[0]?.label], ["2027-05", "2026-11"]);
    assert.match(
      String(await labStack.rehearsal.output("reason")),
      /2027-05 is adopted, next rotation 2027-11-01; the overlap of 2026-11 begins/,
    );
    await labStack.up({ expectNoChanges: true });
    assert.match(
      String(await labStack.rehearsal.output("reason")),
      /2026-11 retires until 2027-05-31/,
    );
  });

  it("refused no sign-in and leaked nothing through all of it", async () => {
    assert.deepEqual([people.refused, people.signIns], [[], 2]);
    const { values, leaks } = await searchForLeaks(labStack);
    assert.deepEqual(leaks, []);
    const { signIns: syncs, refused } = people;
    printMeasured("waiting for people", {
      syncs,
      failed: refused.length,
      values,
      leaks: leaks.length,
    });
  });
});
