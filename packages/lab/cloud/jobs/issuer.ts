// An issuer of identity tokens whose name Entra knows: a pair of keys of its own, made at the first token.
import {
  type CryptoKey,
  type JWK,
  type JWTPayload,
  SignJWT,
  calculateJwkThumbprint,
  exportJWK,
  generateKeyPair,
} from "jose";

interface Keys {
  readonly privateKey: CryptoKey;
  readonly publicKey: CryptoKey;
  readonly jwk: JWK;
  readonly kid: string;
}

export interface TokenTimes {
  /** Real seconds from now; negative for one that has not begun yet or is over. @default 0 */
  readonly notBeforeSeconds?: number;
  readonly lifetimeSeconds: number;
}

export class Issuer {
  private keys: Promise<Keys> | undefined;

  /** @param url the `iss` claim, byte for byte */
  constructor(readonly url: string) {}

  /** Times are the machine's: whoever asks compares them with its own clock, as with Entra's tokens. */
  async sign(claims: JWTPayload, audience: string, times: TokenTimes): Promise<string> {
    const { privateKey, kid } = await this.made();
    const now = Math.floor(Date.now() / 1000);
    const begin = now + (times.notBeforeSeconds ?? 0);
    return new SignJWT(claims)
      .setProtectedHeader({ alg: "RS256", typ: "JWT", kid, x5t: kid })
      .setIssuer(this.url)
      .setAudience(audience)
      .setIssuedAt(now)
      .setNotBefore(begin)
      .setExpirationTime(begin + times.lifetimeSeconds)
      .sign(privateKey);
  }

  /** The public key of a token's header, as the issuer's own jwks_uri shows it; undefined for any other. */
  async publicKey(kid: string | undefined): Promise<CryptoKey | undefined> {
    const keys = await this.made();
    return keys.kid === kid ? keys.publicKey : undefined;
  }

  async jwks(): Promise<{ keys: JWK[] }> {
    const { jwk, kid } = await this.made();
    return { keys: [{ ...jwk, kid, x5t: kid, use: "sig", alg: "RS256" }] };
  }

  private made(): Promise<Keys> {
    this.keys ??= makeKeys();
    return this.keys;
  }
}

async function makeKeys(): Promise<Keys> {
  const { publicKey, privateKey } = await generateKeyPair("RS256", { modulusLength: 2048 });
  const jwk = await exportJWK(publicKey);
  return { publicKey, privateKey, jwk, kid: await calculateJwkThumbprint(jwk) };
}
