// Tokens of the configured application, kept until shortly before they end, one for each scope.
import { z } from "zod";

import { credentialFields } from "../../client-credential";
import { ProviderError } from "../../provider/errors";
import type { CloudAddresses, Configuration } from "./configuration";
import { sdkError } from "./errors";
import { send } from "./retries";

const SPARE_SECONDS = 300;

const tokenAnswer = z.object({ access_token: z.string(), expires_in: z.coerce.number() });
const claims = z.object({
  appid: z.string().optional(),
  oid: z.string().optional(),
  tid: z.string().optional(),
});

export type Claims = z.infer<typeof claims>;

interface Kept {
  readonly token: string;
  readonly until: number;
}

export class Tokens {
  private readonly kept = new Map<string, Kept>();

  constructor(
    private readonly configuration: Configuration,
    private readonly addresses: CloudAddresses,
  ) {}

  /** @param scope with `/.default` at its end */
  async get(scope: string, signal: AbortSignal): Promise<string> {
    const known = this.kept.get(scope);
    if (known !== undefined && known.until > Date.now()) return known.token;
    const { clientId, credential, tenantId } = this.configuration;
    const url = `${this.addresses.login}/${tenantId}/oauth2/v2.0/token`;
    const proof = await credentialFields(credential).catch((error: unknown) => {
      throw new ProviderError(error instanceof Error ? error.message : String(error));
    });
    const response = await send(
      {
        method: "POST",
        url,
        headers: { "content-type": "application/x-www-form-urlencoded" },
        body: new URLSearchParams({
          client_id: clientId,
          ...proof,
          grant_type: "client_credentials",
          scope,
        }).toString(),
      },
      signal,
    );
    const answer = tokenAnswer.safeParse(response.json);
    if (response.status !== 200 || !answer.success) {
      const text = sdkError("POST", url, response).message;
      const [kind, page] =
        credential.clientSecret === ""
          ? ["ClientAssertionCredential", "workload"]
          : ["ClientSecretCredential", "client-secret"];
      const advice = `To troubleshoot, visit https://aka.ms/azsdk/go/identity/troubleshoot#${page}`;
      throw new ProviderError(`${kind} authentication failed. \n${text}${advice}`);
    }
    const { access_token: token, expires_in: seconds } = answer.data;
    this.kept.set(scope, { token, until: Date.now() + (seconds - SPARE_SECONDS) * 1000 });
    return token;
  }

  /** Forgets a token that was refused. */
  forget(scope: string): void {
    this.kept.delete(scope);
  }
}

/** What a token says of its owner; the signature is the resource's business. */
export function claimsOf(token: string): Claims {
  const [, payload = ""] = token.split(".");
  return claims.parse(JSON.parse(Buffer.from(payload, "base64url").toString("utf8")));
}
