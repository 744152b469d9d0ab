// Whether somebody holds a secret that the stack does not know: by the consumers' last reports and the sign-in log. That
// nobody does is said only where both show it; everything else is unknown.
import { DateTime } from "luxon";
import { z } from "zod";
import type { AdoptedSecret } from "../keyturn-config";
import type { ListedSecret } from "./listed-secret";
import { MORE_THAN_ONE_RUN_READS } from "./log-state";
import type { LogContents } from "./sign-ins";
import { NOT_ASKED, sameId, usesOf, whenAndWhere } from "./sign-ins";

/** Whether a service holds a secret. */
export type Standing = "held" | "unheld" | "unknown";

/** What one consumer's last report says. */
export interface HeldSecret {
  readonly name: string;
  /** Key id of the secret that it holds; undefined when it has not said. */
  readonly keyId: string | undefined;
}

/** What is known about who holds which secret: the consumers' last reports, the sign-in log, and what people took over. */
export interface Witnesses {
  /** What every configured consumer holds. */
  readonly consumers: readonly HeldSecret[];
  readonly log: LogContents;
  /** The secrets that are taken over, by key id. */
  readonly adopted: Readonly<Record<string, AdoptedSecret>>;
  readonly overlap: string;
  /** The UTC day of the run. */
  readonly today: string;
  readonly now: Date;
}

/** Where neither the consumers nor the log could be asked: every unknown secret then stays unknown. */
export const NO_WITNESS: Witnesses = {
  consumers: [],
  log: NOT_ASKED,
  adopted: {},
  overlap: "P14D",
  today: "",
  now: new Date(0),
};

/** What the log may miss: it comes late, and it forgets. */
const LOG_LATE_HOURS = 24;
const LOG_KEEPS_DAYS = 29;

/** Whether somebody holds a secret that the stack does not know, and why that is believed. @param listed all secrets on the application, with the days on which Entra issued them */
export function standingOf(
  secret: ListedSecret,
  listed: readonly ListedSecret[],
  { consumers, log, now }: Witnesses,
): { readonly standing: Standing; readonly because: string } {
  const { keyId } = secret;
  const holder = consumers.find((one) => sameId(one.keyId, keyId));
  if (holder !== undefined) {
    return { standing: "held", because: `${holder.name} holds it, says its last report` };
  }
  const use = usesOf(log.entries ?? [], keyId).at(-1);
  if (use !== undefined) {
    return { standing: "held", because: `somebody signed in with it ${whenAndWhere(use)}` };
  }
  const missing = [
    ...logGaps(secret, log, now),
    // A report is newer than the secret only if it is about one that Entra issued later: no other clock is trusted.
    ...(consumers.length === 0 ? ["no consumer has reported"] : []),
    ...consumers
      .filter((one) => !(issuedAt(listed, one.keyId) > instant(secret.startDate)))
      .map(({ name }) => `${name} has not reported since it was issued`),
  ];
  return missing.length > 0
    ? { standing: "unknown", because: missing.join("; ") }
    : {
        standing: "unheld",
        because:
          "the sign-in log shows no use of it since it was issued, and every consumer holds a later secret",
      };
}

function logGaps({ startDate }: ListedSecret, log: LogContents, now: Date): string[] {
  if (log.entries === undefined) return [log.why];
  if (!log.complete) return [log.why ?? MORE_THAN_ONE_RUN_READS];
  const hours = (now.getTime() - instant(startDate)) / HOUR;
  if (hours < LOG_LATE_HOURS) return ["the sign-in log may not have come to it yet"];
  return hours > LOG_KEEPS_DAYS * 24 ? ["it is older than what the sign-in log remembers"] : [];
}

const consumerReport = z.object({
  name: z.string(),
  adopted: z.boolean(),
  keyId: z.string(),
  heldKeyId: z.string().nullish(),
});

/** What the configured consumers hold, by the output `consumers` of the last run. */
export function heldSecrets(output: unknown, configured: readonly string[]): HeldSecret[] {
  const entries: unknown[] = Array.isArray(output) ? output : [];
  const reports = entries.flatMap((entry) => consumerReport.safeParse(entry).data ?? []);
  return configured.map((name) => {
    const report = reports.find((one) => one.name === name);
    return { name, keyId: report?.heldKeyId ?? (report?.adopted ? report.keyId : undefined) };
  });
}

function issuedAt(listed: readonly ListedSecret[], keyId: string | undefined): number {
  const found = listed.find((one) => sameId(keyId, one.keyId));
  return found === undefined ? Number.NaN : instant(found.startDate);
}

function instant(text: string): number {
  return DateTime.fromISO(text, { zone: "utc" }).toMillis();
}

const HOUR = 3_600_000;
