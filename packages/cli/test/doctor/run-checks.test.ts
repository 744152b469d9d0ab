// How the doctor's checks are made: side by side, bounded, and none hides another.
import assert from "node:assert/strict";
import { ok } from "../../doctor/finding";
import { type Check, Unmet, runChecks } from "../../doctor/run-checks";

const good = (name: string): Check => ({
  name,
  find: async () => Promise.resolve([ok(name, "Yes.")]),
});

describe("runChecks", () => {
  it("gives the findings in the order of the checks, whichever ended first", async () => {
    let letGo = (): void => undefined;
    const later = new Promise<void>((resolve) => (letGo = resolve));
    const slow: Check = { name: "slow", find: () => later.then(() => [ok("slow", "Yes.")]) };
    const quick: Check = {
      name: "quick",
      find: () => {
        letGo();
        return Promise.resolve([ok("quick", "Yes.")]);
      },
    };
    const found = await runChecks([slow, quick]);
    assert.deepEqual(
      found.map(({ check }) => check),
      ["slow", "quick"],
    );
  });

  it("makes no more at a time than it may", async () => {
    let now = 0;
    let most = 0;
    const counted: Check = {
      name: "one",
      find: async () => {
        most = Math.max(most, (now += 1));
        await new Promise((resolve) => setImmediate(resolve));
        now -= 1;
        return [];
      },
    };
    await runChecks(
      Array.from({ length: 7 }, () => counted),
      3,
    );
    assert.equal(most, 3);
  });

  it("has a line for a check that cannot be made, with its reason and what is to be done, and makes the others", async () => {
    const broken: Check = { name: "broken", find: () => Promise.reject(new Error("gone")) };
    const unmet: Check = {
      name: "unmet",
      find: () => Promise.reject(new Unmet("No right.", "Ask for it.")),
    };
    assert.deepEqual(
      (await runChecks([broken, unmet, good("well")])).map(({ check, level, says, remedy }) =>
        [check, level, says, remedy].join("|"),
      ),
      [
        "broken|not known|It could not be looked at: gone.|Run doctor again.",
        "unmet|not known|No right.|Ask for it.",
        "well|ok|Yes.|",
      ],
    );
  });
});
