// A vault's own API, which deletes and recovers secrets: ARM has no operation for either.
// The vault says by a 401 challenge for which resource it wants a token.
import { ProviderError } from "../../provider/errors";
import type { HttpResponse } from "../../../shared/https";
import type { CloudAddresses } from "./configuration";
import { sdkError } from "./errors";
import { pause, send } from "./retries";
import type { Tokens } from "./tokens";

const API_VERSION = "7.6";
const RECOVERY_POLL_SECONDS = 2;
const RECOVERY_POLLS = 30;

export class VaultClient {
  private readonly scopes = new Map<string, string>();

  constructor(
    private readonly addresses: CloudAddresses,
    private readonly tokens: Tokens,
  ) {}

  /** Deletes a secret, softly; one that is gone already is a success. */
  async deleteSecret(vaultName: string, name: string, signal: AbortSignal): Promise<void> {
    const url = this.url(vaultName, `secrets/${name}`);
    const response = await this.call("DELETE", url, signal);
    if (response.status !== 200 && response.status !== 404) throw sdkError("DELETE", url, response);
  }

  /** Recovers a deleted secret and waits until it is there; false when there is none to recover. */
  async recoverSecret(vaultName: string, name: string, signal: AbortSignal): Promise<boolean> {
    const deleted = this.url(vaultName, `deletedsecrets/${name}`);
    const found = await this.call("GET", deleted, signal);
    if (found.status === 404) return false;
    if (found.status !== 200) throw sdkError("GET", deleted, found);
    const recover = this.url(vaultName, `deletedsecrets/${name}/recover`);
    const recovery = await this.call("POST", recover, signal);
    if (recovery.status !== 200) throw sdkError("POST", recover, recovery);
    const secret = this.url(vaultName, `secrets/${name}`);
    for (let poll = 0; poll < RECOVERY_POLLS; poll++) {
      const response = await this.call("GET", secret, signal);
      // Being there is enough; reading it may be forbidden or, when it is disabled, refused.
      if (response.status !== 404) return true;
      await pause(undefined, RECOVERY_POLL_SECONDS, signal);
    }
    throw new ProviderError(`The recovery of secret ${name} in vault ${vaultName} does not end.`);
  }

  private async call(method: string, url: string, signal: AbortSignal): Promise<HttpResponse> {
    const { host } = new URL(url);
    const known = this.scopes.get(host);
    const first = await this.callWith(known, method, url, signal);
    if (first.status !== 401) return first;
    const scope = challengedScope(first, new URL(url).hostname);
    if (known !== undefined) this.tokens.forget(known);
    this.scopes.set(host, scope);
    return this.callWith(scope, method, url, signal);
  }

  private async callWith(
    scope: string | undefined,
    method: string,
    url: string,
    signal: AbortSignal,
  ): Promise<HttpResponse> {
    const token = scope === undefined ? undefined : await this.tokens.get(scope, signal);
    return send(
      { method, url, headers: token === undefined ? {} : { authorization: `Bearer ${token}` } },
      signal,
    );
  }

  private url(vaultName: string, path: string): string {
    const { vaultSuffix } = this.addresses;
    return `https://${vaultName}.${vaultSuffix}/${path}?api-version=${API_VERSION}`;
  }
}

/** The scope that a challenge asks for; it must be of the vault's own domain. */
function challengedScope(response: HttpResponse, hostname: string): string {
  const challenge = response.headers["www-authenticate"] ?? "";
  const resource = /(?:resource|scope)="([^"]+)"/.exec(challenge)?.[1];
  if (resource === undefined) throw new ProviderError("no auth challenge in the vault's answer");
  const domain = new URL(resource).hostname;
  if (!hostname.endsWith(`.${domain}`)) {
    throw new ProviderError(
      `challenge resource "${domain}" doesn't match the requested domain "${hostname}"`,
    );
  }
  return resource.endsWith("/.default") ? resource : `${resource}/.default`;
}
