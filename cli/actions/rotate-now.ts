// keyturn rotate-now: raises the generation in the stack's settings; --break-glass takes the overlap away too, and
// --end-break-glass puts it back once the former secret is released.
import { UsageError } from "../usage-error";
import {
  beforeBreakGlass,
  breakGlassComment,
  decideRotation,
  endBreakGlassProblem,
} from "../decisions/rotation";
import type { StackOptions } from "../project/project";
import { type StackReading, readStack } from "../project/read-stack";
import { SettingsFile } from "../project/settings-file";
import { writeSettings } from "../project/write-settings";

export interface RotateNowOptions extends StackOptions {
  readonly breakGlass?: boolean;
  readonly endBreakGlass?: boolean;
  readonly supersede?: boolean;
}

const NO_OVERLAP = "PT0S";

/** @returns what to tell the operator */
export async function rotateNow(options: RotateNowOptions): Promise<string> {
  const reading = await readStack(options);
  const file = new SettingsFile(reading.project.settingsPath, reading.project.name);
  if (options.endBreakGlass) return endBreakGlass(reading, file);

  const { project, outputs, settings } = reading;
  const decision = decideRotation(outputs, generationOf(reading), options);
  const expected: Record<string, unknown> = {};
  if (decision.raise) {
    file.set("generation", decision.generation);
    expected["generation"] = decision.generation;
  }
  const overlap = overlapOf(reading);
  const takesOverlap = options.breakGlass && overlap !== NO_OVERLAP;
  if (takesOverlap) {
    const written = file.has("overlap");
    const comment = written ? file.comment("overlap") : "";
    file.set("overlap", NO_OVERLAP);
    file.setComment("overlap", breakGlassComment(written ? overlap : undefined, comment));
    expected["overlap"] = NO_OVERLAP;
  }
  if (Object.keys(expected).length > 0) await writeSettings(project, file, expected);
  return [
    ...(decision.raise ? givenUp(decision.givesUp) : [decision.said]),
    ...(Object.keys(expected).length > 0 ? [file.diff(), "Review and commit it."] : []),
    ...(options.breakGlass ? glassBroken(outputs.history?.active?.label) : overlapped(settings)),
  ].join("\n");
}

function endBreakGlass(reading: StackReading, file: SettingsFile): Promise<string> | string {
  const { project, outputs, settings } = reading;
  const before = beforeBreakGlass(file.comment("overlap"));
  if (before === undefined) {
    throw new UsageError(
      `${project.name}:overlap must bear the mark that --break-glass leaves, to be put back, but does not; it is ${overlapOf(reading)}. Nothing is to be done, or set it by hand.`,
    );
  }
  if (settings["overlap"] !== NO_OVERLAP) {
    throw new UsageError(
      `${project.name}:overlap must still be ${NO_OVERLAP} to be put back, but was set to ${overlapOf(reading)} since. Remove the comment beside it by hand.`,
    );
  }
  const problem = endBreakGlassProblem(outputs, generationOf(reading));
  if (problem !== undefined) {
    throw new UsageError(
      `The overlap may not be put back yet, or the former secret would live on for it: ${problem}, and try again.`,
    );
  }
  return putBack(reading, file, before);
}

async function putBack(
  { project }: StackReading,
  file: SettingsFile,
  before: { readonly overlap: string | undefined; readonly comment: string },
): Promise<string> {
  if (before.overlap === undefined) {
    file.remove("overlap");
    await writeSettings(project, file, {});
  } else {
    file.set("overlap", before.overlap);
    file.setComment("overlap", before.comment);
    await writeSettings(project, file, { overlap: before.overlap });
  }
  return [file.diff(), "The overlap is back. Review and commit it."].join("\n");
}

function generationOf({ settings }: StackReading): number {
  return Number(settings["generation"] ?? 0);
}

function overlapOf({ settings }: StackReading): string {
  return String(settings["overlap"]);
}

function givenUp(label: string | undefined): string[] {
  if (label === undefined) return [];
  return [`${label}, in flight, is given up: it is removed after its successor is adopted.`];
}

function overlapped(settings: Readonly<Record<string, unknown>>): string[] {
  return [
    `The next run issues another secret and hands it over. The former one stays valid for the overlap (${String(settings["overlap"])}) after every consumer is proven on the new one.`,
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
