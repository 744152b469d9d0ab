// SESAR's side of Entra and Graph: a new sign-in for every sync, then the reads that need its four permissions.
// That the service insists on all four roles in its token is ours: Graph itself lets some stand in for others.
import { type HttpRequest, type HttpResponse, requestWithRetry } from "../../shared/https";
import type { SesarInstance } from "./instance";
import {
  type DirectoryReading,
  type DirectoryUser,
  LICENCE_GROUPS,
  LICENCE_ROOT,
} from "./licences";
import type { TokenKeeper } from "./token-keeper";

export const NEEDED_PERMISSIONS = [
  "Group.Read.All",
  "GroupMember.Read.All",
  "User.Read.All",
  "MailboxSettings.Read",
] as const;
type Permission = (typeof NEEDED_PERMISSIONS)[number];

/** Milliseconds that transient answers of one request are tried again for. */
const PATIENCE_MS = 10_000;

/** A sync that failed; neither code nor message ever holds the secret. */
export class SyncError extends Error {
  readonly code: string;
  /** Whether Entra had accepted the secret before. */
  readonly signedIn: boolean;

  constructor(code: string, message: string, signedIn: boolean) {
    super(message);
    this.name = "SyncError";
    this.code = code;
    this.signedIn = signedIn;
  }
}

export interface DirectoryAddresses {
  readonly loginUrl: string;
  readonly graphUrl: string;
  /** Address of this machine to call from. @default the system's choice */
  readonly signInAddress?: string;
  /** Where a token outlives its sync. @default nowhere: each sync signs in */
  readonly tokenKeeper?: TokenKeeper;
  /** Authority to trust. @default the process's own, NODE_EXTRA_CA_CERTS included */
  readonly caPem?: string;
}

type Json = Readonly<Record<string, unknown>>;

export class DirectoryReader {
  private readonly addresses: DirectoryAddresses;
  private readonly instance: SesarInstance;

  constructor(addresses: DirectoryAddresses, instance: SesarInstance) {
    this.addresses = addresses;
    this.instance = instance;
  }

  /** @throws SyncError */
  async read(): Promise<DirectoryReading> {
    const token = await this.token();
    const missing = NEEDED_PERMISSIONS.find((permission) => !rolesOf(token).includes(permission));
    if (missing !== undefined) throw lacking(missing, "not among the token's roles");
    const members = await this.readGroups(token);
    const users: DirectoryUser[] = [];
    const query = "/users?$select=id,userPrincipalName";
    for (const user of await this.list(query, "User.Read.All", token)) {
      const userObjectId = string(user, "id");
      const path = `/users/${userObjectId}/mailboxSettings`;
      const settings = await this.get(`/v1.0${path}`, "MailboxSettings.Read", token, [404]);
      users.push({
        userObjectId,
        userPrincipalName: string(user, "userPrincipalName"),
        timeZone: string(settings, "timeZone"),
      });
    }
    return { users, members };
  }

  private async token(): Promise<string> {
    const { tokenKeeper } = this.addresses;
    const kept = tokenKeeper?.kept();
    if (kept !== undefined) return kept;
    const token = await this.signIn();
    tokenKeeper?.keep(token);
    return token;
  }

  private async signIn(): Promise<string> {
    const { tenantId, clientId, clientSecret } = this.instance;
    const form = new URLSearchParams({
      grant_type: "client_credentials",
      client_id: clientId,
      client_secret: clientSecret,
      scope: "https://graph.microsoft.com/.default",
    });
    const response = await this.send(false, {
      method: "POST",
      url: `${this.addresses.loginUrl}/${encodeURIComponent(tenantId)}/oauth2/v2.0/token`,
      headers: { "content-type": "application/x-www-form-urlencoded" },
      body: form.toString(),
    });
    const body = object(response.json);
    if (response.status === 200) return string(body, "access_token");
    const text = string(body, "error_description").split("\n")[0]?.trim() ?? "";
    const code = /AADSTS\d+/.exec(text)?.[0] ?? `HTTP ${response.status}`;
    throw new SyncError(code, text === "" ? code : text, false);
  }

  /** The licence groups by their exact names, found as members of the root group. */
  private async readGroups(token: string): Promise<ReadonlyMap<string, ReadonlySet<string>>> {
    const members = new Map<string, ReadonlySet<string>>();
    const filter = encodeURIComponent(`displayName eq '${LICENCE_ROOT}'`);
    const query = `/groups?$filter=${filter}&$select=id,displayName`;
    for (const root of await this.list(query, "Group.Read.All", token)) {
      if (string(root, "displayName") !== LICENCE_ROOT) continue;
      for (const group of await this.membersOf(string(root, "id"), token)) {
        const name = LICENCE_GROUPS.find((one) => one === string(group, "displayName"));
        if (name === undefined) continue;
        const people = await this.membersOf(string(group, "id"), token);
        members.set(name, new Set(people.map((person) => string(person, "id"))));
      }
    }
    return members;
  }

  private membersOf(groupObjectId: string, token: string): Promise<readonly Json[]> {
    const path = `/groups/${groupObjectId}/members?$select=id,displayName`;
    return this.list(path, "GroupMember.Read.All", token);
  }

  private async list(
    path: string,
    permission: Permission,
    token: string,
  ): Promise<readonly Json[]> {
    const items: Json[] = [];
    for (let next = `/v1.0${path}`; next !== "";) {
      const page = await this.get(next, permission, token);
      if (Array.isArray(page["value"])) items.push(...(page["value"] as unknown[]).map(object));
      const link = string(page, "@odata.nextLink");
      next = link === "" ? "" : new URL(link).pathname + new URL(link).search;
    }
    return items;
  }

  private async get(
    path: string,
    permission: Permission,
    token: string,
    alsoGood: readonly number[] = [],
  ): Promise<Json> {
    const response = await this.send(true, {
      method: "GET",
      url: `${this.addresses.graphUrl}${path}`,
      headers: { authorization: `Bearer ${token}` },
    });
    const body = object(response.json);
    if (response.status === 200 || alsoGood.includes(response.status)) return body;
    const error = object(body["error"]);
    if (response.status === 403) throw lacking(permission, string(error, "code"));
    const code = `HTTP ${response.status} ${string(error, "code")}`.trim();
    throw new SyncError(code, `${code}: ${string(error, "message")}`, true);
  }

  private async send(signedIn: boolean, request: HttpRequest): Promise<HttpResponse> {
    try {
      const { caPem, signInAddress } = this.addresses;
      const trusting = {
        ...request,
        ...(caPem !== undefined && { caPem }),
        ...(signInAddress !== undefined && { localAddress: signInAddress }),
      };
      return await requestWithRetry(trusting, { deadlineMs: PATIENCE_MS });
    } catch (error) {
      const code = error instanceof Error && "code" in error ? String(error.code) : "NoAnswer";
      const { origin } = new URL(request.url);
      throw new SyncError(code, `${code}: ${origin} cannot be reached`, signedIn);
    }
  }
}

function lacking(permission: Permission, why: string): SyncError {
  return new SyncError(
    `MissingPermission ${permission}`,
    `permission ${permission} is missing (${why})`,
    true,
  );
}

function rolesOf(token: string): readonly unknown[] {
  try {
    const claims = Buffer.from(token.split(".")[1] ?? "", "base64url").toString("utf8");
    const { roles } = object(JSON.parse(claims));
    return Array.isArray(roles) ? roles : [];
  } catch {
    return [];
  }
}

function object(value: unknown): Json {
  return typeof value === "object" && value !== null ? (value as Json) : {};
}

function string(entry: Json, key: string): string {
  const value = entry[key];
  return typeof value === "string" ? value : "";
}
