// What the policy pack adds to a preview: the same preview of the same stack with the pack and without, and with a pack
// that has no rules, which is what the engine and the SDK take for any pack.
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { CLONE } from "../cli/clone";
import { POLICY_PACK } from "../cli/policy";
import { labPolicyConfig } from "../rehearsal/lab-policy";
import { Rehearsal } from "../rehearsal/rehearsal";
import type { Comparison } from "./comparison";
import { timeOfPreview } from "./engine";

/** Over no pack: the engine starts a second program for it. */
const TARGET = 1.5;
/** Over a pack without rules: what our rules are answerable for. */
const TARGET_OF_RULES = 1.15;
const CAVEAT =
  "On the lab, with its stand-ins for the four plugins. The pack is a second program for the engine to start, whatever the stack: the " +
  "longer a preview takes, the smaller its share.";
const CAVEAT_OF_RULES =
  "What the engine and the policy SDK take for any pack is in both sides; the rest is our rules over the stack's resources.";
const EMPTY_PACK = join(CLONE, "packages", "bench", "programs", "empty-pack");

/** @param dir a folder for the lab */
export async function openPolicy(
  dir: string,
): Promise<{ readonly comparisons: readonly Comparison[]; close(): Promise<void> }> {
  const rehearsal = await Rehearsal.start({ lab: { labDir: join(dir, "lab") } });
  try {
    await rehearsal.up();
    const { environment } = rehearsal;
    const config = join(dir, "policy.json");
    const { now } = await rehearsal.control.clock();
    writeFileSync(config, JSON.stringify(labPolicyConfig(now.slice(0, 10))));
    const preview = (title: string, ...flags: readonly string[]) => ({
      title,
      sample: () => timeOfPreview(environment, flags),
    });
    const ours = preview(
      "with the pack",
      ...["--policy-pack", POLICY_PACK, "--policy-pack-config", config],
    );
    return {
      comparisons: [
        {
          name: "policy",
          title: "a whole `pulumi preview` with nothing to do, under the policy pack",
          target: TARGET,
          caveat: CAVEAT,
          ours,
          reference: preview("without a pack"),
        },
        {
          name: "rules",
          title: "the same, over a pack without rules",
          target: TARGET_OF_RULES,
          caveat: CAVEAT_OF_RULES,
          ours,
          reference: preview("with an empty pack", "--policy-pack", EMPTY_PACK),
        },
      ],
      close: () => rehearsal.stop(),
    };
  } catch (error) {
    await rehearsal.stop();
    throw error;
  }
}
