// How long a run may take at most, by its config: the job's sign-in has to live as long, and nobody can renew it.
import { LOOK_DEADLINE_SECONDS } from "../contracts/check-ssh";
import { leastDeadlineSeconds } from "../contracts/host-update";
import { proofDeadlineSeconds } from "../contracts/prove";
import type { AutomaticPreset } from "../presets/preset";
import { patienceOf } from "./patience";

/** What a job's token gives, in the worst case. */
export const SIGN_IN_SECONDS = 3600;
/** For the preview, and for what Azure and Entra take to answer the update: allowed, not held to. */
const AROUND_SECONDS = 300;

type Times = Pick<
  AutomaticPreset["host"],
  | "patienceSeconds"
  | "stopTimeoutSeconds"
  | "startTimeoutSeconds"
  | "proofTimeoutSeconds"
  | "settleSeconds"
>;

/** Bounds of one run that rotates. */
export interface RunBound {
  /** No host has a safe moment: all patience is used up, nothing is stopped. */
  readonly notNowSeconds: number;
  /** Every bound is used up: each host gets ready at the last moment, and the last one is restored. */
  readonly mostSeconds: number;
}

/** @param hosts those that the run serves, one after the other; a failure ends it, so that at most one is restored */
export function runBound(proof: AutomaticPreset["proof"], hosts: readonly Times[]): RunBound {
  const shared = hosts.map((host) => ({
    ...host,
    patienceSeconds: patienceOf(host.patienceSeconds, hosts.length),
  }));
  const before = AROUND_SECONDS + proofDeadlineSeconds(proof);
  const sum = (of: (host: Times) => number): number =>
    shared.reduce((seconds, host) => seconds + LOOK_DEADLINE_SECONDS + of(host), before);
  const updated = (host: Times): number =>
    host.patienceSeconds +
    host.stopTimeoutSeconds +
    host.startTimeoutSeconds +
    host.proofTimeoutSeconds +
    host.settleSeconds;
  const restoring = shared.map((host) => leastDeadlineSeconds(host) - updated(host));
  return {
    notNowSeconds: sum((host) => host.patienceSeconds),
    mostSeconds: sum(updated) + Math.max(0, ...restoring),
  };
}
