// What the program reads of one-time links: whether they were opened. Asked by HEAD with the storage key alone, which
// neither opens a link nor could; nothing here can fail a run.
import type { LastOutcome } from "../decide/outcome";
import type { LinkState } from "../contracts/one-time-link";

/** Asks the server about the links of the consumers that the last run left waiting, by consumer. */
export async function readLinkStates(
  server: string,
  last: readonly LastOutcome[],
): Promise<Record<string, LinkState>> {
  const waiting = server === "" ? [] : last.filter(({ outcome }) => outcome === "waiting");
  if (waiting.length === 0) return {};
  // Loaded here: most runs ask nothing.
  const { askLink } = await import("../http/link-state.js");
  const states = await Promise.all(
    waiting.map(async ({ name, linkId }) => {
      return [name, linkId === undefined ? "not known" : await askLink(server, linkId)] as const;
    }),
  );
  return Object.fromEntries(states);
}
