// The rehearsal's report as text: facts that were read from the lab and the stack, one line each.
// Pure: whoever calls it has read the facts.
import type { PolicyTally } from "./lab-policy";
import { table } from "../cli/table";

/** One rotation, as the lab's service manager and the stack's outputs tell it. */
export interface RotationFacts {
  readonly epoch: string;
  readonly keyId: string;
  /** When the service was stopped for it, host clock; absent if it never was. */
  readonly stoppedAt?: string;
  /** Milliseconds from the stop to the next start. */
  readonly downtimeMs?: number;
  readonly restarts: number;
  readonly failedSyncs: number;
  readonly documentsLost: number;
}

/** A secret that Entra's token endpoint accepts at this moment. */
export interface AcceptedSecret {
  readonly displayName: string;
  readonly keyId: string;
  readonly until: string;
  /** What the stack's history says of it: active, retiring until …, not ours. */
  readonly standing: string;
}

/** What a rehearsal reads at its end. */
export interface RehearsalFacts {
  readonly labNow: string;
  readonly rotations: readonly RotationFacts[];
  readonly accepted: readonly AcceptedSecret[];
  /** Key id and time of the service's own last sign-in, from Entra's sign-in log. */
  readonly lastSignIn?: { readonly keyId: string; readonly at: string };
  readonly nextRotation: string;
  readonly noopReason: string;
  /** What the policy pack said of all runs. */
  readonly policy: PolicyTally;
}

/** @returns the report, one fact a line, ready to print. */
export function renderReport(facts: RehearsalFacts): string {
  return [
    `Rehearsal report, read from the lab and the stack (lab clock ${facts.labNow})`,
    "",
    ...table(
      [
        "rotation",
        "epoch",
        "key id",
        "service stopped (host clock)",
        "for",
        "failed syncs",
        "lost",
      ],
      facts.rotations.map((rotation, index) => [
        String(index + 1),
        rotation.epoch,
        rotation.keyId,
        rotation.stoppedAt ?? "not stopped",
        rotation.downtimeMs === undefined ? "-" : `${(rotation.downtimeMs / 1000).toFixed(2)} s`,
        String(rotation.failedSyncs),
        String(rotation.documentsLost),
      ]),
    ),
    "",
    "Entra accepts now:",
    ...table(
      ["secret", "key id", "until", "standing"],
      facts.accepted.map((secret) => [
        secret.displayName,
        secret.keyId,
        secret.until,
        secret.standing,
      ]),
    ),
    "",
    facts.lastSignIn === undefined
      ? "The service has not signed in yet."
      : `The service last signed in with key id ${facts.lastSignIn.keyId}, at ${facts.lastSignIn.at}.`,
    `Next rotation due: ${facts.nextRotation}`,
    ...policyLines(facts.policy),
    `Running it once more changed nothing: "${facts.noopReason}"`,
  ].join("\n");
}

/** What the rehearsal promises and the facts deny, in words; empty when all is well. */
export function brokenPromises(facts: RehearsalFacts): readonly string[] {
  const promised = (holds: boolean, sentence: string): string[] => (holds ? [] : [sentence]);
  return [
    ...facts.rotations.flatMap(({ epoch, failedSyncs, documentsLost, restarts }) => [
      ...promised(failedSyncs === 0, `epoch ${epoch}: ${failedSyncs} failed syncs, 0 promised`),
      ...promised(
        documentsLost === 0,
        `epoch ${epoch}: ${documentsLost} documents lost, 0 promised`,
      ),
      ...promised(restarts === 1, `epoch ${epoch}: ${restarts} restarts, 1 promised`),
    ]),
    ...promised(facts.lastSignIn !== undefined, "the service never signed in"),
    ...facts.policy.violations.map(({ rule, message }) => `${rule}: ${message}`),
  ];
}

function policyLines({ rules, violations, exceptions, notes }: PolicyTally): string[] {
  const counts = [
    `${rules} rules, mandatory in every run`,
    `${violations.length} violations`,
    `${exceptions.length} exceptions in force`,
    `${notes.length} notes`,
  ];
  return [`Policy pack: ${counts.join(", ")}`, ...exceptions.map((one) => `  ${one}`)];
}
