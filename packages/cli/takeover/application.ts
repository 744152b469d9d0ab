// Whose secrets are looked at: the application of the state or the config; where both have lost it, the one of its name that
// has secrets of this credential's. Pure.
import { isNamedAsOurs } from "../../../src/decide/inventory";
import type { Namesake } from "../../../src/decide/namesakes";
import { UsageError } from "../usage-error";

/** The application, and whether the config is to be told of it. */
export interface LostApplication {
  readonly clientId: string;
  /** Found by its name: neither state nor config has it. */
  readonly isFound: boolean;
}

/**
 * @param known its client id by state or config; empty when both have none
 * @param named the applications of its name, where it is not known
 * @throws UsageError when there is none, or when it is for a person to say which it is
 */
export function applicationOf(
  name: string,
  applicationName: string,
  known: string,
  named: readonly Namesake[],
): LostApplication {
  if (known !== "") return { clientId: known, isFound: false };
  if (named.length === 0) {
    throw new UsageError(
      `There is no application ${applicationName} in Entra, and neither state nor config has one: there is nothing to take over. If it has another name, give its client id as applicationClientId.`,
    );
  }
  const ours = named.filter(({ secrets }) => secrets.some((one) => isNamedAsOurs(name, one)));
  const [one, ...others] = ours;
  if (one !== undefined && others.length === 0) return { clientId: one.clientId, isFound: true };
  const among = (ours.length > 0 ? ours : named).map(
    ({ clientId, createdAt }) => `${clientId} (made ${createdAt})`,
  );
  throw new UsageError(
    `Which application is this credential's must be said, since neither state nor config has it: ${among.join(", ")} bear${among.length === 1 ? "s" : ""} the name ${applicationName}${ours.length > 0 ? ` with secrets of ${name}'s` : `, without a secret of ${name}'s`}. Give the right one as applicationClientId in Pulumi.<stack>.yaml, and try again.`,
  );
}
