// update.sh and update.ps1 against each other on situations that are drawn (twins/). The seed is made from both scripts: a fixed
// one would look at the same situations for ever, and one of the clock's would let the day decide about a change that
// touches neither. Whoever sees one fail repeats it, and sees the smallest situation, by what the title says.
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { leaveOut } from "../helpers/leave-out";
import { inClone } from "../helpers/paths";
import { compare, inWords, twinsHere } from "./twins/compare";

/** Some three minutes of one core. */
const PAIRS = 200;
const scripts = ["update.sh", "update.ps1"].map((name) => readFileSync(inClone("host", name)));
const seed = createHash("sha256").update(Buffer.concat(scripts)).digest().readUInt32BE() >>> 1;

describe("update.sh and update.ps1", () => {
  it(`do the same in drawn situations: npm run fuzz:host -- --pairs ${PAIRS} --seed ${seed}`, async function () {
    const { twins, absent } = twinsHere();
    if (absent !== undefined) return leaveOut(this, absent);
    this.timeout(1_800_000); // on a machine that others use too
    const { differences, outcomes } = await compare(twins, seed, PAIRS);
    assert.equal(differences.map((each) => inWords(twins, each)).join("\n"), "");
    // Of 500 pairs 15 and more update, and one or two restore: too few to be sure of one in these.
    for (const outcome of ["ready", "refused", "notNow"])
      assert.ok(outcomes[`"${outcome}"`], JSON.stringify(outcomes));
  });
});
