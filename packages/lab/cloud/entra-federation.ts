// Decides whether an assertion, the identity token of a job, stands for an application: first whether a federated credential
// names its issuer, subject and audience, then its key, signature and time. Entra's own order is not known.
import { type JWTPayload, decodeJwt, decodeProtectedHeader, errors, jwtVerify } from "jose";
import type { ApplicationRecord, FederatedCredentialRecord } from "./directory-records";
import type { Jobs } from "./jobs/jobs";

/** The one kind of assertion that a client may sign in by. */
export const JWT_BEARER = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";

/** Why an assertion is refused, in Entra's words. */
export class AssertionFault extends Error {
  constructor(
    readonly errorCode: number,
    message: string,
  ) {
    super(message);
    this.name = "AssertionFault";
  }
}

const CHECK =
  "Check your federated identity credential Subject, Audience and Issuer against the presented assertion. https://learn.microsoft.com/entra/workload-id/workload-identity-federation";

/** The federated credential that the assertion fulfils. @throws AssertionFault */
export async function checkAssertion(
  application: ApplicationRecord,
  assertion: string,
  jobs: Jobs,
): Promise<FederatedCredentialRecord> {
  const { claims, kid } = read(assertion);
  const credential = matching(application, claims);
  const issuer = claims.iss ?? "";
  const key = await jobs.issuer(issuer)?.publicKey(kid);
  if (key === undefined) {
    throw new AssertionFault(
      7000272,
      `The certificate with identifier ${kid ?? ""} used to sign the federated credential could not be found in the metadata of identity provider ${issuer}. Please validate that your Identity Provider's metadata exposes the key used to sign the incoming token.`,
    );
  }
  await jwtVerify(assertion, key, { algorithms: ["RS256"] }).catch((error: unknown) => {
    throw verdict(error, claims);
  });
  return credential;
}

function read(assertion: string): { claims: JWTPayload; kid: string | undefined } {
  try {
    return { claims: decodeJwt(assertion), kid: decodeProtectedHeader(assertion).kid };
  } catch {
    throw new AssertionFault(50027, "JWT token is invalid or malformed.");
  }
}

function matching(
  { clientId, federatedCredentials }: ApplicationRecord,
  { iss = "", sub = "", aud = "" }: JWTPayload,
): FederatedCredentialRecord {
  if (federatedCredentials.length === 0) {
    const text = `The client '${clientId}' has no configured federated identity credentials.`;
    throw new AssertionFault(70025, text);
  }
  const ofIssuer = federatedCredentials.filter((one) => one.issuer === iss);
  if (ofIssuer.length === 0) throw unmatched(700211, "issuer", iss);
  const ofSubject = ofIssuer.filter((one) => one.subject === sub);
  if (ofSubject.length === 0) {
    const nearly = ofIssuer.some((one) => one.subject.toLowerCase() === sub.toLowerCase());
    throw nearly ? otherCase(sub) : unmatched(700213, "subject", sub);
  }
  const audiences = typeof aud === "string" ? [aud] : aud;
  const found = ofSubject.find((one) => one.audiences.some((each) => audiences.includes(each)));
  if (found === undefined) throw unmatched(700212, "audience", audiences.join(", "));
  return found;
}

function unmatched(errorCode: number, claim: string, value: string): AssertionFault {
  const text = `No matching federated identity record found for presented assertion ${claim} '${value}'. ${CHECK}`;
  return new AssertionFault(errorCode, text);
}

function otherCase(subject: string): AssertionFault {
  const text = `No matching federated identity record found for presented assertion subject '${subject}'. The subject matches with case-insensitive comparison, but not with case-sensitive comparison. ${CHECK}`;
  return new AssertionFault(7002138, text);
}

function verdict(error: unknown, { nbf = 0, exp = 0 }: JWTPayload): AssertionFault {
  const timed =
    error instanceof errors.JWTExpired ||
    (error instanceof errors.JWTClaimValidationFailed && error.claim === "nbf");
  if (!timed) {
    const text =
      "Assertion failed signature validation. [Reason - The provided signature value did not match the expected signature value.]";
    return new AssertionFault(50013, text);
  }
  const at = (seconds: number): string => new Date(seconds * 1000).toISOString();
  const text = `Client assertion is not within its valid time range. Current time: ${new Date().toISOString()}, assertion valid from ${at(nbf)}, expiry time of assertion ${at(exp)}. Review the documentation at https://learn.microsoft.com/entra/identity-platform/certificate-credentials .`;
  return new AssertionFault(700024, text);
}
