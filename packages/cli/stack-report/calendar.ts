// A stack's dates as a calendar that people subscribe to or import: the ends of its secrets with reminders 60, 30 and 7 days
// before, and the next rotation. The same stack gives the same identifiers, so that importing it again moves the dates.
import ical, { ICalAlarmType, ICalEventTransparency } from "ical-generator";
import { DateTime } from "luxon";
import type { StackReport } from "./report";

const REMINDER_DAYS = [60, 30, 7];
const DAY_SECONDS = 86_400;

/** Renders the calendar as iCalendar (RFC 5545). */
export function renderCalendar(report: StackReport): string {
  const { credential, stack, secrets, nextRotation, day } = report;
  const calendar = ical({ name: `Keyturn ${credential}`, prodId: "//Keyturn//report//EN" });
  const stamp = DateTime.fromISO(day, { zone: "utc" });
  const wholeDay = (
    date: string,
  ): { start: DateTime; end: DateTime; allDay: true; stamp: DateTime } => {
    const start = DateTime.fromISO(date, { zone: "utc" }).startOf("day");
    return { start, end: start.plus({ days: 1 }), allDay: true, stamp };
  };
  for (const { epoch, keyId, endDate, standing } of secrets) {
    if (standing === "released" || standing === "skipped") continue;
    const event = calendar.createEvent({
      ...wholeDay(endDate),
      id: `${keyId}@${stack}.keyturn`,
      summary: `${credential} ${epoch} ends`,
      description: `Key id ${keyId}, ${standing}. Stack ${stack}. A secret that is replaced in time ends unused.`,
      transparency: ICalEventTransparency.TRANSPARENT,
    });
    for (const days of REMINDER_DAYS) {
      event.createAlarm({
        type: ICalAlarmType.display,
        trigger: days * DAY_SECONDS,
        description: `${credential} ${epoch} ends in ${days} days`,
      });
    }
  }
  if (nextRotation !== undefined) {
    calendar.createEvent({
      ...wholeDay(nextRotation.on),
      id: `next-rotation@${stack}.keyturn`,
      summary: `${credential} rotates`,
      description: `Stack ${stack}. The day's run issues the next secret.`,
      transparency: ICalEventTransparency.TRANSPARENT,
    });
  }
  return calendar.toString();
}
