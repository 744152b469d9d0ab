// How long a run waits for its hosts' safe moments, all together: they are served one after the other, and a run has to end
// while the job's sign-in lives, about an hour.

/** For all hosts of a run together. */
export const RUN_PATIENCE_SECONDS = 1800;
/** Less than a product's cycle (SESAR's is five minutes) would see no safe moment, and the trace is read by it. */
export const LEAST_PATIENCE_SECONDS = 300;

/**
 * One host's patience: its own, at most its share of the run's. A pure function of the config, since it is part of the
 * host's input: what earlier hosts have left over is not counted, or each run would ask every host anew.
 * @param hosts how many the run serves; one alone keeps its own
 */
export function patienceOf(ownSeconds: number, hosts: number): number {
  if (hosts <= 1) return ownSeconds;
  const share = Math.floor(RUN_PATIENCE_SECONDS / hosts);
  return Math.min(ownSeconds, Math.max(share, LEAST_PATIENCE_SECONDS));
}
