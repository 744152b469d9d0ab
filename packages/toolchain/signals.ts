// The signals that end a process.

/** Turns them into an abort, whose reason is the first one's name; `stop` leaves them alone again. */
export function onSignals(): { readonly signal: AbortSignal; stop(): void } {
  const controller = new AbortController();
  const abort = (name: NodeJS.Signals): void => controller.abort(name);
  const signals = ["SIGINT", "SIGTERM", "SIGHUP"] as const;
  for (const name of signals) process.on(name, abort);
  return {
    signal: controller.signal,
    stop() {
      for (const name of signals) process.off(name, abort);
    },
  };
}
