// Asks Entra's report of credentials (Microsoft Graph beta, reports/appCredentialSignInActivities) when each secret was last used:
// one line a secret, where the sign-in log has more entries than a run reads. It has no address, so it shows nobody on a secret.
import { z } from "zod";
import type { CredentialActivity, ReportedUse } from "../decide/sign-ins";
import { harmless } from "../foreign-text";
import type { GraphReader } from "../http/graph";
import { unreadBecause } from "./unread-log";

const PAGE = 200;
/** An application has no more secrets than these hold. */
const MOST_PAGES = 5;
const MOST_CHARACTERS = 100;

const activity = z.object({
  keyId: z.string().nullish(),
  signInActivity: z
    .object({
      lastSignInDateTime: z.string().nullish(),
      lastSignInRequestId: z.string().nullish(),
    })
    .nullish(),
});

/** The last use of each of an application's secrets, or why it is not known; that is no error of a rotation. */
export async function readCredentialActivity(
  graph: Promise<GraphReader>,
  clientId: string,
): Promise<CredentialActivity> {
  const filter = encodeURIComponent(`appId eq '${clientId}'`);
  const path = `/beta/reports/appCredentialSignInActivities?$top=${PAGE}&$filter=${filter}`;
  try {
    const found = await (await graph).items(path, activity, MOST_PAGES);
    return { uses: found.flatMap(useOf) };
  } catch (error) {
    return { uses: undefined, ...unreadBecause(error) };
  }
}

/** What has no key id or no time says nothing. */
function useOf({ keyId, signInActivity }: z.infer<typeof activity>): ReportedUse[] {
  const at = new Date(signInActivity?.lastSignInDateTime ?? "");
  if (!keyId || Number.isNaN(at.getTime())) return [];
  const requestId = harmless(signInActivity?.lastSignInRequestId ?? "", MOST_CHARACTERS);
  return [{ keyId, at: at.toISOString(), requestId }];
}
