// Which waiting consumers the sign-in log shows on the new secret, and who was last seen on the former one. What cannot be
// told apart does not count: a false adoption would let a secret go that a service still holds.
import type { Plan } from "./plan";
import { proofRequestId } from "./proof";
import type { Confirmation, Consumer, Settings } from "./settings";
import { isAutomatic } from "./settings";

/** One entry of the sign-in log. */
export interface SignIn {
  readonly at: string;
  /** Key id of the secret that was used; absent when none matched. */
  readonly keyId: string | undefined;
  readonly ipAddress: string;
  /** What the client called its request; our own proof's is known. */
  readonly requestId: string;
  readonly ok: boolean;
}

/** What a run asks the log about. */
export interface LogQuestion {
  /** All consumers of the credential. */
  readonly consumers: readonly Pick<Consumer, "name" | "address">[];
  /** Names of those that wait. */
  readonly waiting: readonly string[];
  /** The secret that is handed over, and the request ids of the proof's own sign-ins with it. */
  readonly keyId: string;
  readonly proofRequestId: string;
  /** The secret before it. */
  readonly former?:
    { readonly label: string; readonly keyId: string; readonly proofRequestId: string } | undefined;
  /** The first day that was asked for. */
  readonly since: string;
}

/** What an earlier run came to for one consumer. */
export interface LastSeen {
  readonly name: string;
  readonly outcome: string;
  readonly keyId: string;
}

/** What a run has to ask: undefined when nobody waits, or when the secret is only about to be issued. */
export function questionOf(
  { consumers, confirmations }: Pick<Settings, "consumers" | "confirmations">,
  plan: Pick<Plan, "target" | "history">,
  last: readonly LastSeen[],
): LogQuestion | undefined {
  const { inFlight, active } = plan.history ?? {};
  if (inFlight === undefined || inFlight.label !== plan.target.label) return undefined;
  const { keyId, since } = inFlight;
  const same = (one: { readonly keyId: string } | undefined): boolean =>
    one?.keyId.toLowerCase() === keyId.toLowerCase();
  const seen = new Set(
    last.filter((one) => one.outcome === "seen" && same(one)).map(({ name }) => name),
  );
  const waiting = consumers
    .filter((consumer) => !isAutomatic(consumer))
    .map(({ name }) => name)
    .filter((name) => !seen.has(name) && !same(confirmations[name]));
  if (waiting.length === 0) return undefined;
  const former =
    active === undefined || active.keyId === keyId
      ? undefined
      : { label: active.label, keyId: active.keyId, proofRequestId: proofRequestId(active.keyId) };
  return { consumers, waiting, keyId, proofRequestId: proofRequestId(keyId), former, since };
}

/** The waiting consumers that were seen, by name. */
export function sightingsIn(
  question: LogQuestion,
  signIns: readonly SignIn[],
): Record<string, Confirmation> {
  const { consumers, waiting, keyId, proofRequestId } = question;
  const used = uses(signIns, { keyId, proofRequestId });
  const found = consumers
    .filter(({ name }) => waiting.includes(name) && isDistinct(name, consumers))
    .flatMap(({ name, address }) => {
      const first = used
        .filter(({ ipAddress }) => address === undefined || plain(ipAddress) === plain(address))
        .map(({ at }) => at)
        .sort()[0];
      return first === undefined ? [] : [[name, { keyId, on: first.slice(0, DAY) }] as const];
    });
  return Object.fromEntries(found);
}

/** What an operator is to know of the log: who cannot be told apart, and who was last seen on the former secret. */
export function logNotes(
  name: string,
  question: LogQuestion,
  signIns: readonly SignIn[],
  seen: Readonly<Record<string, Confirmation>>,
): string[] {
  const { consumers, waiting, former, since } = question;
  const missed = waiting.filter((one) => !Object.hasOwn(seen, one));
  const alike = missed.filter((one) => !isDistinct(one, consumers));
  const last =
    former &&
    uses(signIns, former)
      .sort((a, b) => a.at.localeCompare(b.at))
      .at(-1);
  return [
    ...(alike.length === 0
      ? []
      : [
          `${name}: the sign-in log cannot tell ${alike.join(", ")} from the other consumers. Give every consumer its own ` +
            `address (the public IP that it signs in from), or confirm: keyturn confirm ${alike[0] ?? ""}`,
        ]),
    ...(former === undefined || missed.length === 0
      ? []
      : [
          last === undefined
            ? `${name}: nobody has signed in with ${former.label} since ${since}, as far as the sign-in log says.`
            : `${name}: ${former.label} was last used at ${last.at.slice(0, MINUTE)}Z from ${last.ipAddress}, says the sign-in log.`,
        ]),
  ];
}

const DAY = "2026-05-01".length;
const MINUTE = "2026-05-01T00:00".length;

/** Whether an entry can only be this consumer's: it is the only one, or each of them has an address of its own. */
function isDistinct(name: string, consumers: LogQuestion["consumers"]): boolean {
  const own = consumers.find((consumer) => consumer.name === name)?.address;
  const others = consumers.filter((consumer) => consumer.name !== name);
  if (others.length === 0) return true;
  return (
    own !== undefined &&
    others.every(({ address }) => address !== undefined && plain(address) !== plain(own))
  );
}

/** Successful sign-ins with a secret, other than our own proof's. */
function uses(
  signIns: readonly SignIn[],
  secret: { readonly keyId: string; readonly proofRequestId: string },
): SignIn[] {
  const same = (one: string | undefined, other: string): boolean =>
    one?.toLowerCase() === other.toLowerCase();
  return signIns.filter(
    ({ ok, keyId, requestId }) =>
      ok && same(keyId, secret.keyId) && !same(requestId, secret.proofRequestId),
  );
}

/** An address as it is compared: IPv4 in IPv6's clothes is IPv4. */
function plain(address: string): string {
  return address.toLowerCase().replace(/^::ffff:(?=\d+\.)/, "");
}
