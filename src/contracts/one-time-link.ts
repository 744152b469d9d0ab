// The input and the report of the step that makes a one-time link. Both hold secrets: the input the value, the report
// the link, which opens it.
import { z } from "zod";

/** Standard input of steps/one-time-link. */
export const linkInput = z.strictObject({
  consumer: z.string().min(1),
  epoch: z.string().min(1),
  keyId: z.guid(),
  /** Another one makes another link. */
  retry: z.int().min(0),
  /** Base address without a slash at its end. */
  server: z.url({ protocol: /^https$/ }),
  /** How long the link can be opened. */
  seconds: z.int().min(1),
  secret: z.string().min(1),
});

export type LinkInput = z.infer<typeof linkInput>;

const linkReport = z.strictObject({
  keyturn: z.literal("link/1"),
  keyId: z.guid(),
  link: z.url({ protocol: /^https$/ }),
  linkId: z.string().min(1).optional(),
  expires: z.iso.datetime(),
});

/** Standard output of steps/one-time-link, one line of JSON. */
export type LinkReport = z.infer<typeof linkReport>;

/** Whether a one-time link was opened, as far as its server can say. */
export type LinkState = "unread" | "read or expired" | "not known";

/** A one-time link, without what opens it. */
export interface MadeLink {
  readonly linkId?: string | undefined;
  readonly expires: string;
}

/** What the report says without the link: no secret. @throws Error when there is no report */
export function madeLink(stdout: string): MadeLink {
  const { linkId, expires } = readReport(stdout);
  return { linkId, expires };
}

/** The link: a secret. @throws Error when there is no report */
export function linkText(stdout: string): string {
  return readReport(stdout).link;
}

function readReport(stdout: string): LinkReport {
  let json: unknown;
  try {
    json = JSON.parse(stdout);
  } catch {
    json = undefined;
  }
  const parsed = linkReport.safeParse(json);
  if (parsed.success) return parsed.data;
  throw new Error("The one-time link's report cannot be read. Run again.");
}
