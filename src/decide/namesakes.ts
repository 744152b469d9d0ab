// Whether an application of the name that this stack is about to make is there already: left by a first run that was
// interrupted, from before the state was lost, or somebody else's. Two of one name nobody can tell apart.
import type { Problem } from "../problems";

/** An application that bears the name. */
export interface Namesake {
  readonly clientId: string;
  readonly createdAt: string;
  /** Display names of its client secrets. */
  readonly secrets: readonly string[];
}

/** One problem for each application that bears the name. */
export function namesakeProblems(displayName: string, namesakes: readonly Namesake[]): Problem[] {
  return namesakes.map(({ clientId, createdAt, secrets }) => ({
    subject: `the application ${displayName}`,
    rule:
      `must not be made twice: client id ${clientId}, made ${createdAt.slice(0, MINUTE)}Z, ` +
      (secrets.length === 0
        ? "has no secret, so that nobody signs in with one: it was left by a run that was interrupted, or is new"
        : `has ${secrets.length} of its own (${secrets.slice(0, MOST_SHOWN).join(", ")}), with which somebody may sign in`),
    remedy: `${waysOut(clientId, secrets)} Or give this stack's another name (overrides.applicationName).`,
  }));
}

function waysOut(clientId: string, secrets: readonly string[]): string {
  const take = `applicationClientId: ${clientId} in Pulumi.<stack>.yaml`;
  const remove = `az ad app delete --id ${clientId}`;
  return secrets.length === 0
    ? `Remove it (${remove}), or take it over (${take}).`
    : `Take it over (${take}), or, once nobody signs in with it, remove it (${remove}).`;
}

const MOST_SHOWN = 5;
const MINUTE = "2026-05-01T00:00".length;
