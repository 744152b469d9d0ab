// Which consumers the sign-in log shows on a secret: known by their own addresses, with the former secret silent since. People's
// are adopted by it; of a machine, which the host's proof adopts, it raises the level. What cannot be told apart does not
// count: a false adoption would let a secret go that a service still holds.
import { addressesMeet, isOneOf } from "../addresses";
import type { Plan } from "./run-plan";
import type { Confirmation, Consumer, KeyturnConfig } from "../keyturn-config";
import { isAutomatic } from "../keyturn-config";
import type { LogContents, ProofSpan, SeenSignIn, SignIn } from "./sign-ins";
import { instantOf, ownProof, sameId, seenSignIn, usesOf, whenAndWhere } from "./sign-ins";

/** How long the former secret must be silent after a consumer was seen on the new one. */
export const SILENCE_HOURS = 24;
/** How long after the very first sign-in with a secret the next ones may still be our proof's, whatever they are called. */
export const PROOF_MINUTES = 60;

/** A secret and what it is called. */
export interface NamedSecret {
  readonly label: string;
  readonly keyId: string;
}

/** What the log says of one consumer's adoption. */
export interface AdoptionEvidence extends Confirmation {
  /** The sign-in by which it is known. */
  readonly seen: SeenSignIn;
}

/** What a run asks the log about its consumers. */
export interface LogQuestion {
  /** All consumers of the credential. */
  readonly consumers: readonly Pick<Consumer, "name" | "addresses">[];
  /** Names of those that people serve and that wait: the log may adopt them. */
  readonly waiting: readonly string[];
  /** Names of the automatic ones that the log has not shown yet: their adoption is the host's word only. */
  readonly unseen: readonly string[];
  /** The secret that is handed over, or that is held. */
  readonly target: NamedSecret;
  /** The secret before it; undefined in a first deployment. */
  readonly former: NamedSecret | undefined;
  /** The first day that was asked for. */
  readonly since: string;
  /** When our own proofs signed in, as far as it is recorded. */
  readonly proofs?: readonly ProofSpan[];
  /** The time of the run. */
  readonly now: Date;
}

/** What an earlier run came to for one consumer. */
export interface LastSeen {
  readonly name: string;
  readonly outcome: string;
  readonly keyId: string;
}

/**
 * What a run has to ask: undefined when everybody was seen, or when the secret is only about to be issued. Once it is
 * adopted, the automatic consumers are asked about for as long as the log has not shown them: it comes hours later.
 */
export function questionOf(
  { consumers, confirmations }: Pick<KeyturnConfig, "consumers" | "confirmations">,
  plan: Pick<Plan, "target" | "history">,
  last: readonly LastSeen[],
  now: Date,
  proofs: readonly ProofSpan[] = [],
): LogQuestion | undefined {
  const handed = handedSecret(plan);
  if (handed === undefined) return undefined;
  const { target, since, former, inFlight } = handed;
  const same = (one: { readonly keyId: string } | undefined): boolean =>
    sameId(one?.keyId, target.keyId);
  const seen = new Set(
    last.filter((one) => one.outcome === "seen" && same(one)).map(({ name }) => name),
  );
  const unseen = consumers.filter(({ name }) => !seen.has(name));
  const waiting = unseen
    .filter((consumer) => inFlight && !isAutomatic(consumer))
    .map(({ name }) => name)
    .filter((name) => !same(confirmations[name]));
  const machines = unseen.filter(isAutomatic).map(({ name }) => name);
  if (waiting.length + machines.length === 0) return undefined;
  return { consumers, waiting, unseen: machines, target, former, since, proofs, now };
}

/** The secret that the consumers were given, since when, and the one before it. */
function handedSecret({
  target,
  history,
}: Pick<Plan, "target" | "history">):
  (Pick<LogQuestion, "target" | "since" | "former"> & { readonly inFlight: boolean }) | undefined {
  const { inFlight, active, retiring = [] } = history ?? {};
  const named = ({ label, keyId }: NamedSecret): NamedSecret => ({ label, keyId });
  if (inFlight !== undefined) {
    if (inFlight.label !== target.label) return undefined;
    const other = active !== undefined && !sameId(active.keyId, inFlight.keyId);
    const former = other ? named(active) : undefined;
    return { target: named(inFlight), since: inFlight.since, former, inFlight: true };
  }
  if (active?.label !== target.label) return undefined;
  // One that was skipped retires too, but was never held by all.
  const before = retiring.find(
    ({ start, successorAdoptedOn }) =>
      start !== undefined && successorAdoptedOn === active.adoptedOn,
  );
  const former = before && named(before);
  return { target: named(active), since: active.adoptedOn, former, inFlight: false };
}

/** Whether the log can answer: where it can tell nobody apart, it need not be read. */
export function canAnswer({ waiting, unseen, consumers }: LogQuestion): boolean {
  return waiting.length > 0 || unseen.some((name) => untold(name, consumers) === undefined);
}

/** Whether all that the log can say of the consumers is said. */
export function isAnswered(question: LogQuestion, signIns: readonly SignIn[]): boolean {
  const seen = adoptionEvidence(question, signIns);
  return [...question.waiting, ...question.unseen]
    .filter(
      (name) => question.waiting.includes(name) || untold(name, question.consumers) === undefined,
    )
    .every((name) => Object.hasOwn(seen, name));
}

/** The consumers in question that were seen, by name. */
export function adoptionEvidence(
  question: LogQuestion,
  signIns: readonly SignIn[],
): Record<string, AdoptionEvidence> {
  const { keyId } = question.target;
  const found = [...question.waiting, ...question.unseen].flatMap((name) => {
    const standing = standingOf(name, question, signIns);
    if (standing.is !== "adopted") return [];
    const { seen } = standing;
    return [[name, { keyId, on: seen.at.slice(0, DAY), seen: seenSignIn(seen) }] as const];
  });
  return Object.fromEntries(found);
}

/** What an operator is to know of the log: why it adopts a consumer not yet, and who was last seen on the former secret. */
export function logNotes(
  name: string,
  question: LogQuestion,
  signIns: readonly SignIn[],
): string[] {
  const { waiting, target, former, since } = question;
  const standings = waiting.map((who) => ({ who, ...standingOf(who, question, signIns) }));
  const missed = standings.filter(({ is }) => is !== "adopted");
  const those = (is: Standing["is"]): string[] =>
    missed.filter((one) => one.is === is).map(({ who }) => who);
  const notes = NOT_TOLD_APART.flatMap(({ is, from, remedy }) => {
    const who = those(is);
    if (who.length === 0) return [];
    return [
      `the sign-in log cannot tell ${who.join(", ")} from ${from}. ${remedy}, or confirm: keyturn confirm ${who[0] ?? ""}`,
    ];
  });
  for (const one of missed) {
    if (one.is !== "used" && one.is !== "early") continue;
    const seen = `${one.who} was seen on ${target.label} ${whenAndWhere(one.seen)}`;
    notes.push(
      one.is === "used"
        ? `${seen}, but ${nameOf(one.use, former)} was used after that, ${whenAndWhere(one.use)}: the sign-in log adopts nobody before the former secret is silent.`
        : `${seen}; the sign-in log adopts it once ${former?.label ?? ANY_OTHER} has been silent for ${SILENCE_HOURS} hours.`,
    );
  }
  const last = former && usesOf(signIns, former.keyId, question.proofs).at(-1);
  if (former !== undefined && missed.length > 0) {
    notes.push(
      last === undefined
        ? `nobody has signed in with ${former.label} since ${since}, as far as the sign-in log says.`
        : `${former.label} was last used ${whenAndWhere(last)}, says the sign-in log.`,
    );
  }
  return notes.map((note) => `${name}: ${note}`);
}

/** Why the log does not show an automatic consumer on the secret, by name; those that it shows are left out. */
export function notSeenBecause(question: LogQuestion, log: LogContents): Record<string, string> {
  const found = question.unseen.flatMap((name) => {
    const why = notSeen(standingOf(name, question, log.entries ?? []), question, log);
    return why === undefined ? [] : [[name, why] as const];
  });
  return Object.fromEntries(found);
}

/**
 * The machines that all of the log does not show on the secret once, though it could tell them: whatever their hosts say, they may
 * not sign in at all, and then the silence of the former secret proves nothing.
 */
export function unseenMachines(question: LogQuestion, log: LogContents): string[] {
  const { entries } = log;
  if (entries === undefined || !log.complete) return [];
  return question.unseen.filter((name) => standingOf(name, question, entries).is === "unseen");
}

function notSeen(
  standing: Standing,
  { target, former, since }: LogQuestion,
  log: LogContents,
): string | undefined {
  const apart = NOT_TOLD_APART.find(({ is }) => is === standing.is);
  if (apart !== undefined) {
    return `the sign-in log cannot tell it from ${apart.from}. ${apart.remedy}`;
  }
  if (log.entries === undefined) return log.why;
  if (standing.is === "unseen") {
    const none = `the sign-in log shows no sign-in with ${target.label} from its addresses since ${since} yet`;
    return log.complete ? none : `${none}, as far as it was read`;
  }
  if (standing.is === "used") {
    return `${nameOf(standing.use, former)} was used ${whenAndWhere(standing.use)}, after it was seen on ${target.label}`;
  }
  return standing.is === "early"
    ? `seen on ${target.label} ${whenAndWhere(standing.seen)}, but ${former?.label ?? ANY_OTHER} has not been silent for ${SILENCE_HOURS} hours since`
    : undefined;
}

const ANY_OTHER = "every other secret";

/** The secret of a use by which nobody is adopted. */
function nameOf({ keyId = "" }: SignIn, former: NamedSecret | undefined): string {
  return former !== undefined && sameId(keyId, former.keyId)
    ? former.label
    : `another secret (key id ${keyId})`;
}

/** What the log says of one consumer. */
type Standing =
  | { readonly is: "noAddress" | "alike" | "runner" | "unseen" }
  | { readonly is: "used"; readonly seen: SignIn; readonly use: SignIn }
  | { readonly is: "early" | "adopted"; readonly seen: SignIn };

const NOT_TOLD_APART: readonly {
  readonly is: Standing["is"];
  readonly from: string;
  readonly remedy: string;
}[] = [
  {
    is: "noAddress",
    from: "an administrator or a reader of the vault who tries the secret",
    remedy: "Give it its own addresses (the public IPs that it signs in from)",
  },
  {
    is: "alike",
    from: "the other consumers",
    remedy: "Give every consumer its own addresses (the public IPs that it signs in from)",
  },
  {
    is: "runner",
    from: "Keyturn's own proof, which signs in from the same address",
    remedy: "Run Keyturn from another address",
  },
];

function standingOf(name: string, question: LogQuestion, signIns: readonly SignIn[]): Standing {
  const { consumers, target, former, proofs, now } = question;
  const not = untold(name, consumers);
  if (not !== undefined) return { is: not };
  const isOwn = isOneOf(consumers.find((consumer) => consumer.name === name)?.addresses ?? []);
  const isOthers = isOneOf(
    consumers.flatMap((one) => (one.name === name ? [] : (one.addresses ?? []))),
  );
  const isProof = ownProof(signIns, target.keyId, proofs);
  if (signIns.some((one) => isProof(one) && isOwn(one.ipAddress))) return { is: "runner" };

  const seen = afterTheProof(signIns, target.keyId, proofs).filter(({ ipAddress }) =>
    isOwn(ipAddress),
  );
  const first = seen[0];
  if (first === undefined) return { is: "unseen" };
  const use = [
    // From an address that is nobody's it may be this consumer's: only what is known to be another's does not count.
    ...(former === undefined ? [] : usesOf(signIns, former.keyId, proofs)).filter(
      ({ ipAddress }) => !isOthers(ipAddress),
    ),
    // Whoever goes on with any other secret at its own address may be this consumer, and who tried the new one a person.
    ...othersThan(signIns, target.keyId).filter(({ ipAddress }) => isOwn(ipAddress)),
  ]
    .sort((one, other) => instantOf(one) - instantOf(other))
    .at(-1);
  if (former === undefined && use === undefined) return { is: "adopted", seen: first };
  const since = seen.find((one) => use === undefined || instantOf(one) > instantOf(use));
  if (since === undefined) return { is: "used", seen: first, use: use ?? first };
  const silent = now.getTime() - instantOf(since) >= SILENCE_HOURS * HOUR;
  return { is: silent ? "adopted" : "early", seen: since };
}

/** Why no entry could be known for a consumer's, whatever the log holds; undefined where one could. */
function untold(
  name: string,
  consumers: LogQuestion["consumers"],
): "noAddress" | "alike" | undefined {
  const own = consumers.find((consumer) => consumer.name === name)?.addresses;
  const others = consumers.filter((consumer) => consumer.name !== name);
  if (own === undefined) return others.length === 0 ? "noAddress" : "alike";
  const apart = others.every(
    ({ addresses }) => addresses !== undefined && !addressesMeet(addresses, own),
  );
  return apart ? undefined : "alike";
}

/**
 * Sign-ins with the new secret that cannot be our proof's even if Entra shows its request id nowhere: the proof is the
 * first that has the value, and is over within the hour.
 */
function afterTheProof(
  signIns: readonly SignIn[],
  keyId: string,
  proofs: readonly ProofSpan[] | undefined,
): SignIn[] {
  const instants = signIns.filter((one) => one.ok && sameId(one.keyId, keyId)).map(instantOf);
  const begun = Math.min(...instants);
  return usesOf(signIns, keyId, proofs).filter(
    (one) => instantOf(one) - begun >= PROOF_MINUTES * MINUTE,
  );
}

/** Successful sign-ins with any other secret. */
function othersThan(signIns: readonly SignIn[], keyId: string): SignIn[] {
  return signIns.filter((one) => one.ok && one.keyId !== undefined && !sameId(one.keyId, keyId));
}

const DAY = "2026-05-01".length;
const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
