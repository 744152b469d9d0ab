// The secrets of a stack's history, one row each, with their standing in words.
import type { DateTime } from "luxon";
import type { History } from "../../components/pure/history";
import { dayOf } from "../../components/pure/schedule";

export interface SecretRow {
  readonly epoch: string;
  readonly keyId: string;
  readonly standing: "active" | "in flight" | "retiring" | "skipped" | "released";
  readonly endDate: string;
  /** Negative once it has ended. */
  readonly daysToEnd: number;
  /** Since when, until when. */
  readonly detail: string;
}

/** @param until the first day on which a secret may be released whose successor was adopted on a day */
export function secretRows(
  history: History | undefined,
  today: DateTime,
  until: (adoptedOn: string) => string,
): SecretRow[] {
  if (history === undefined) return [];
  const { active, inFlight, retiring, skipped, released } = history;
  const row = (
    { label, keyId, endDate }: { label: string; keyId: string; endDate: string },
    standing: SecretRow["standing"],
    detail: string,
  ): SecretRow => {
    const daysToEnd = Math.round(dayOf(endDate).diff(today, "days").days);
    return { epoch: label, keyId, standing, endDate, daysToEnd, detail };
  };
  return [
    ...released.map((one) => row(one, "released", "the next run removes it")),
    ...retiring.map((one) =>
      row(
        one,
        "retiring",
        `successor adopted ${one.successorAdoptedOn}, released from ${until(one.successorAdoptedOn)}`,
      ),
    ),
    ...(active ? [row(active, "active", `adopted ${active.adoptedOn}`)] : []),
    ...skipped.map((one) => row(one, "skipped", "never adopted, goes with its successor")),
    ...(inFlight
      ? [
          row(
            inFlight,
            "in flight",
            `since ${inFlight.since}, attempt ${Number.parseInt(inFlight.attempt, 10)}`,
          ),
        ]
      : []),
  ];
}
