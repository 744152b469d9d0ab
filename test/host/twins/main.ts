// npm run fuzz:host: compares the twins on any number of situations, and prints the smallest case of each difference.
import { parseArgs } from "node:util";
import { compare, inWords, twinsHere } from "./compare";

async function main(args: string[]): Promise<number> {
  const { values } = parseArgs({
    args,
    options: { pairs: { type: "string", default: "200" }, seed: { type: "string" } },
  });
  const [pairs, seed] = [Number(values.pairs), Number(values.seed ?? Date.now() % 2 ** 31)];
  if (!Number.isInteger(pairs) || pairs < 1 || !Number.isInteger(seed)) {
    process.stderr.write("fuzz:host takes --pairs and --seed, each a whole number.\n");
    return 2;
  }
  const found = twinsHere();
  if (found.absent !== undefined) {
    process.stderr.write(`The twins are not compared: ${found.absent}.\n`);
    return 1;
  }
  const [one, other] = found.twins;
  const say = (sentence: string) => void process.stdout.write(`${sentence}\n`);
  say(
    `Comparing update.sh on ${one.name} with update.ps1 on ${other.name}: ${pairs} pairs, seed ${seed}`,
  );
  const begun = performance.now();
  const { differences, passing, outcomes } = await compare([one, other], seed, pairs, say);
  const seconds = Math.round((performance.now() - begun) / 1000);
  say(`${pairs} pairs in ${seconds} s: ${JSON.stringify(outcomes)}`);
  for (const each of differences)
    if (each.count > 1)
      say(`${each.count} pairs came down to this:\n${inWords([one, other], each)}`);
  say(`${differences.length} differences, ${passing.length} seen once and not again; seed ${seed}`);
  return differences.length === 0 ? 0 : 1;
}

main(process.argv.slice(2)).then(
  (code) => (process.exitCode = code),
  (error: unknown) => {
    process.stderr.write(`${String((error as Error).stack)}\n`);
    process.exitCode = 1;
  },
);
