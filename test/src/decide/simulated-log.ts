// The model of the sign-in log: who signed in with what, and what of that a run gets to read, late, in part or not at all.
import type { DateTime } from "luxon";
import { proofRequestId } from "../../../src/contracts/prove";
import type { AdoptionEvidence } from "../../../src/decide/adoption-evidence";
import type { LogContents, SignIn } from "../../../src/decide/sign-ins";
import { holds } from "./invariants";

/** What a run gets of the log: all, all but the last hours, its newest entries, or nothing. */
export type LogMood = "read" | "late" | "partial" | "unread";

const KEPT_DAYS = 30;
const LATE_HOURS = 12;
const NEWEST = 12;
/** What no clock that goes back and no log that remembers reaches any more. */
const FORGOTTEN_DAYS = 250;

interface Happened extends SignIn {
  readonly instant: number;
  /** Who it was, whatever the address says. */
  readonly by: string;
}

/** What happened, whoever may read it. */
export class SimulatedLog {
  #signIns: Happened[] = [];
  /** By key id, the latest use that a run has seen and recorded. */
  readonly #known = new Map<string, number>();
  #read: readonly Happened[] = [];

  /** Somebody signs in from an address. @param by who that is, where it is not the address's own */
  public signIn(address: string, keyId: string, now: DateTime, by: string = address): void {
    const instant = now.toMillis();
    const correlationId = address === RUNNER ? proofRequestId(keyId) : "";
    this.#signIns.push({
      at: new Date(instant).toISOString(),
      keyId,
      ipAddress: address,
      requestId: "",
      correlationId,
      resource: "Microsoft Graph",
      ok: true,
      instant,
      by,
    });
  }

  /** Our own proof of a secret. */
  public prove(keyId: string, now: DateTime): void {
    this.signIn(RUNNER, keyId, now);
  }

  /** What one run reads. */
  public read(mood: LogMood, now: DateTime): LogContents {
    const forgotten = now.minus({ days: FORGOTTEN_DAYS }).toMillis();
    this.#signIns = this.#signIns.filter(({ instant }) => instant >= forgotten);
    this.#read = [];
    if (mood === "unread") return { entries: undefined, why: "Graph is throttled" };
    const last = now.minus({ hours: mood === "late" ? LATE_HOURS : 0 }).toMillis();
    const first = now.minus({ days: KEPT_DAYS }).toMillis();
    const all = this.#signIns
      .filter(({ instant }) => instant <= last && instant >= first)
      .sort((one, other) => other.instant - one.instant);
    this.#read = mood === "partial" ? all.slice(0, NEWEST) : all;
    return { entries: this.#read, complete: mood !== "partial" };
  }

  /** The last run has recorded what it read of the secrets whose successor was adopted. */
  public remember(former: readonly { readonly keyId: string }[]): void {
    const keyIds = new Set(former.map(({ keyId }) => keyId));
    for (const one of this.#read) {
      const { keyId = "" } = one;
      if (keyIds.has(keyId) && isUse(one))
        this.#known.set(keyId, Math.max(this.#latest(keyId), Date.parse(one.at)));
    }
  }

  /** A secret goes. @param retiredAt when its successor was adopted */
  public lookAtRemoval(keyId: string, retiredAt: DateTime | undefined, now: DateTime): void {
    const read = this.#read.filter((one) => one.keyId === keyId && isUse(one));
    const last = Math.max(this.#latest(keyId), ...read.map(({ at }) => Date.parse(at)));
    const counts = retiredAt !== undefined && last > retiredAt.endOf("day").toMillis();
    holds(
      "a secret is never removed while it is in use, as far as the log let any run know",
      !counts || last < now.minus({ days: KEPT_DAYS }).toMillis(),
      keyId,
    );
  }

  /** Looks at whom the log shows on a secret. @param silent those who hold a secret that Entra accepts no more */
  public lookAtEvidence(
    evidence: Readonly<Record<string, AdoptionEvidence>>,
    silent: ReadonlySet<string>,
  ): void {
    for (const [name, { keyId }] of Object.entries(evidence)) {
      // Of one that cannot sign in, nobody can tell a person at its address.
      if (silent.has(name)) continue;
      holds(
        "nobody is adopted by somebody else's sign-in",
        this.#signIns.some((one) => one.by === name && one.keyId === keyId),
        name,
      );
    }
  }

  #latest(keyId: string): number {
    return this.#known.get(keyId) ?? Number.NEGATIVE_INFINITY;
  }
}

const RUNNER = "runner";

function isUse({ ipAddress }: SignIn): boolean {
  return ipAddress !== RUNNER;
}
