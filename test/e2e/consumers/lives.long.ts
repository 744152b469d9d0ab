// The whole life of each preset that people serve, over three epochs with a missed run, on the lab with the real engine.
import assert from "node:assert/strict";
import type { LabStack } from "../../helpers/lab-stack";
import { E2E_TIMEOUT_MS, closing } from "../../helpers/lab-stack";
import { printMeasured } from "../../helpers/records";
import { People, stackServedByPeople } from "../../helpers/people";
import { searchForLeaks } from "../../helpers/leak-search";

interface Life {
  readonly preset: string;
  /** How people get the value. */
  readonly by: "link" | "vault";
}

/** Each epoch: the day on which a run first sees it, the day on which people act, the day on which the overlap ends. */
const EPOCHS = [
  { label: "2026-11", seen: "2026-11-21", served: "2026-11-24", over: undefined },
  { label: "2027-05", seen: "2027-05-01", served: "2027-05-06", over: "2027-05-21" },
  // Every run of November was missed.
  { label: "2027-11", seen: "2027-12-05", served: "2027-12-09", over: "2027-12-24" },
] as const;

const LIVES: readonly Life[] = [
  { preset: "ci-sync", by: "link" },
  { preset: "empower-self-hosted", by: "vault" },
  { preset: "empower-cloud", by: "link" },
];

for (const { preset, by } of LIVES) {
  describe(`the life of ${preset}`, function () {
    this.timeout(3 * E2E_TIMEOUT_MS);
    let labStack: LabStack;
    let people: People;
    before(async () => {
      labStack = await stackServedByPeople(preset, "2026-11-20T08:00:00Z", {
        ...(by === "vault" && { "keyturn:oneTimeServer": "" }),
      });
      people = new People(labStack, preset);
    });
    after(closing(() => labStack));

    for (const [index, { label, seen, served, over }] of EPOCHS.entries()) {
      it(`issues ${label}, ends green and waits, while the service signs in with what it has`, async () => {
        await labStack.rehearsal.goTo(seen);
        await people.signIn();
        await labStack.up();
        await people.signIn();
        const { outcome, link } = await people.outcome();
        assert.deepEqual([outcome, link], ["waiting", by === "link" ? "unread" : undefined]);
        assert.match(
          String(await labStack.rehearsal.output("reason")),
          new RegExp(`^${preset}: ${label} is issued and waiting for ${preset} since ${seen}`),
        );
      });

      it(`is served by ${by === "link" ? "its one-time link" : "the vault secret that the instruction names"}, and a run that only waits for the word changes nothing`, async () => {
        await labStack.rehearsal.goTo(served);
        await people.signIn();
        if (by === "link") await people.openLink();
        else await people.readVault();
        await people.signIn();
        await labStack.up({ expectNoChanges: true });
        const { outcome, link } = await people.outcome();
        assert.deepEqual(
          [outcome, link],
          ["waiting", by === "link" ? "read or expired" : undefined],
        );
      });

      it(`adopts ${label} by the confirmation, without a change of any resource`, async () => {
        await people.confirm();
        await labStack.up({ expectNoChanges: true });
        const { active, inFlight, retiring } = await labStack.history();
        assert.deepEqual(
          [active?.label, inFlight, retiring.length],
          [label, undefined, index === 0 ? 0 : 1],
        );
        assert.equal(await people.link(), undefined);
        await people.signIn();
      });

      if (over === undefined) continue;
      it(`releases the former secret after the overlap and removes it in the next run, and the service never notices`, async () => {
        await labStack.rehearsal.goTo(over);
        await labStack.up();
        await people.signIn();
        await labStack.up();
        await people.signIn();
        const { credentials } = await labStack.rehearsal.status();
        const ours = credentials
          .flatMap((application) => application.passwords)
          .filter(
            ({ displayName, acceptedNow }) => acceptedNow && displayName?.startsWith(`${preset} `),
          );
        assert.deepEqual(
          ours.map(({ displayName }) => displayName),
          [`${preset} ${label}`],
        );
        await labStack.up({ expectNoChanges: true });
      });
    }

    it("had no sign-in refused, and leaks nothing", async () => {
      assert.deepEqual(people.refused, []);
      assert.ok(people.signIns >= 10);
      const { values, leaks } = await searchForLeaks(labStack);
      assert.ok(values >= 3);
      assert.deepEqual(leaks, []);
      const { signIns: syncs, refused } = people;
      printMeasured(preset, { syncs, failed: refused.length, values, leaks: leaks.length });
    });
  });
}
