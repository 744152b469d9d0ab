// In what state a log or a report of Entra's is found that cannot be read, and what to do.
import { logRemedy, refusedState } from "../decide/log-state";
import type { UnreadState } from "../decide/sign-ins";
import { GraphUnread } from "../http/graph";
import { reasonOf } from "../http/patient-reader";

export function unreadBecause(error: unknown): {
  readonly state: UnreadState;
  readonly why: string;
} {
  const state = error instanceof GraphUnread ? refusedState(error) : "unread";
  return { state, why: `${reasonOf(error)}. ${logRemedy(state)}` };
}
