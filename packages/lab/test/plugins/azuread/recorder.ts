// Plays the cloud as the recorder of the fixtures did: keeps what it is sent, answers plausibly, checks
// nothing, and gives out the ids that it is told to. It logs every call.
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import https from "node:https";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { createCertificates } from "../../../cloud/certificates";
import type { Properties, PropertyValue } from "../../../plugins/provider/values";

export const TENANT_ID = "11111111-1111-1111-1111-111111111111";
export const CALLER_ID = "22222222-2222-2222-2222-222222222222";
export const CLIENT_ID = "33333333-3333-3333-3333-333333333333";
export const GRAPH_PRINCIPAL_ID = "31092f5a-514c-4a98-96ac-c2ba71e16a40";

const ROLES = {
  "Group.Read.All": "5b567255-7703-4780-807c-7be8301ae99b",
  "GroupMember.Read.All": "98830695-27a2-44f7-8c18-0c3ebc9698f6",
  "MailboxSettings.Read": "40f97065-369a-49f4-947c-6a255697ae91",
  "User.Read.All": "df021288-bdef-4463-88db-98f22de89214",
};

export interface Call {
  readonly method: string;
  /** Decoded; path and query. */
  readonly url: string;
  readonly body: PropertyValue | undefined;
  readonly status: number;
}

/** An answer to give instead of the recorder's own. */
export interface Refusal {
  readonly method: string;
  readonly path: RegExp;
  readonly status: number;
  readonly code: string;
  readonly message: string;
  times: number;
}

export class Recorder {
  readonly calls: Call[] = [];
  readonly refusals: Refusal[] = [];
  /** Ids to give out, in order, by collection; `passwords` are pairs of key id and secret. */
  readonly ids: Record<string, string[]> = {};
  readonly now = { value: "2026-11-21T11:18:38.405Z" };
  private readonly objects = new Map<string, Properties>();
  private readonly members = new Map<string, string[]>();
  private url = "";

  private constructor(
    private readonly server: https.Server,
    private readonly folder: string,
  ) {}

  static async start(): Promise<Recorder> {
    const { caPem, serverPem, serverKeyPem } = await createCertificates();
    const folder = mkdtempSync(join(tmpdir(), "recorder-"));
    writeFileSync(join(folder, "ca.pem"), caPem);
    const server = https.createServer({ cert: serverPem, key: serverKeyPem });
    const recorder = new Recorder(server, folder);
    server.on("request", (request, response) => {
      let text = "";
      request.on("data", (chunk: Buffer) => (text += chunk.toString()));
      request.on("end", () => {
        const url = decodeURIComponent(request.url ?? "");
        const form = request.headers["content-type"]?.includes("form") ?? false;
        const body = text === "" ? undefined : form ? "<form>" : (JSON.parse(text) as Properties);
        const method = request.method ?? "";
        const [status, answer] = recorder.answer(method, url, body);
        recorder.calls.push({ method, url, body: recorder.masked(body), status });
        response.writeHead(status, { "content-type": "application/json" });
        response.end(answer === undefined ? undefined : JSON.stringify(answer));
      });
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    recorder.url = `https://localhost:${(server.address() as AddressInfo).port}`;
    recorder.objects.set(`servicePrincipals/${GRAPH_PRINCIPAL_ID}`, graphPrincipal());
    return recorder;
  }

  /** What a provider's process finds in its environment. */
  get environment(): NodeJS.ProcessEnv {
    return {
      ARM_METADATA_HOSTNAME: this.url.replace("https://", ""),
      ARM_TENANT_ID: TENANT_ID,
      ARM_CLIENT_ID: CLIENT_ID,
      ARM_CLIENT_SECRET: "a-secret-of-the-caller",
      KEYTURN_LAB_PACE: "0",
    };
  }

  get caFile(): string {
    return join(this.folder, "ca.pem");
  }

  /** Takes an object away behind the provider's back. */
  change(path: string, change: (object: Properties) => Properties | undefined): void {
    const changed = change(this.objects.get(path) ?? {});
    if (changed === undefined) this.objects.delete(path);
    else this.objects.set(path, changed);
  }

  close(): void {
    this.server.closeAllConnections();
    this.server.close();
    rmSync(this.folder, { recursive: true });
  }

  private masked(body: PropertyValue | undefined): PropertyValue | undefined {
    if (body === undefined) return undefined;
    return JSON.parse(JSON.stringify(body).replaceAll(this.url, "GRAPH")) as PropertyValue;
  }

  private answer(
    method: string,
    url: string,
    body: PropertyValue | undefined,
  ): [number, PropertyValue | undefined] {
    const refusal = this.refusals.find(
      (each) => each.times > 0 && each.method === method && each.path.test(url),
    );
    if (refusal !== undefined) {
      refusal.times -= 1;
      const { status, code, message } = refusal;
      return [status, code === "" ? undefined : { error: { code, message } }];
    }
    if (url.startsWith("/metadata/")) {
      return [
        200,
        {
          name: "Lab",
          resourceManager: this.url,
          microsoftGraphResourceId: this.url,
          authentication: { loginEndpoint: this.url, audiences: [this.url] },
        },
      ];
    }
    if (url.endsWith("/token")) {
      const payload = { oid: CALLER_ID, tid: TENANT_ID, appid: CLIENT_ID, roles: [] };
      const part = Buffer.from(JSON.stringify(payload)).toString("base64url");
      const access_token = `e30.${part}.c2ln`;
      return [200, { token_type: "Bearer", expires_in: 3600, access_token }];
    }
    return this.graph(method, url.replace(/^\/(?:v1\.0|beta)\//, ""), (body ?? {}) as Properties);
  }

  private graph(
    method: string,
    url: string,
    body: Properties,
  ): [number, PropertyValue | undefined] {
    const [path = "", query = ""] = url.split("?");
    const [collection = "", id = "", relation, related] = path.split("/");
    const key = `${collection}/${id}`;
    const filter = /\$filter=(?<name>\w+) eq '(?<value>.*)'/.exec(query)?.groups;
    if (id === "") {
      if (method === "POST") return [201, this.make(collection, body)];
      const all = [...this.objects].filter(([each]) => each.startsWith(`${collection}/`));
      const found = all.filter(([, each]) => each[filter?.["name"] ?? ""] === filter?.["value"]);
      return [200, { value: found.map(([, each]) => each) }];
    }
    const object = this.objects.get(key);
    if (object === undefined) return notFound(id);
    if (relation === undefined) {
      if (method === "PATCH") this.objects.set(key, { ...object, ...withoutOdata(body) });
      if (method === "DELETE") this.objects.delete(key);
      return method === "GET" ? [200, object] : [204, undefined];
    }
    if (relation === "addPassword") return [200, this.addPassword(key, object, body)];
    if (relation === "removePassword") {
      const list = passwords(object);
      const left = list.filter((each) => each["keyId"] !== body["keyId"]);
      if (left.length === list.length) {
        return [
          400,
          {
            error: {
              code: "Request_BadRequest",
              message: "No password credential found with keyId.",
            },
          },
        ];
      }
      this.objects.set(key, { ...object, passwordCredentials: left });
      return [204, undefined];
    }
    if (relation === "appRoleAssignedTo") return this.assignment(method, key, related, body);
    const list = this.members.get(`${key}/${relation}`) ?? [];
    if (method === "GET") {
      const shown = list.filter((each) => filter === undefined || each === filter["value"]);
      const type = "#microsoft.graph.directoryObject";
      return [200, { value: shown.map((each) => ({ "@odata.type": type, id: each })) }];
    }
    const changed =
      method === "POST"
        ? [...list, lastSegment(body["@odata.id"])]
        : list.filter((each) => each !== related);
    this.members.set(`${key}/${relation}`, changed);
    return [204, undefined];
  }

  private make(collection: string, body: Properties): Properties {
    const id = this.ids[collection]?.shift() ?? "";
    const owners = body["owners@odata.bind"];
    const object: Properties = { ...withoutOdata(body), id };
    if (collection === "applications") {
      object["appId"] = this.ids["appIds"]?.shift() ?? "";
      object["publisherDomain"] = "lab.onmicrosoft.com";
      object["passwordCredentials"] = [];
    }
    if (collection === "servicePrincipals") {
      const application = [...this.objects.values()].find(
        (each) => each["appId"] === body["appId"],
      );
      object["displayName"] = application?.["displayName"] ?? "";
      object["servicePrincipalType"] = "Application";
      object["appOwnerOrganizationId"] = TENANT_ID;
      object["servicePrincipalNames"] = [body["appId"] ?? ""];
      object["signInAudience"] = "AzureADMyOrg";
    }
    this.objects.set(`${collection}/${id}`, object);
    const ids = Array.isArray(owners) ? owners.map(lastSegment) : [];
    this.members.set(`${collection}/${id}/owners`, ids);
    return object;
  }

  private addPassword(key: string, object: Properties, body: Properties): Properties {
    const asked = body["passwordCredential"] as Properties;
    const [keyId = "", secretText = ""] = this.ids["passwords"]?.splice(0, 2) ?? [];
    const made = { startDateTime: this.now.value, ...asked, keyId };
    this.objects.set(key, { ...object, passwordCredentials: [...passwords(object), made] });
    return { ...made, secretText };
  }

  private assignment(
    method: string,
    key: string,
    assignmentId: string | undefined,
    body: Properties,
  ): [number, PropertyValue | undefined] {
    if (method === "POST") {
      const id = this.ids["assignments"]?.shift() ?? "";
      const made = {
        ...withoutOdata(body),
        id,
        principalType: "ServicePrincipal",
        principalDisplayName: "sp",
        resourceDisplayName: "Microsoft Graph",
      };
      this.objects.set(`${key}/${id}`, made);
      return [201, made];
    }
    const found = this.objects.get(`${key}/${assignmentId ?? ""}`);
    if (found === undefined) return notFound(assignmentId ?? "");
    if (method === "DELETE") this.objects.delete(`${key}/${assignmentId ?? ""}`);
    return method === "GET" ? [200, found] : [204, undefined];
  }
}

function passwords(object: Properties): Properties[] {
  return (object["passwordCredentials"] ?? []) as Properties[];
}

function withoutOdata(body: Properties): Properties {
  return Object.fromEntries(Object.entries(body).filter(([name]) => !name.includes("@odata")));
}

function notFound(id: string): [number, PropertyValue] {
  const message = `Resource '${id}' does not exist or one of its queried reference-property objects are not present.`;
  return [404, { error: { code: "Request_ResourceNotFound", message } }];
}

function graphPrincipal(): Properties {
  return {
    id: GRAPH_PRINCIPAL_ID,
    appId: "00000003-0000-0000-c000-000000000000",
    displayName: "Microsoft Graph",
    servicePrincipalType: "Application",
    accountEnabled: true,
    appOwnerOrganizationId: "f8cdef31-a31e-4b4a-93e4-5f571e91255a",
    appRoles: Object.entries(ROLES).map(([value, id]) => ({
      id,
      value,
      isEnabled: true,
      allowedMemberTypes: ["Application"],
      displayName: value,
      description: value,
    })),
    oauth2PermissionScopes: [],
    servicePrincipalNames: [],
    tags: [],
    replyUrls: [],
  };
}

function lastSegment(reference: PropertyValue | undefined): string {
  return typeof reference === "string" ? (reference.split("/").pop() ?? "") : "";
}
