// One Graph read per declared permission, so that a revoked consent is found, and named, before a restart.
import { z } from "zod";
import type { ProofInput } from "../components/pure/proof";
import type { Endpoints } from "./endpoints";
import type { Answer } from "./http";
import { ask } from "./http";
import { signIn } from "./sign-in";
import type { Pace } from "./waiting";
import { backOff } from "./waiting";

const REQUEST_MILLISECONDS = 30_000;
const TRIES_FOR_SERVER_ERRORS = 6;
const list = z.object({ value: z.array(z.object({ id: z.string() })) });
/** A user without a mailbox: the permission was not what was missing. */
const NO_MAILBOX = new Set([
  "MailboxNotEnabledForRESTAPI",
  "ResourceNotFound",
  "ErrorItemNotFound",
]);

type Get = (path: string) => Promise<Answer>;

/** Path to read for a permission; undefined when the tenant has nothing to read it by. */
type Reader = (get: Get, input: ProofInput) => Promise<string | undefined>;

const READERS: Readonly<Record<string, Reader>> = {
  "Group.Read.All": () => Promise.resolve("/groups?$top=1&$select=id"),
  "User.Read.All": () => Promise.resolve("/users?$top=1&$select=id"),
  "GroupMember.Read.All": async (get, input) => {
    const group = input.groupObjectId || (await first(get, "/groups?$top=1&$select=id"));
    return group === undefined ? undefined : `/groups/${group}/members?$top=1&$select=id`;
  },
  "MailboxSettings.Read": async (get) => {
    const user = await first(get, "/users?$top=1&$select=id");
    return user === undefined ? undefined : `/users/${user}/mailboxSettings`;
  },
};

/** Reads once per permission. Returns what was read. @throws Error that names every consent that is missing */
export async function readWithEach(
  input: ProofInput,
  endpoints: Endpoints,
  accessToken: string,
  pace: Pace,
): Promise<string[]> {
  const began = pace.elapsed();
  const done = new Set<string>();
  let bearer = accessToken;
  for (let round = 1; ; round += 1) {
    const get: Get = (path) => readOnce(`${endpoints.graph}/v1.0${path}`, bearer, pace);
    const pending: { permission: string; answer: Answer }[] = [];
    for (const permission of input.permissions.filter((name) => !done.has(name))) {
      const answer = await read(get, input, permission);
      if (answer === undefined || answer.status < 300) done.add(permission);
      else pending.push({ permission, answer });
    }
    if (pending.length === 0) return input.permissions.filter((name) => READERS[name]);
    const wait = backOff(round);
    if (pace.elapsed() - began + wait > input.consentSeconds) throw refusal(input, pending);
    await pace.pause(wait);
    // A consent shows in a new token only.
    bearer = (await signIn(input, endpoints)).accessToken ?? bearer;
  }
}

/** The answer to the read of a permission; undefined when the tenant has nothing to read. */
async function read(get: Get, input: ProofInput, permission: string): Promise<Answer | undefined> {
  const path = await READERS[permission]?.(get, input);
  if (path === undefined) return undefined;
  const answer = await get(path);
  const mailbox = permission === "MailboxSettings.Read" && NO_MAILBOX.has(errorCode(answer));
  return mailbox ? undefined : answer;
}

function refusal(
  input: ProofInput,
  pending: readonly { readonly permission: string; readonly answer: Answer }[],
): Error {
  const refused = pending.filter(({ answer }) => answer.status === 403 || answer.status === 401);
  if (refused.length > 0) {
    const names = refused.map(({ permission }) => permission).join(", ");
    return new Error(
      `${input.name}: the application ${input.clientId} must have admin consent for ${names}, but Graph refuses it. ` +
        `Run pulumi up --refresh, which consents again; the service was not touched.`,
    );
  }
  const told = pending.map(
    ({ permission, answer }) => `${answer.status} ${errorCode(answer)} for ${permission}`,
  );
  return new Error(
    `${input.name}: Graph must answer one read per permission, got ${told.join(", ")}. Run again; the service was not touched.`,
  );
}

async function first(get: Get, path: string): Promise<string | undefined> {
  const parsed = list.safeParse((await get(path)).body);
  return parsed.success ? parsed.data.value[0]?.id : undefined;
}

async function readOnce(url: string, bearer: string, pace: Pace): Promise<Answer> {
  const headers = { authorization: `Bearer ${bearer}` };
  for (let tries = 1; ; tries += 1) {
    const answer = await ask({
      method: "GET",
      url,
      headers,
      timeoutMilliseconds: REQUEST_MILLISECONDS,
    });
    const busy = answer.status === 429 || answer.status >= 500;
    if (!busy || tries === TRIES_FOR_SERVER_ERRORS) return answer;
    await pace.pause(backOff(tries, answer.retryAfterSeconds));
  }
}

function errorCode(answer: Answer): string {
  const parsed = z.object({ error: z.object({ code: z.string() }) }).safeParse(answer.body);
  return parsed.success ? parsed.data.error.code : "";
}
