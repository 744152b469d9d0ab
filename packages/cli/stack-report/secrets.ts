// The secrets of a stack's history, one row each, with their standing in words.
import type { DateTime } from "luxon";
import type { History } from "../../../src/decide/history";
import type { FormerSecretUse } from "../project/outputs";
import { dayOf } from "../../../src/decide/schedule";

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
  uses: readonly FormerSecretUse[] = [],
): SecretRow[] {
  if (history === undefined) return [];
  const { active, inFlight, retiring, skipped, released } = history;
  const row = (
    { label, keyId, endDate }: { label: string; keyId: string; endDate: string },
    standing: SecretRow["standing"],
    detail: string,
  ): SecretRow => {
    const daysToEnd = Math.round(dayOf(endDate).diff(today, "days").days);
    const use = uses.find((one) => one.keyId === keyId);
    const told = use === undefined ? detail : `${detail}; ${useText(use)}`;
    return { epoch: label, keyId, standing, endDate, daysToEnd, detail: told };
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
    ...skipped.map((one) =>
      row(one, "skipped", "never adopted, retires once its successor is adopted"),
    ),
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

function useText({ lastUse, unusedSince, provenByLog, why }: FormerSecretUse): string {
  const used =
    lastUse && `last used at ${lastUse.at} from ${lastUse.address} for ${lastUse.resource}`;
  const silent = unusedSince === undefined ? undefined : `unused since ${unusedSince}`;
  const log = provenByLog ? undefined : `not proven by log (${why ?? "it was not asked"})`;
  return [used ?? silent, log].filter((part) => part !== undefined).join(", ");
}
