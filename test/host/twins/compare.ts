// Runs situations on both twins, some at once, and tells each difference with the smallest situation that shows it.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { interpreters, type Interpreter } from "../../helpers/interpreters";
import { runScene, type Seen } from "./seen";
import { Scene } from "./scene";
import { endStaying } from "./staying";
import type { Twist } from "./twist";
import { situations } from "./situations";

export type Twins = readonly [Interpreter, Interpreter];

/** The two that are compared, or why they are not. */
export function twinsHere(): { readonly twins: Twins; readonly absent: string | undefined } {
  const [one, other] = ["dash", "pwsh"].map((name) =>
    interpreters().find((each) => each.name === name),
  );
  if (one === undefined || other === undefined) throw new Error("No such interpreter.");
  return { twins: [one, other], absent: one.absent ?? other.absent };
}

export interface Difference {
  /** Which pair of the seed it was. */
  readonly pair: number;
  /** The smallest situation, and what differs in it. */
  readonly twists: readonly Twist[];
  readonly differs: readonly string[];
  /** How many pairs of the run come down to twists of the same kinds. */
  count: number;
}

export interface Comparison {
  readonly seed: number;
  readonly pairs: number;
  readonly differences: readonly Difference[];
  /** Differences that did not show again: pair and what differed. */
  readonly passing: readonly string[];
  /** How often each outcome was seen. */
  readonly outcomes: Readonly<Record<string, number>>;
}

/** Every thirtieth pair: that a PowerShell that stays makes no difference. It costs as much as ten others. */
const AS_PROCESS = 30;
const asProcess: Twist = {
  kind: "process",
  words: "the script is a process of its own",
  apply: (scene) => void (scene.processOfItsOwn = true),
};

/** Pairs that run at once: most of a run is waiting, and PowerShell's start is not. */
const AT_ONCE = 3;

/** Compares the twins on so many situations of a seed. */
export async function compare(
  twins: Twins,
  seed: number,
  pairs: number,
  told: (sentence: string) => void = () => undefined,
): Promise<Comparison> {
  const all = fc.sample(situations, { seed, numRuns: pairs });
  const differences = new Map<string, Difference>();
  const passing: string[] = [];
  const outcomes: Record<string, number> = {};
  const waiting = [...all.entries()];
  let done = 0;
  const work = async () => {
    for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
      const [pair, drawn] = next;
      const situation = pair % AS_PROCESS === 0 ? [asProcess, ...drawn] : drawn;
      const first = await runPair(twins, situation);
      outcomes[first.outcome] = (outcomes[first.outcome] ?? 0) + 1;
      if (first.differs.length > 0) {
        const smallest = await shrink(twins, situation);
        if (smallest === undefined) {
          passing.push(`pair ${pair}: ${first.differs.join("; ")}`);
          told(
            `seen once: pair ${pair} [${situation.map(({ words }) => words).join(" | ")}] ${first.differs.join("; ")}`,
          );
        } else {
          const kinds = [
            ...smallest.twists.map(({ kind }) => kind),
            ...smallest.differs.map(nameOf),
          ].join("; ");
          const known = differences.get(kinds);
          if (known === undefined) {
            const difference = { pair, ...smallest, count: 1 };
            differences.set(kinds, difference);
            told(inWords(twins, difference));
          } else known.count += 1;
        }
      }
      done += 1;
      if (done % 100 === 0) told(`${done} of ${pairs} pairs`);
    }
  };
  try {
    await Promise.all(Array.from({ length: AT_ONCE }, work));
  } finally {
    endStaying();
  }
  return { seed, pairs, differences: [...differences.values()], passing, outcomes };
}

/** A difference as a person reads it. */
export function inWords([one, other]: Twins, { pair, twists, differs }: Difference): string {
  const situation =
    twists.length === 0 ? ["nothing is otherwise"] : twists.map(({ words }) => words);
  return [
    `Pair ${pair}: ${one.name} and ${other.name} differ when`,
    ...situation.map((words) => `  - ${words}`),
    ...differs.map((each) => `    ${each}`),
  ].join("\n");
}

/** The shortest list of twists that still shows a difference; undefined when the whole list shows none any more. */
async function shrink(twins: Twins, situation: readonly Twist[]) {
  let twists = situation;
  if ((await runPair(twins, twists)).differs.length === 0) return undefined;
  for (let at = twists.length - 1; at >= 0; at--) {
    const fewer = twists.filter((_, index) => index !== at);
    const result = await runPair(twins, fewer);
    if (result.differs.length === 0) continue;
    twists = fewer;
  }
  // Once more: a difference that a busy machine made does not come again.
  const again = await runPair(twins, twists);
  return again.differs.length === 0 ? undefined : { twists, differs: again.differs };
}

/** Runs one situation on two copies; what differs, in words. */
export async function runPair(twins: Twins, situation: readonly Twist[]) {
  const root = mkdtempSync(join(tmpdir(), "keyturn-twins-"));
  try {
    const now = new Date();
    const [one, other] = await Promise.all(
      twins.map((interpreter) => {
        const scene = new Scene(interpreter, root, now);
        for (const twist of situation) put(scene, twist);
        return runScene(scene);
      }),
    );
    if (one === undefined || other === undefined) throw new Error("A pair has two copies.");
    return { differs: differencesOf(one, other), outcome: one.get("outcome") ?? "no report" };
  } finally {
    rmSync(root, { recursive: true, force: true, maxRetries: 10, retryDelay: 200 });
  }
}

/** A twist of what an earlier one has taken away has no place; so it is for both copies. */
function put(scene: Scene, { apply }: Twist): void {
  try {
    apply(scene);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === undefined) throw error;
  }
}

function differencesOf(one: Seen, other: Seen): string[] {
  const names = [...new Set([...one.keys(), ...other.keys()])].sort();
  const differs = names
    .filter((name) => one.get(name) !== other.get(name))
    .map((name) => `${name}: ${apart(one.get(name), other.get(name))}`);
  const faults = names.filter(
    (name) => name.startsWith("contract") && one.get(name) === other.get(name),
  );
  return [...differs, ...faults.map((name) => `both against the ${name}: ${one.get(name) ?? ""}`)];
}

const nameOf = (differs: string) => differs.slice(0, differs.indexOf(":"));

/** Two texts from where they part. */
function apart(one = "(nothing)", other = "(nothing)"): string {
  let at = 0;
  while (at < one.length && one[at] === other[at]) at += 1;
  const from = Math.max(0, at - 24);
  const part = (text: string) =>
    JSON.stringify((from > 0 ? "…" : "") + text.slice(from, from + 160));
  return `${part(one)} or ${part(other)}`;
}
