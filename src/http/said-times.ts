// What time Microsoft's servers said in this process, from their answers' Date: every read of Graph, of Azure's management
// and of a vault adds to it. A one-time server is somebody's own and is not believed.
import type { Answer } from "./request";

/** The time that a server said. */
export interface ServerTime {
  /** The server's host name. */
  readonly server: string;
  readonly said: Date;
}

const times = new Map<string, ServerTime>();

/** Remembers when an answer came, by its server's own clock; the first of each server, nearest to the run's beginning. */
export function rememberTime(url: string, { date: said }: Answer): void {
  const server = new URL(url).hostname;
  if (said !== undefined && !times.has(server)) times.set(server, { server, said });
}

/** All that was said, one time a server. */
export function saidTimes(): ServerTime[] {
  return [...times.values()];
}

/** Forgets all; for tests. */
export function forgetTimes(): void {
  times.clear();
}
