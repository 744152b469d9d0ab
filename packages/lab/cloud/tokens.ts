// Signs and verifies app-only access tokens with the claims of Entra's v1.0 and v2.0 tokens.
// Their iat, nbf and exp are in real time, because MSAL and the Go clients compare them with the machine's clock;
// only the validity of credentials follows the lab clock.
import { randomUUID } from "node:crypto";
import {
  type JWK,
  SignJWT,
  calculateJwkThumbprint,
  errors,
  exportJWK,
  generateKeyPair,
  jwtVerify,
} from "jose";
import { z } from "zod";
import { type Endpoints, namesOf } from "./endpoints";

/** Who a verified token speaks for. */
export interface Caller {
  readonly tenantId: string;
  readonly clientId: string;
  readonly servicePrincipalObjectId: string;
  readonly audience: string;
  readonly roles: readonly string[];
}

export interface TokenRequest {
  readonly clientId: string;
  readonly servicePrincipalObjectId: string;
  readonly audience: string;
  readonly roles: readonly string[];
  /** Claim set; first-party resources take v1.0 tokens. @default "1.0" */
  readonly version?: "1.0" | "2.0";
  /** Real seconds; negative makes a token that has expired. @default TOKEN_LIFETIME_SECONDS */
  readonly lifetimeSeconds?: number;
}

export interface TokenIssuer {
  issue(request: TokenRequest): Promise<string>;
  /** @param audience one accepted audience, or all that name the same resource. */
  verify(bearer: string | undefined, audience: string | readonly string[]): Promise<Caller>;
  /** The public keys, as the discovery document's jwks_uri serves them. */
  jwks(): { keys: JWK[] };
}

export type TokenFault = "missing" | "malformed" | "signature" | "expired" | "audience";

/** Why a bearer token is refused; `code` and message are in Microsoft's words. */
export class TokenError extends Error {
  readonly status = 401;
  readonly code = "InvalidAuthenticationToken";

  constructor(readonly fault: TokenFault) {
    super(TOKEN_FAULTS[fault]);
    this.name = "TokenError";
  }
}

/** Entra's default is 60 to 90 minutes; expires_in is one second less, as Entra answers. */
export const TOKEN_LIFETIME_SECONDS = 3600;

const TOKEN_FAULTS: Record<TokenFault, string> = {
  missing: "Access token is empty.",
  malformed:
    "IDX14100: JWT is not well formed, there are no dots (.).\nThe token needs to be in JWS or JWE Compact Serialization Format. (JWS): 'EncodedHeader.EncodedPayload.EncodedSignature'. (JWE): 'EncodedProtectedHeader.EncodedEncryptedKey.EncodedInitializationVector.EncodedCiphertext.EncodedAuthenticationTag'.",
  signature: "Signature is invalid.",
  expired: "Lifetime validation failed, the token is expired.",
  audience: "Access token validation failure. Invalid audience.",
};

const Claims = z.object({
  aud: z.string(),
  tid: z.string(),
  oid: z.string(),
  appid: z.string().optional(),
  azp: z.string().optional(),
  roles: z.array(z.string()).default([]),
});

export async function createTokenIssuer(
  endpoints: Endpoints,
  tenantId: string,
): Promise<TokenIssuer> {
  const { publicKey, privateKey } = await generateKeyPair("RS256", { modulusLength: 2048 });
  const jwk = await exportJWK(publicKey);
  const kid = await calculateJwkThumbprint(jwk);

  return {
    jwks: () => ({ keys: [{ ...jwk, kid, x5t: kid, use: "sig", alg: "RS256" }] }),

    async issue(request) {
      const { clientId, servicePrincipalObjectId, audience, roles, version = "1.0" } = request;
      const now = Math.floor(Date.now() / 1000);
      const base = {
        tid: tenantId,
        oid: servicePrincipalObjectId,
        sub: servicePrincipalObjectId,
        idtyp: "app",
        uti: randomUUID().replaceAll("-", "").slice(0, 22),
        ver: version,
        ...(roles.length > 0 ? { roles: [...roles] } : {}),
      };
      const claims =
        version === "1.0"
          ? { ...base, appid: clientId, appidacr: "1", idp: issuerOf(tenantId, "1.0", endpoints) }
          : { ...base, azp: clientId, azpacr: "1" };
      return new SignJWT(claims)
        .setProtectedHeader({ alg: "RS256", typ: "JWT", kid, x5t: kid })
        .setAudience(audience)
        .setIssuer(issuerOf(tenantId, version, endpoints))
        .setIssuedAt(now)
        .setNotBefore(now)
        .setExpirationTime(now + (request.lifetimeSeconds ?? TOKEN_LIFETIME_SECONDS))
        .sign(privateKey);
    },

    async verify(bearer, audience) {
      const token = bearer?.replace(/^Bearer\s*/i, "").trim() ?? "";
      if (token === "") throw new TokenError("missing");
      const payload = await jwtVerify(token, publicKey, { algorithms: ["RS256"] }).then(
        (verified) => verified.payload,
        (error: unknown) => {
          throw new TokenError(faultOf(error));
        },
      );
      const claims = Claims.safeParse(payload);
      if (!claims.success) throw new TokenError("malformed");
      const { aud, tid, oid, appid, azp, roles } = claims.data;
      const accepted = typeof audience === "string" ? [audience] : audience;
      if (!accepted.some((one) => sameAudience(one, aud))) throw new TokenError("audience");
      return {
        tenantId: tid,
        clientId: appid ?? azp ?? "",
        servicePrincipalObjectId: oid,
        audience: aud,
        roles,
      };
    },
  };
}

/** The issuer claim: v1.0 tokens come from the security token service, v2.0 from the sign-in address. */
export function issuerOf(tenantId: string, version: "1.0" | "2.0", endpoints: Endpoints): string {
  return version === "1.0"
    ? `https://sts.windows.net/${tenantId}/`
    : `${namesOf(endpoints).loginUrl}/${tenantId}/v2.0`;
}

function sameAudience(one: string, other: string): boolean {
  const plain = (audience: string): string => audience.replace(/\/+$/, "").toLowerCase();
  return plain(one) === plain(other);
}

function faultOf(error: unknown): TokenFault {
  if (error instanceof errors.JWTExpired) return "expired";
  if (error instanceof errors.JWSSignatureVerificationFailed) return "signature";
  return "malformed";
}
