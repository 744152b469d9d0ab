// The client of Microsoft Graph: finds the cloud by its metadata, signs in, and calls with the vendor's
// headers and retries. Metadata and token are fetched once for each configuration.
import { decodeJwt } from "jose";
import { z } from "zod";

import { type HttpResponse, request, requestWithRetry } from "../../shared/https";
import { credentialFields } from "../client-credential";
import type { Properties, PropertyValue } from "../provider/values";
import { GraphError, graphError } from "./graph-error";
import type { Settings } from "./settings";

const METADATA = z.object({
  name: z.string(),
  resourceManager: z.string(),
  microsoftGraphResourceId: z.string(),
  authentication: z.object({ loginEndpoint: z.string() }),
});

const TOKEN = z.object({ access_token: z.string(), expires_in: z.coerce.number() });

const CLAIMS = z.object({
  oid: z.string(),
  tid: z.string().optional(),
  appid: z.string().optional(),
});

const LIST = z.object({
  value: z.array(z.record(z.string(), z.unknown())),
  "@odata.nextLink": z.string().optional(),
});

/** Tokens with less life than this are not used again. */
const TOKEN_RESERVE_SECONDS = 1200;
const METADATA_VERSION = "2022-09-01";
const ACCEPT = "application/json; charset=utf-8; IEEE754Compatible=false";
const FIRST_RETRY_MS = 1000;

/** Base addresses without slashes at their ends. */
interface Addresses {
  readonly login: string;
  readonly graph: string;
}

/** Azure's public cloud, which the vendor's plugin knows by itself too. */
const PUBLIC: Addresses = {
  login: "https://login.microsoftonline.com",
  graph: "https://graph.microsoft.com",
};

/** Who the provider is signed in as. */
export interface SignedIn {
  readonly clientId: string;
  readonly tenantId: string;
  readonly objectId: string;
}

/** How long a call may take, and which answers are tried again beside the usual ones. */
export interface CallOptions {
  /** Milliseconds since the epoch. */
  readonly deadline: number;
  readonly signal: AbortSignal;
  /** Retries 404: the object may not have reached every replica. @default false */
  readonly retryNotFound?: boolean;
  readonly retryIf?: (response: HttpResponse) => boolean;
}

export class Graph {
  private token: { readonly text: string; readonly usableUntil: number } | undefined;

  private constructor(
    private readonly settings: Settings,
    private readonly loginUrl: string,
    /** Base address, with no slash at its end. */
    readonly url: string,
    private readonly pace: number,
  ) {}

  /** Looks up the cloud and signs in. */
  static async connect(settings: Settings, pace: number): Promise<Graph> {
    const { login, graph: graphUrl } = await Graph.find(settings);
    const graph = new Graph(settings, login, graphUrl, pace);
    await graph.accessToken();
    return graph;
  }

  private static async find({ metadataHost }: Settings): Promise<Addresses> {
    if (metadataHost === "") return PUBLIC;
    const address = `https://${metadataHost}/metadata/endpoints?api-version=${METADATA_VERSION}`;
    const response = await request({ method: "GET", url: address });
    if (response.status !== 200) {
      throw new Error(
        `retrieving environments from Azure MetaData service at ${address}: unexpected status ${response.status}`,
      );
    }
    const metadata = METADATA.parse(response.json);
    return {
      login: metadata.authentication.loginEndpoint.replace(/\/$/, ""),
      graph: metadata.microsoftGraphResourceId.replace(/\/$/, ""),
    };
  }

  async signedIn(): Promise<SignedIn> {
    const claims = CLAIMS.parse(decodeJwt(await this.accessToken()));
    return {
      clientId: this.settings.clientId,
      tenantId: claims.tid ?? this.settings.tenantId,
      objectId: claims.oid,
    };
  }

  async get(path: string, options: CallOptions): Promise<Properties> {
    const response = await this.call("GET", path, undefined, options, [200]);
    return z.record(z.string(), z.unknown()).parse(response.json) as Properties;
  }

  /** All pages of a list. */
  async list(path: string, options: CallOptions): Promise<Properties[]> {
    const found: Properties[] = [];
    for (let next: string | undefined = path; next !== undefined;) {
      const response: HttpResponse = await this.call("GET", next, undefined, options, [200]);
      const page = LIST.parse(response.json);
      found.push(...(page.value as Properties[]));
      next = page["@odata.nextLink"];
    }
    return found;
  }

  /** @returns the object that was made; empty when the answer has no body */
  async post(path: string, body: PropertyValue, options: CallOptions): Promise<Properties> {
    const response = await this.call("POST", path, body, options, [200, 201, 202, 204]);
    return (response.json ?? {}) as Properties;
  }

  async patch(path: string, body: Properties, options: CallOptions): Promise<void> {
    await this.call("PATCH", path, body, options, [200, 202, 204]);
  }

  async delete(path: string, options: CallOptions): Promise<void> {
    await this.call("DELETE", path, undefined, options, [200, 204]);
  }

  private async call(
    method: string,
    path: string,
    body: PropertyValue | undefined,
    options: CallOptions,
    expected: readonly number[],
  ): Promise<HttpResponse> {
    const { retryNotFound, retryIf } = options;
    const response = await requestWithRetry(
      {
        method,
        url: path.startsWith("/") ? `${this.url}${path}` : path,
        headers: {
          accept: ACCEPT,
          "odata-version": "4.0",
          authorization: `Bearer ${await this.accessToken()}`,
        },
        ...(body !== undefined && { body }),
        signal: options.signal,
      },
      {
        deadlineMs: Math.max(0, options.deadline - Date.now()),
        firstDelayMs: FIRST_RETRY_MS * this.pace,
        retryIf: (each) =>
          (retryNotFound === true && each.status === 404) || retryIf?.(each) === true,
      },
    );
    if (!expected.includes(response.status)) throw graphError(response);
    return response;
  }

  private async accessToken(): Promise<string> {
    if (this.token !== undefined && Date.now() < this.token.usableUntil) return this.token.text;
    const { tenantId, clientId, credential } = this.settings;
    const response = await request({
      method: "POST",
      url: `${this.loginUrl}/${tenantId}/oauth2/v2.0/token`,
      headers: { "content-type": "application/x-www-form-urlencoded" },
      body: new URLSearchParams({
        client_id: clientId,
        ...(await credentialFields(credential)),
        grant_type: "client_credentials",
        scope: `${this.url}/.default`,
      }).toString(),
    });
    if (response.status !== 200) {
      throw new GraphError(
        response.status,
        "",
        `clientCredentialsToken: received HTTP status ${response.status} with response: ${response.text}`,
      );
    }
    const token = TOKEN.parse(response.json);
    this.token = {
      text: token.access_token,
      usableUntil: Date.now() + (token.expires_in - TOKEN_RESERVE_SECONDS) * 1000,
    };
    return token.access_token;
  }
}
