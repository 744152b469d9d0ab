// Runs the engine on a stack that has nothing to do, and takes the time: to the program's first resource, and whole.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { performance } from "node:perf_hooks";
import { createInterface } from "node:readline";
import { text } from "node:stream/consumers";

export type Environment = Readonly<Record<string, string>>;

/** The engine's own resources: the stack, and references to stacks. */
const OWN_TYPES = "pulumi:pulumi:";

/** Characters of a failed run's words that are shown, the last ones. */
const TOLD = 4000;

interface EngineLine {
  readonly resourcePreEvent?: { readonly metadata: { readonly type: string } };
}

/** Milliseconds from the start of `pulumi preview` until the engine has the first resource that is the program's. */
export async function timeToFirstResource(environment: Environment): Promise<number> {
  const began = performance.now();
  // The engine writes each event as it happens; our own clock reads them, since theirs counts whole seconds.
  const run = preview(["--json"], { ...environment, PULUMI_ENABLE_STREAMING_JSON_PREVIEW: "true" });
  let elapsed: number | undefined;
  createInterface({ input: run.output }).on("line", (line) => {
    if (elapsed !== undefined || !line.includes('"resourcePreEvent"')) return;
    const type = (JSON.parse(line) as EngineLine).resourcePreEvent?.metadata.type;
    if (type?.startsWith(OWN_TYPES) === false) elapsed = performance.now() - began;
  });
  await run.ended;
  if (elapsed === undefined) throw new Error("pulumi preview showed no resource of the program.");
  return elapsed;
}

/** Milliseconds that a whole `pulumi preview` takes; it must find nothing to do. */
export async function timeOfPreview(
  environment: Environment,
  flags: readonly string[] = [],
): Promise<number> {
  const began = performance.now();
  const run = preview(["--expect-no-changes", ...flags], environment);
  await run.ended;
  return performance.now() - began;
}

function preview(flags: readonly string[], environment: Environment) {
  const child = spawn("pulumi", ["preview", "--non-interactive", ...flags], {
    env: { ...process.env, ...environment },
    stdio: ["ignore", "pipe", "pipe"],
  });
  // The engine tells what went wrong on either.
  const told = Promise.all([text(child.stdout), text(child.stderr)]);
  const ended = once(child, "close").then(async ([code]) => {
    if (code === 0) return;
    throw new Error(`pulumi preview failed:\n${(await told).join("").trim().slice(-TOLD)}`);
  });
  return { output: child.stdout, ended };
}
