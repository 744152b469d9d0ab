// ARM's own words for a bearer token that it refuses.
import type { CloudContext } from "../context";
import { namesOf } from "../endpoints";
import { issuerOf, TokenError, type Caller } from "../tokens";
import { ArmError } from "./errors";

export async function authenticate(
  authorization: string | undefined,
  audiences: readonly string[],
  context: CloudContext,
): Promise<Caller> {
  if (authorization === undefined || authorization === "") {
    throw new ArmError(
      401,
      "AuthenticationFailed",
      "Authentication failed. The 'Authorization' header is missing.",
    );
  }
  if (!/^bearer /i.test(authorization)) {
    throw new ArmError(
      401,
      "AuthenticationFailedInvalidHeader",
      "Authentication failed. The 'Authorization' header is provided in an invalid format.",
    );
  }
  const caller = await verify(authorization, audiences, context);
  if (caller.tenantId !== context.tenantId) throw wrongTenant(caller.tenantId, context);
  return caller;
}

async function verify(
  authorization: string,
  audiences: readonly string[],
  context: CloudContext,
): Promise<Caller> {
  try {
    return await context.tokens.verify(authorization, audiences);
  } catch (error) {
    if (!(error instanceof TokenError)) throw error;
    switch (error.fault) {
      case "expired":
        throw new ArmError(
          401,
          "ExpiredAuthenticationToken",
          `The access token expiry UTC time is earlier than current UTC time '${new Date().toISOString()}'.`,
        );
      case "audience":
        throw new ArmError(
          401,
          "InvalidAuthenticationTokenAudience",
          `The access token has been obtained for wrong audience or resource. It should exactly match with one of the allowed audiences '${audiences.join("','")}'.`,
        );
      case "missing":
      case "malformed":
      case "signature":
        throw new ArmError(401, "InvalidAuthenticationToken", "The access token is invalid.");
    }
  }
}

function wrongTenant(found: string, context: CloudContext): ArmError {
  const expected = issuerOf(context.tenantId, "1.0", context.endpoints);
  const authority = `${namesOf(context.endpoints).loginUrl}/${context.tenantId}`;
  return new ArmError(
    401,
    "InvalidAuthenticationTokenTenant",
    `The access token is from the wrong issuer '${issuerOf(found, "1.0", context.endpoints)}'. It must match the tenant '${expected}' associated with this subscription. Please use the authority (URL) '${authority}' to get the token. Note, if the subscription is transferred to another tenant there is no impact to the services, but information about new tenant could take time to propagate (up to an hour). If you just transferred your subscription and see this error message, please try back later.`,
  );
}
