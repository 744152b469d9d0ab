// keyturn rotate-now: raises the generation in the stack's config; --break-glass takes the overlap away too, and
// --end-break-glass puts it back once the former secret is released.
import { NO_OVERLAP, overlapInForce } from "../../../src/decide/schedule";
import { decideRotation, endBreakGlassProblem } from "../decisions/rotation";
import { changeConfig } from "../project/change-config";
import type { ConfigChange } from "../project/config-change";
import type { StackOptions } from "../project/project";
import { type StackReading, readStack } from "../project/read-stack";
import { UsageError } from "../usage-error";
import { configText } from "../project/config-text";

export interface RotateNowOptions extends StackOptions {
  readonly breakGlass?: boolean;
  readonly endBreakGlass?: boolean;
  readonly supersede?: boolean;
}

/** @returns what to tell the operator */
export async function rotateNow(options: RotateNowOptions): Promise<string> {
  const reading = await readStack(options);
  if (options.endBreakGlass) return endBreakGlass(reading);

  const { outputs } = reading;
  const { generation, overlap, brokenGlass } = keysOf(reading);
  const decision = decideRotation(outputs, generation, options);
  const raised = decision.raise ? decision.generation : generation;
  const breaks = options.breakGlass && overlap !== NO_OVERLAP && brokenGlass !== raised;
  const changes: ConfigChange[] = [
    ...(decision.raise ? [{ path: ["generation"] as const, value: raised }] : []),
    ...(breaks ? [{ path: ["brokenGlass"] as const, value: raised }] : []),
  ];
  return [
    ...(decision.raise ? givenUp(decision.givesUp) : [decision.said]),
    ...(changes.length > 0 ? [await changeConfig(reading, changes), "Review and commit it."] : []),
    ...(options.breakGlass
      ? glassBroken(outputs.history?.active?.label)
      : overlapped(overlapInForce(overlap, brokenGlass))),
  ].join("\n");
}

async function endBreakGlass(reading: StackReading): Promise<string> {
  const { outputs } = reading;
  const { generation, overlap, brokenGlass } = keysOf(reading);
  if (brokenGlass === 0) throw new UsageError(overlap === NO_OVERLAP ? NO_OVERLAP_SET : WHOLE);
  const problem = endBreakGlassProblem(outputs, generation);
  if (problem !== undefined) {
    throw new UsageError(
      `The overlap may not be put back yet, or the former secret would live on for it: ${problem}, and try again.`,
    );
  }
  return [
    await changeConfig(reading, [{ path: ["brokenGlass"], value: 0 }]),
    `The overlap is ${overlap} again. Review and commit it.`,
  ].join("\n");
}

const WHOLE = "The glass is not broken (brokenGlass is 0). Nothing is to be done.";
const NO_OVERLAP_SET =
  "The glass is not broken (brokenGlass is 0), but overlap itself is PT0S. If the comment beside it says what it was, an earlier Keyturn broke the glass: " +
  "once `keyturn report` shows no secret that retires, set it back with `pulumi config set overlap`, such as P14D, and take the comment away.";

function keysOf({ config }: StackReading) {
  return {
    generation: Number(config["generation"] ?? 0),
    overlap: configText(config, "overlap"),
    brokenGlass: Number(config["brokenGlass"] ?? 0),
  };
}

function givenUp(label: string | undefined): string[] {
  if (label === undefined) return [];
  return [`${label}, in flight, is given up: it is removed after its successor is adopted.`];
}

function overlapped(overlap: string): string[] {
  return [
    `The next run issues another secret and hands it over. The former one stays valid for the overlap (${overlap}) after every consumer is proven on the new one.`,
  ];
}

function glassBroken(active: string | undefined): string[] {
  const former = active ?? "the former secret";
  return [
    `The glass is broken: ${former} gets no overlap. It still signs in until every consumer is proven on the next secret, so that no service stops.`,
    `Run pulumi up until it is gone, one run after the other: the first issues and hands over, the next releases ${former}, the one after removes it.`,
    "Then put the overlap back: keyturn rotate-now --end-break-glass.",
  ];
}
