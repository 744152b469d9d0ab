// One Graph read per declared permission, so that a revoked consent is found, and named, before a restart. What is consented
// the token says; a read shows that the road is open, and what no read can show is said.
import { z } from "zod";
import type { ProofInput } from "../contracts/prove";
import type { Endpoints } from "../http/endpoints";
import type { Answer } from "../http/request";
import { type SignInSpan, signIn } from "./sign-in";
import { rolesIn } from "./token-roles";
import type { Pace } from "../http/pace";
import { insist } from "../http/pace";
import { NO_ANSWER, askPatiently, errorCode } from "../http/patient-reader";

/** For one read of a Graph that is throttled, busy or silent. */
const READING_SECONDS = 60;
/** How many users are looked through for one with a mailbox, and how many of them are asked about it. */
const LISTED_USERS = 25;
const MOST_USERS = 5;
const list = z.object({
  value: z.array(z.object({ id: z.string(), mail: z.string().nullish() })),
});

type Get = (path: string) => Promise<Answer>;

/** Paths to read for a permission, any of which shows it; none when the tenant has nothing to read it by. */
type Paths = (get: Get, input: ProofInput) => Promise<readonly string[]>;

const PATHS: Readonly<Record<string, Paths>> = {
  "Group.Read.All": () => Promise.resolve(["/groups?$top=1&$select=id"]),
  "User.Read.All": () => Promise.resolve(["/users?$top=1&$select=id"]),
  "GroupMember.Read.All": async (get, input) => {
    const groups = input.groupObjectId
      ? [input.groupObjectId]
      : await listed(get, "/groups?$top=1&$select=id");
    return groups.map((group) => `/groups/${group}/members?$top=1&$select=id`);
  },
  "MailboxSettings.Read": async (get) => {
    const users = await listed(get, `/users?$top=${LISTED_USERS}&$select=id,mail`);
    return users.slice(0, MOST_USERS).map((user) => `/users/${user}/mailboxSettings`);
  },
};
/** Where a refusal may be about the one user: a hybrid mailbox, none, or an access policy of Exchange's. */
const BY_USER: ReadonlySet<string> = new Set(["MailboxSettings.Read"]);

/** What the reads came to. */
export interface PermissionReads {
  /** Permissions that were read with. */
  readonly reads: string[];
  /** What could not be shown by a read, one sentence a permission. */
  readonly notShown: string[];
}

/** Reads once per permission. @throws Error that names every consent that is missing */
export async function readWithEach(
  input: ProofInput,
  endpoints: Endpoints,
  accessToken: string,
  pace: Pace,
  span: SignInSpan,
): Promise<PermissionReads> {
  const until = pace.elapsed() + input.consentSeconds;
  const ended = new Map<string, Shown>();
  // What could not be shown may be once another consent is there.
  const wasRead = (name: string): boolean =>
    ended.has(name) && ended.get(name)?.notShown === undefined;
  let token: string | undefined = accessToken;
  const round = async (): Promise<Pending[]> => {
    // A consent shows in a new token only.
    const bearer = token ?? (await signIn(input, endpoints, span)).accessToken ?? accessToken;
    token = undefined;
    const roles = rolesIn(bearer);
    const headers = { authorization: `Bearer ${bearer}` };
    const get: Get = async (path) => {
      const question = { method: "GET", url: `${endpoints.graph}/v1.0${path}`, headers } as const;
      const answer = await askPatiently(question, pace, pace.elapsed() + READING_SECONDS);
      if (answer.status === NO_ANSWER)
        throw unanswered(input, `no answer (${String(answer.body)})`);
      return answer;
    };
    const pending: Pending[] = [];
    for (const permission of input.permissions.filter((name) => !wasRead(name))) {
      const read = await readOne(get, input, permission, roles?.has(permission));
      if ("refused" in read) pending.push({ permission, ...read });
      else ended.set(permission, read);
    }
    return pending;
  };
  const pending = await insist(pace, round, ({ length }) => (length > 0 ? { until } : undefined));
  if (pending.length > 0) throw refusal(input, pending);
  const all = input.permissions.map((name) => ({ name, shown: ended.get(name) ?? {} }));
  return {
    reads: all.filter(({ shown }) => shown.notShown === undefined).map(({ name }) => name),
    notShown: all.flatMap(({ name, shown }) => notShown(input, name, shown)),
  };
}

/** A permission that is consented as far as can be seen; why no read has shown it, where none has. */
interface Shown {
  readonly notShown?: string;
  readonly consented?: boolean | undefined;
}

/** A read that was refused, or an answer that was none. */
interface Refused {
  readonly refused: boolean;
  /** Whether the token names the permission; undefined where the token cannot be read. */
  readonly consented: boolean | undefined;
  readonly told: string;
}

type Pending = Refused & { readonly permission: string };

async function readOne(
  get: Get,
  input: ProofInput,
  permission: string,
  consented: boolean | undefined,
): Promise<Shown | Refused> {
  const paths = await PATHS[permission]?.(get, input);
  if (paths === undefined || paths.length === 0) {
    if (consented === false)
      return { refused: true, consented, told: "the token does not name it" };
    return {
      notShown: paths === undefined ? "no read of it is known" : NOTHING_TO_READ,
      consented,
    };
  }
  const told: string[] = [];
  for (const path of paths) {
    const answer = await get(path);
    if (answer.status >= 200 && answer.status < 300) return {};
    const said = `${answer.status} ${errorCode(answer.body)}`.trim();
    const refused = answer.status === 403 || answer.status === 401;
    const byUser = BY_USER.has(permission) && (answer.status === 404 || (refused && consented));
    if (byUser !== true) return { refused, consented, told: said };
    told.push(`${said} for ${path.split("/")[2] ?? ""}`);
  }
  if (consented === false) return { refused: true, consented, told: told.join(", ") };
  return { notShown: told.join(", "), consented };
}

const NOTHING_TO_READ = "the tenant lists nothing to read by it";

function notShown(
  { name, clientId }: ProofInput,
  permission: string,
  { notShown: why, consented }: Shown,
): string[] {
  if (why === undefined) return [];
  const token = consented ? ", though the token says that it is consented" : "";
  const remedy = BY_USER.has(permission)
    ? ` See that no access policy in Exchange keeps ${clientId} from those whom the product serves.`
    : "";
  return [`${name}: no read has shown that ${permission} works (${why})${token}.${remedy}`];
}

function refusal(input: ProofInput, pending: readonly Pending[]): Error {
  const missing = pending.filter(({ refused, consented }) => refused && consented !== true);
  if (missing.length > 0) {
    const names = missing.map(({ permission }) => permission).join(", ");
    return new Error(
      `${input.name}: the application ${input.clientId} must have admin consent for ${names}, but Graph refuses it. ` +
        `Run pulumi up --refresh, which consents again; the service was not touched.`,
    );
  }
  const told = pending.map(({ permission, told: said, refused }) =>
    refused ? `${said} for ${permission}, although it is consented` : `${said} for ${permission}`,
  );
  return unanswered(input, told.join(", "));
}

function unanswered({ name }: ProofInput, got: string): Error {
  return new Error(
    `${name}: Graph must answer one read per permission, got ${got}. Run again; the service was not touched.`,
  );
}

/** Ids in a list, those with an address first; none where it cannot be read. */
async function listed(get: Get, path: string): Promise<string[]> {
  const parsed = list.safeParse((await get(path)).body);
  const found = parsed.success ? parsed.data.value : [];
  const addressed = (mail: string | null | undefined): number => (mail ? 0 : 1);
  return found.sort((a, b) => addressed(a.mail) - addressed(b.mail)).map(({ id }) => id);
}
