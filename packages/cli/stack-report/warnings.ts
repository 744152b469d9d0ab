// What in a report asks for a person, in sentences.
import { NO_OVERLAP, REMINDER_DAYS } from "../../../src/decide/schedule";
import { highestGeneration } from "../decisions/rotation";
import type { ReportFacts, StackReport } from "./report";
import { configText } from "../project/config-text";

/** @param until the first day after an overlap that began on a day */
export function warningsOf(
  report: Omit<StackReport, "warnings">,
  { outputs: { history }, config }: ReportFacts,
  until: (day: string) => string,
): string[] {
  const { lastRun, nextRotation, secrets, consumers, day } = report;
  const said = (holds: boolean, sentence: string): string[] => (holds ? [sentence] : []);
  const broken = Number(config["brokenGlass"] ?? 0);
  const inFlight = history?.inFlight;
  const since = inFlight?.since ?? day;
  const waiting = consumers.filter((one) => one.waitingSince !== undefined).map((one) => one.name);
  return [
    ...said(history === undefined, "No run has succeeded yet; nothing is issued. Run pulumi up."),
    ...said(
      lastRun !== undefined && lastRun.result !== "succeeded",
      `The last ${lastRun?.kind ?? "run"} (${lastRun?.at ?? ""}) ended ${lastRun?.result ?? ""}: what is said here is from the last one that succeeded.`,
    ),
    ...said(
      nextRotation !== undefined && nextRotation.inDays < 0,
      `A rotation was due on ${nextRotation?.on ?? ""}, and no run has succeeded since. Look at the scheduled runs, or run pulumi up.`,
    ),
    ...said(
      waiting.length > 0 && inFlight !== undefined && since < day && until(since) <= day,
      `${waiting.join(", ")} must hold ${inFlight?.label ?? ""} since ${until(since)}, when its overlap was over. Runs fail until then.`,
    ),
    ...secrets.flatMap((secret) =>
      said(
        secret.standing === "active" && secret.daysToEnd < REMINDER_DAYS,
        `${secret.epoch}, which the consumers hold, ${secret.daysToEnd < 0 ? "ended" : "ends"} on ${secret.endDate.slice(0, day.length)}.`,
      ),
    ),
    ...said(
      history !== undefined && Number(config["generation"] ?? 0) > highestGeneration(history),
      `The generation was raised to ${String(config["generation"])}: the next run rotates.`,
    ),
    ...said(
      config["overlap"] === NO_OVERLAP,
      "The overlap is PT0S: a former secret is released as soon as its successor is adopted.",
    ),
    ...said(
      broken > 0,
      `The glass is broken since generation ${broken}: a former secret is released as soon as its successor is adopted. Once it is released, put the overlap (${configText(config, "overlap")}) back with \`keyturn rotate-now --end-break-glass\`.`,
    ),
    ...said(
      report.orphans.some(({ standing }) => standing === "unheld"),
      "Orphans bear a name of this credential, and nobody holds their value. Remove them.",
    ),
    ...said(
      report.orphans.some(({ standing }) => standing !== "unheld"),
      "Secrets bear a name of this credential, but the stack does not know them, and a service may hold them. Remove none before you know; take them over with `keyturn adopt` (the notes say how).",
    ),
  ];
}
