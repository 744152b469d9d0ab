// What a run asks Entra's sign-in log, and what the answer comes to: for the consumers, for the secrets that are to go, and for
// whoever is to give the consumers their addresses.
import type { KeyturnConfig } from "../keyturn-config";
import { type AddressQuestion, addressNotes, addressQuestion } from "./address-proposal";
import {
  type AdoptionEvidence,
  type LastSeen,
  type LogQuestion,
  adoptionEvidence,
  canAnswer,
  logNotes,
  notSeenBecause,
  questionOf,
  unseenMachines,
} from "./adoption-evidence";
import type { Sighting } from "./adoption-level";
import {
  type FormerSecret,
  type OutgoingSecret,
  type RecordedUse,
  askedSince,
  formerSecrets,
  weigh,
} from "./former-secrets";
import { type ReleaseEvidence, releaseEvidence } from "./release-evidence";
import type { Plan } from "./run-plan";
import type { LogContents, ProofSpan } from "./sign-ins";

/** What the questions are made of. */
export type QuestionConfig = Pick<
  KeyturnConfig,
  "name" | "consumers" | "confirmations" | "overlap" | "signInLog" | "requireSignInLog"
>;

/** What the stack knows of itself, and the time. */
export interface LogAsker {
  /** What the last run said of consumers that people serve. */
  readonly last: readonly LastSeen[];
  /** The automatic consumers that the log has shown before. */
  readonly sightings: readonly Sighting[];
  /** What earlier runs have seen of the former secrets. */
  readonly formerUses: readonly RecordedUse[];
  /** When our own proofs signed in, as earlier runs have recorded it. */
  readonly proofs: readonly ProofSpan[];
  readonly now: Date;
}

/** What one run asks. */
export interface LogQuestions {
  /** About the consumers, where somebody is in question. */
  readonly asked: LogQuestion | undefined;
  /** The same, where the log can answer it. */
  readonly answerable: LogQuestion | undefined;
  /** The secrets whose successor is adopted. */
  readonly former: readonly OutgoingSecret[];
  readonly addresses: AddressQuestion | undefined;
  /** The first days that these want, one each. */
  readonly days: readonly string[];
}

/** What the log says, and what an operator is told of it. */
export interface LogFindings extends Pick<ReleaseEvidence, "withheld" | "askHosts"> {
  /** The consumers in question that were seen on the secret. */
  readonly evidence: Readonly<Record<string, AdoptionEvidence>>;
  /** Why the log does not show an automatic consumer on it. */
  readonly notSeen: Readonly<Record<string, string>>;
  /** What is known of the use of each secret whose successor is adopted. */
  readonly formerSecrets: readonly FormerSecret[];
  readonly notes: readonly string[];
}

export function logQuestions(
  config: QuestionConfig,
  plan: Plan,
  { last, sightings, formerUses, proofs, now }: LogAsker,
): LogQuestions {
  const shown = sightings.map(({ name, keyId }) => ({ name, keyId, outcome: "seen" }));
  const asked = questionOf(config, plan, [...last, ...shown], now, proofs);
  const answerable = config.signInLog && asked && canAnswer(asked) ? asked : undefined;
  const former = formerSecrets(plan, formerUses);
  const addresses = addressQuestion(config, plan, now);
  const days = [
    ...[answerable, addresses].flatMap((one) => one?.since ?? []),
    ...former.map(askedSince),
  ];
  return { asked, answerable, former, addresses, days };
}

export function logFindings(
  { asked, answerable, former, addresses }: LogQuestions,
  contents: LogContents,
  config: QuestionConfig,
  plan: Plan,
  { formerUses, proofs, now }: LogAsker,
): LogFindings {
  const weighed = former.map((one) => weigh(one, formerUses, config.overlap, contents, now));
  const unseen = answerable ? unseenMachines(answerable, contents) : [];
  const { withheld, askHosts, notes } = releaseEvidence(weighed, plan, config, now, unseen);
  return {
    evidence: answerable && contents.entries ? adoptionEvidence(answerable, contents.entries) : {},
    notSeen: asked ? notSeenBecause(asked, contents) : {},
    formerSecrets: weighed,
    withheld,
    askHosts,
    notes: [
      ...(answerable ? waitingNotes(config.name, answerable, contents) : []),
      ...(addresses ? addressNotes(config.name, addresses, contents, proofs) : []),
      ...notes,
    ],
  };
}

/** What an operator is told of the consumers that wait for people. */
function waitingNotes(name: string, question: LogQuestion, contents: LogContents): string[] {
  if (question.waiting.length === 0) return [];
  if (contents.entries !== undefined) return logNotes(name, question, contents.entries);
  return contents.state === "notAsked" ? [] : [unread(name, question, contents.why)];
}

function unread(name: string, { waiting }: LogQuestion, why: string): string {
  const who = waiting.join(", ");
  return (
    `${name}: the sign-in log could not be asked about ${who}: ${why.replace(/\.$/, "")}. ` +
    `Until then adoption is confirmed by people: keyturn confirm ${waiting[0] ?? ""}`
  );
}
