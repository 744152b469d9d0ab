// What a token says is consented: its claim `roles`. Only a hint: to clients a token of Graph's is opaque, so one that cannot
// be read says nothing.
import { decodeJwt } from "jose";
import { z } from "zod";

const claims = z.object({ roles: z.array(z.string()).default([]) });

/** Names of the application permissions in a token; undefined when it cannot be read. */
export function rolesIn(accessToken: string): ReadonlySet<string> | undefined {
  try {
    const parsed = claims.safeParse(decodeJwt(accessToken));
    return parsed.success ? new Set(parsed.data.roles) : undefined;
  } catch {
    return undefined;
  }
}
