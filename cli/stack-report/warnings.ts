// What in a report asks for a person, in sentences.
import { REMINDER_DAYS } from "../../components/pure/schedule";
import { highestGeneration } from "../decisions/rotation";
import type { ReportFacts, StackReport } from "./model";

/** @param until the first day after an overlap that began on a day */
export function warningsOf(
  report: Omit<StackReport, "warnings">,
  { outputs: { history }, settings }: ReportFacts,
  until: (day: string) => string,
): string[] {
  const { lastRun, nextRotation, secrets, consumers, day } = report;
  const said = (holds: boolean, sentence: string): string[] => (holds ? [sentence] : []);
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
      history !== undefined && Number(settings["generation"] ?? 0) > highestGeneration(history),
      `The generation was raised to ${String(settings["generation"])}: the next run rotates.`,
    ),
    ...said(
      settings["overlap"] === "PT0S",
      "The overlap is PT0S: a former secret is released as soon as its successor is adopted. After break glass, put it back with `keyturn rotate-now --end-break-glass`.",
    ),
    ...said(
      report.orphans.length > 0,
      "Orphans bear a name of this credential, but the stack does not know them: nobody holds their value. Remove them.",
    ),
  ];
}
