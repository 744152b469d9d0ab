// From where a secret that the consumers have held for a week is used, for an automatic consumer whose addresses the config does
// not say: a proposal, which a person confirms by putting it there. Nothing is taken from it: anybody may have signed in.
import { isAddress, isOneOf, plainAddress } from "../addresses";
import type { KeyturnConfig } from "../keyturn-config";
import { isAutomatic } from "../keyturn-config";
import type { NamedSecret } from "./adoption-evidence";
import { MORE_THAN_ONE_RUN_READS } from "./log-state";
import type { Plan } from "./run-plan";
import { dayOf, dayText } from "./schedule";
import type { LogContents, ProofSpan, SignIn } from "./sign-ins";
import { instantOf, usesOf } from "./sign-ins";

/** What a run asks the log to propose addresses. */
export interface AddressQuestion {
  /** The automatic consumers of which the config names no address. */
  readonly consumers: readonly string[];
  /** The addresses of the others. */
  readonly known: readonly string[];
  /** The secret that all of them hold, or held before the latest adoption. */
  readonly secret: NamedSecret;
  /** The days that are looked at, the first and the last one. */
  readonly since: string;
  readonly until: string;
}

/** How long a consumer is looked at: one that syncs every day, or on working days only, has shown itself. */
const WATCHED_DAYS = 7;
/** More than these are a range that nobody can tell from single addresses. */
const MOST_PROPOSED = 8;

/**
 * What is to be asked; undefined where every automatic consumer has its addresses, and in the first week of the first secret.
 * Of a secret that was adopted less than a week ago, it is its predecessor that the services were seen with.
 */
export function addressQuestion(
  { consumers }: Pick<KeyturnConfig, "consumers">,
  { history }: Pick<Plan, "history">,
  now: Date,
): AddressQuestion | undefined {
  const without = consumers.filter((one) => isAutomatic(one) && one.addresses === undefined);
  const { active, retiring = [] } = history ?? {};
  if (active === undefined || without.length === 0) return undefined;
  const today = dayText(dayOf(now));
  const weekBefore = (day: string): string => dayText(dayOf(day).minus({ days: WATCHED_DAYS }));
  const isHeldLong = active.adoptedOn <= weekBefore(today);
  const former = retiring.find(
    ({ start, successorAdoptedOn }) =>
      start !== undefined && successorAdoptedOn === active.adoptedOn,
  );
  const secret = isHeldLong ? active : former;
  if (secret === undefined) return undefined;
  const until = isHeldLong ? today : active.adoptedOn;
  const { label, keyId } = secret;
  return {
    consumers: without.map(({ name }) => name),
    known: consumers.flatMap(({ addresses = [] }) => addresses),
    secret: { label, keyId },
    since: weekBefore(until),
    until,
  };
}

/** What an operator is told: the addresses that were seen, and the line that makes them a consumer's. @param name the credential's */
export function addressNotes(
  name: string,
  question: AddressQuestion,
  log: LogContents,
  proofs: readonly ProofSpan[] = [],
): string[] {
  const seen = seenAddresses(question, log, proofs);
  if (log.entries === undefined || seen.length === 0) return [];
  const { consumers, secret, since, until } = question;
  const part = log.complete
    ? ""
    : `, as far as it was read (${log.why ?? MORE_THAN_ONE_RUN_READS})`;
  const shown = seen.slice(0, MOST_PROPOSED).map(inWords);
  const more = seen.length > shown.length ? ` and ${seen.length - shown.length} more` : "";
  const told =
    `${name}: no addresses are given for ${consumers.join(", ")}. From ${since} to ${until} the sign-in log shows ` +
    `${secret.label} used from ${shown.join(", ")}${more}${part}.`;
  return [`${told} ${whatToDo(question, seen, more !== "")}`];
}

function whatToDo({ consumers }: AddressQuestion, seen: readonly Seen[], tooMany: boolean): string {
  const [only, second] = consumers;
  if (tooMany) {
    return `Those are too many to propose: give ${consumers.join(", ")} its range, such as addresses: ["203.0.113.0/24"].`;
  }
  const line = `addresses: [${seen.map(({ address }) => `"${address}"`).join(", ")}]`;
  return second === undefined
    ? `If nobody else signs in from there, put this line into ${only ?? ""}'s entry of keyturn:consumers: ${line}`
    : `Find out whose each is, and put into each one's entry of keyturn:consumers its own of this line: ${line}`;
}

interface Seen {
  readonly address: string;
  readonly times: number;
  readonly last: string;
}

/** The most used first. */
function seenAddresses(
  { known, secret, since, until }: AddressQuestion,
  { entries = [] }: LogContents,
  proofs: readonly ProofSpan[],
): Seen[] {
  const isKnown = isOneOf(known);
  const found = new Map<string, Seen>();
  for (const one of usesOf(entries, secret.keyId, proofs)) {
    const address = plainAddress(one.ipAddress);
    if (!isBetween(one, since, until) || !isAddress(address) || isKnown(address)) continue;
    const times = (found.get(address)?.times ?? 0) + 1;
    found.set(address, { address, times, last: one.at });
  }
  return [...found.values()].sort((a, b) => b.times - a.times);
}

function isBetween(one: SignIn, since: string, until: string): boolean {
  const at = instantOf(one);
  const end = dayText(dayOf(until).plus({ days: 1 }));
  return at >= Date.parse(`${since}T00:00:00Z`) && at < Date.parse(`${end}T00:00:00Z`);
}

function inWords({ address, times, last }: Seen): string {
  const often = times === 1 ? "once, at" : `${times} times, last at`;
  return `${address} (${often} ${last.slice(0, MINUTE)}Z)`;
}

const MINUTE = "2026-05-01T00:00".length;
