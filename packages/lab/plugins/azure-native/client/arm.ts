// Azure Resource Manager over HTTPS: read, create or update, delete, and waiting for what takes longer.
import { ProviderError } from "../../provider/errors";
import { isPlainObject } from "../../provider/values";
import type { Properties } from "../../provider/values";
import type { HttpResponse } from "../../../shared/https";
import type { CloudAddresses } from "./configuration";
import { armError } from "./errors";
import { pause, retryAfterSeconds, send } from "./retries";
import type { Tokens } from "./tokens";

const UPDATE_POLL_SECONDS = 10;
const DELETE_POLL_SECONDS = 30;
const FINISHED: ReadonlySet<string> = new Set(["succeeded", "failed", "canceled"]);

export class ArmClient {
  constructor(
    private readonly addresses: CloudAddresses,
    private readonly tokens: Tokens,
  ) {}

  /** @throws AzureError with status 404 when there is none */
  async get(id: string, apiVersion: string, signal: AbortSignal): Promise<Properties> {
    const response = await this.call("GET", this.url(id, apiVersion), signal);
    if (response.status !== 200) throw armError(response);
    return bodyOf(response);
  }

  /** Refuses to go on when the resource is there already. */
  async requireAbsent(id: string, apiVersion: string, signal: AbortSignal): Promise<void> {
    const response = await this.call("GET", this.url(id, apiVersion), signal);
    if (response.status === 404 || response.status === 204) return;
    if (response.status !== 200) {
      const text = `status code ${response.status}, ${response.text}`;
      throw new ProviderError(`cannot check existence of resource '${id}': ${text}`);
    }
    if (isPlainObject(response.json as Properties)) {
      throw new ProviderError(`cannot create already existing resource '${id}'`);
    }
  }

  /** Puts a resource; the answer is final unless it says that the work goes on. */
  async put(
    id: string,
    apiVersion: string,
    body: Properties,
    signal: AbortSignal,
  ): Promise<{ readonly answer: Properties; finish(): Promise<Properties> }> {
    const url = this.url(id, apiVersion);
    const response = await this.call("PUT", url, signal, body);
    if (![200, 201, 202].includes(response.status)) throw armError(response);
    const answer = bodyOf(response);
    return {
      answer,
      finish: async () => {
        if (isFinished(response)) return answer;
        await this.wait(response, url, UPDATE_POLL_SECONDS, signal);
        return this.get(id, apiVersion, signal);
      },
    };
  }

  /** A resource that is gone already is a success. */
  async delete(id: string, apiVersion: string, signal: AbortSignal): Promise<void> {
    const response = await this.call("DELETE", this.url(id, apiVersion), signal);
    if (response.status === 404) return;
    if (![200, 202, 204].includes(response.status)) throw armError(response);
    if (response.status === 202) await this.wait(response, undefined, DELETE_POLL_SECONDS, signal);
  }

  private async wait(
    first: HttpResponse,
    resourceUrl: string | undefined,
    usualSeconds: number,
    signal: AbortSignal,
  ): Promise<void> {
    const operation = header(first, "azure-asyncoperation") ?? header(first, "location");
    const url = operation ?? resourceUrl;
    if (url === undefined) return;
    for (let latest = first; ;) {
      await pause(retryAfterSeconds(latest), usualSeconds, signal);
      latest = await this.call("GET", url, signal);
      if (latest.status >= 400) throw armError(latest);
      if (!isFinished(latest)) continue;
      const status = statusOf(latest);
      if (status === "failed" || status === "canceled") throw armError(latest);
      return;
    }
  }

  private async call(
    method: string,
    url: string,
    signal: AbortSignal,
    body?: Properties,
  ): Promise<HttpResponse> {
    const scope = `${this.addresses.resourceManagerAudience}/.default`;
    const token = await this.tokens.get(scope, signal);
    const response = await send(
      {
        method,
        url,
        headers: { authorization: `Bearer ${token}` },
        ...(body === undefined ? {} : { body }),
      },
      signal,
    );
    if (response.status === 401) this.tokens.forget(scope);
    return response;
  }

  private url(id: string, apiVersion: string): string {
    return `${this.addresses.resourceManager}${id}?api-version=${apiVersion}`;
  }
}

function bodyOf(response: HttpResponse): Properties {
  const body = response.json as Properties | undefined;
  return isPlainObject(body) ? body : {};
}

function isFinished(response: HttpResponse): boolean {
  const status = statusOf(response);
  return status === undefined ? response.status !== 202 : FINISHED.has(status);
}

/** The state of an operation, or of a resource in the making. */
function statusOf(response: HttpResponse): string | undefined {
  const body = bodyOf(response);
  const { properties } = body;
  const status = body["status"] ?? (isPlainObject(properties) && properties["provisioningState"]);
  return typeof status === "string" ? status.toLowerCase() : undefined;
}

function header(response: HttpResponse, name: string): string | undefined {
  const value = response.headers[name];
  return typeof value === "string" ? value : undefined;
}
