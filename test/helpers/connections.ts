// The connections that this machine holds open to a port of its own, whoever holds them, as Linux lists them.
import { readFileSync } from "node:fs";

const ESTABLISHED = "01";

/** How many connections to a port of this machine are open, seen from the side that connected. */
export function connectionsTo(port: number): number {
  const wanted = port.toString(16).toUpperCase().padStart(4, "0");
  return readFileSync("/proc/net/tcp", "utf8")
    .split("\n")
    .slice(1)
    .map((line) => line.trim().split(/\s+/))
    .filter(([, , remote = "", state]) => remote.endsWith(`:${wanted}`) && state === ESTABLISHED)
    .length;
}
