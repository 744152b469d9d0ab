// The input and the result of the sign-in proof, and what Entra's error codes mean to it.
// The input holds the secret and travels on standard input only.
import { z } from "zod";

/** How long the sign-ins in a row are spread over, where nothing else is configured: replicas take minutes to agree. */
export const SPREAD_SECONDS = 60;

/** Standard input of steps/prove. */
export const proofInput = z.strictObject({
  name: z.string().min(1),
  epoch: z.string().min(1),
  tenantId: z.guid(),
  clientId: z.guid(),
  keyId: z.guid(),
  secret: z.string().min(1),
  environment: z.enum(["public", "usgovernment", "china"]),
  /** Empty: the environment variable ARM_METADATA_HOSTNAME, else the environment's constants. */
  metadataHost: z.string(),
  permissions: z.array(z.string()),
  /** A group whose members are read; empty: any group. */
  groupObjectId: z.string(),
  signIns: z.int().min(1),
  /** Absent where the config says nothing, so that a proof which an earlier release made stays as it is. */
  spreadSeconds: z.number().min(0).default(SPREAD_SECONDS),
  boundSeconds: z.number().min(0),
  consentSeconds: z.number().min(0),
});

export type ProofInput = z.infer<typeof proofInput>;

/** Time beside the two bounds and the last row of sign-ins: for the requests themselves. */
const SLACK_SECONDS = 240;

/** When the step ends by itself, whatever it waits for. */
export function proofDeadlineSeconds(proof: {
  readonly boundSeconds: number;
  readonly consentSeconds: number;
  readonly spreadSeconds?: number | undefined;
}): number {
  const { boundSeconds, consentSeconds, spreadSeconds = SPREAD_SECONDS } = proof;
  return boundSeconds + spreadSeconds + consentSeconds + SLACK_SECONDS;
}

/** Standard output of steps/prove, one line of JSON. */
export interface ProofReport {
  readonly keyturn: "proof/1";
  readonly epoch: string;
  readonly keyId: string;
  readonly signIns: number;
  /** How long the secret took to become valid. */
  readonly waitedSeconds: number;
  /** When it signed in first and last, by Entra's own clock; absent where Entra said no time. */
  readonly span?: { readonly from: string; readonly until: string };
  /** Permissions that were read with. */
  readonly reads: readonly string[];
  /** What no read could show of the others, one sentence each. */
  readonly notShown: readonly string[];
}

/** What a failed sign-in says about the next one. */
export type Verdict = "notYet" | "settling" | "again" | "never";

/**
 * Entra's codes that are known; source: Microsoft's list of AADSTS error codes. The proof is asked about a secret whose own
 * end lies ahead only (the plan's property: the target has not ended), so what Entra says of it while it is new may pass.
 */
export const SIGN_IN_CODES: Readonly<
  Record<number, { verdict: Verdict; meaning: string; remedy: string }>
> = {
  7000215: {
    verdict: "notYet",
    meaning: "the secret value is not valid",
    remedy: "If it stays so, somebody removed the secret: run pulumi up --refresh.",
  },
  7000222: {
    verdict: "notYet",
    meaning: "the secret has expired",
    remedy:
      "Its own end date lies ahead, so Entra does not know it everywhere yet. Run again; if it stays so, raise generation by one to issue another.",
  },
  700016: {
    verdict: "settling",
    meaning: "the application is not in this tenant",
    remedy: "Check tenantId, and that the application was not removed.",
  },
  7000229: {
    verdict: "settling",
    meaning: "the application has no service principal in this tenant",
    remedy: "Run pulumi up --refresh.",
  },
  7000112: {
    verdict: "never",
    meaning: "the application is disabled",
    remedy: "Enable it: Entra, Enterprise applications, Properties, Enabled for users to sign-in.",
  },
  7000228: {
    verdict: "never",
    meaning: "an app management policy blocks the secret",
    remedy: "Let the policy allow client secrets of this lifetime, or lower lifetime.",
  },
  90002: {
    verdict: "never",
    meaning: "the tenant does not exist",
    remedy: "Correct tenantId in Pulumi.<stack>.yaml.",
  },
  53003: {
    verdict: "never",
    meaning: "Conditional Access blocks the sign-in",
    remedy: "Let the policy for workload identities allow the deploying host.",
  },
  90006: { verdict: "again", meaning: "Entra is busy", remedy: "Run again later." },
  90024: { verdict: "again", meaning: "Entra is busy", remedy: "Run again later." },
  90033: { verdict: "again", meaning: "Entra is busy", remedy: "Run again later." },
  50196: {
    verdict: "again",
    meaning: "Entra throttles the application",
    remedy: "Run again later.",
  },
};

/**
 * The id that the proof gives its own sign-ins with a secret (header client-request-id; the sign-in log shows it as the
 * correlation id), so that nobody takes them for a consumer's. Derived from the key id: later runs know it too.
 */
export function proofRequestId(keyId: string): string {
  const digits = keyId.toLowerCase().replaceAll("-", "");
  const mixed = Array.from(digits, (digit, at) =>
    (Number.parseInt(digit, 16) ^ Number.parseInt(PROOF_MASK.charAt(at), 16)).toString(16),
  );
  // Version 8 and variant of RFC 9562: a UUID of somebody's own making.
  mixed[12] = "8";
  mixed[16] = ((Number.parseInt(mixed[16] ?? "0", 16) & 3) | 8).toString(16);
  return mixed.join("").replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
}

/** Any 32 hexadecimal digits; never changed, since later runs compare with earlier ones. */
const PROOF_MASK = "6b65797475726e2d70726f6f662d7631";

/** Whether a value is a GUID: then it is the Secret ID, not the Value. */
export function isSecretId(value: string): boolean {
  return /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(value);
}

/** Reads the first AADSTS code out of a token endpoint's answer. */
export function signInCode(body: unknown): number | undefined {
  const parsed = z
    .object({
      error_codes: z.array(z.number()).optional(),
      error_description: z.string().optional(),
    })
    .safeParse(body);
  if (!parsed.success) return undefined;
  const [first] = parsed.data.error_codes ?? [];
  const text = /AADSTS(\d+)/.exec(parsed.data.error_description ?? "")?.[1];
  return first ?? (text === undefined ? undefined : Number(text));
}

/** What an answer of the token endpoint means: the HTTP status decides where no code is known. */
export function verdictOf(status: number, code: number | undefined): Verdict {
  if (status === 429 || status >= 500 || status === 408) return "again";
  return (code === undefined ? undefined : SIGN_IN_CODES[code]?.verdict) ?? "never";
}

const proofReport = z.object({
  keyturn: z.literal("proof/1"),
  keyId: z.guid(),
  /** A proof of an earlier release says nothing of it. */
  notShown: z.array(z.string()).default([]),
  /** Nor of this. */
  span: z.object({ from: z.iso.datetime(), until: z.iso.datetime() }).optional().catch(undefined),
});

/** What the program takes from a proof's standard output. @throws Error when there is no report */
export function parseProof(
  stdout: string,
): Pick<ProofReport, "keyId" | "notShown"> & { readonly span?: ProofReport["span"] | undefined } {
  const parsed = proofReport.safeParse(readJson(stdout));
  if (parsed.success) return parsed.data;
  throw new Error("The sign-in proof's report cannot be read. Run again.");
}

function readJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
