// Asks a SnapPass-compatible server whether a one-time link is still unread, without opening it.
import type { LinkState } from "../contracts/one-time-link";
import { ask } from "./request";

const REQUEST_MILLISECONDS = 10_000;

/** The state of the link with this storage key; never rejects. */
export async function askLink(server: string, linkId: string): Promise<LinkState> {
  try {
    const { status } = await ask({
      method: "HEAD",
      url: `${server}/api/v2/passwords/${encodeURIComponent(linkId)}`,
      timeoutMilliseconds: REQUEST_MILLISECONDS,
    });
    if (status === 200) return "unread";
    return status === 404 ? "read or expired" : "not known";
  } catch {
    return "not known";
  }
}
