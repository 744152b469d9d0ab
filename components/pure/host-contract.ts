// The host update's contract (host/CONTRACT.md) as the program sees it: writes the text for standard input,
// reads the report line. No value of a field ever appears in an error.
import { z } from "zod";

/** First line of the input; names the version of host/CONTRACT.md. */
export const HOST_CONTRACT = "keyturn-update/1";

/** Fields that hold a secret; the text that {@link encodeHostInput} returns is a secret as a whole. */
export const HOST_SECRET_FIELDS = ["content", "before", "after", "value"] as const;

/** Outcomes of a run and the exit code of each. */
export const HOST_EXIT_CODES = {
  updated: 0,
  ready: 0,
  alreadyAdopted: 10,
  notNow: 11,
  refused: 20,
  restored: 21,
  needsHands: 22,
} as const;

export type HostOutcome = keyof typeof HOST_EXIT_CODES;

const word = z
  .string()
  .regex(/^[A-Za-z0-9._:+-]{1,128}$/, "must be 1 to 128 of A-Z a-z 0-9 . _ : + -");
const bytesOf = (value: string) => Buffer.byteLength(value, "utf8");
const text = z
  .string()
  // eslint-disable-next-line no-control-regex -- control characters are what is refused
  .refine((value) => !/[\u0000-\u001f\u007f]/.test(value), "must hold no control characters")
  .refine((value) => bytesOf(value) <= 1024, "must be at most 1024 bytes long");
const someText = text.min(1, "must not be empty");
const lines = z.array(someText).readonly();
const command = z
  .array(someText.refine((part) => !/"|\\$/.test(part), 'must hold no " and not end in \\'))
  .readonly();
const noNul = z.string().refine((value) => !value.includes("\0"), "must hold no NUL");
const seconds = (least: number) =>
  z.int("must be whole seconds").min(least, `must be at least ${least}`).max(999_999);

const hostUpdate = z.strictObject({
  consumer: word,
  epoch: word,
  keyId: word,
  revision: word,
  attempt: word,
  retry: z.int().min(0).max(999_999),
  exitZeroFor: z.array(z.enum(["alreadyAdopted", "notNow"])).readonly(),
  writer: word,
  formerWriters: z.array(word).readonly(),
  serviceManager: z.enum(["windows", "systemd", "command"]),
  service: z.array(someText).min(1, "must not be empty").readonly(),
  startCommand: command,
  stopCommand: command,
  statusCommand: command,
  filePath: someText.regex(/^(\/|[A-Za-z]:[\\/])/, "must be an absolute path"),
  fileMode: z.enum(["content", "edit"]),
  content: z.string().refine((value) => bytesOf(value) <= 1_048_576, "must be at most 1 MiB"),
  before: noNul,
  after: noNul,
  value: noNul.min(1, "must not be empty").regex(/^[^\r\n]*$/, "must hold no line break"),
  window: z.enum(["trace", "daily", "none"]),
  traceDirectory: text,
  tracePattern: text,
  tracePrefix: text,
  traceSuffix: text,
  traceInstances: lines,
  failurePatterns: lines,
  windowDaily: z
    .string()
    .regex(/^(([01]\d|2[0-3]):[0-5]\d-([01]\d|2[0-3]):[0-5]\d)?$/, "must be HH:MM-HH:MM or empty"),
  marginSeconds: seconds(0),
  patienceSeconds: seconds(0),
  stopTimeoutSeconds: seconds(1),
  startTimeoutSeconds: seconds(1),
  proofReencrypted: z.boolean(),
  proofSyncLine: z.boolean(),
  settleSeconds: seconds(0),
  proofTimeoutSeconds: seconds(1),
  deadlineSeconds: seconds(1),
  deadManSeconds: seconds(1),
});

/** One host update: the fields of host/CONTRACT.md section 2, all of them. */
export type HostUpdate = z.infer<typeof hostUpdate>;

/** The durations that bound the transaction after the stop. */
export type HostTimes = Pick<
  HostUpdate,
  "stopTimeoutSeconds" | "startTimeoutSeconds" | "proofTimeoutSeconds" | "settleSeconds"
>;

/** Least `deadManSeconds` that leaves a living run room to finish or to restore. */
export function leastDeadManSeconds(times: HostTimes): number {
  const { stopTimeoutSeconds, startTimeoutSeconds, proofTimeoutSeconds, settleSeconds } = times;
  return 2 * (stopTimeoutSeconds + startTimeoutSeconds + proofTimeoutSeconds) + settleSeconds + 10;
}

/** Least `deadlineSeconds` that leaves a run room to wait, finish or restore. */
export function leastDeadlineSeconds(
  times: HostTimes & Pick<HostUpdate, "patienceSeconds">,
): number {
  return times.patienceSeconds + leastDeadManSeconds(times) + 20;
}

/** Every problem of an update, one sentence each, without any value of a field. */
export function hostUpdateProblems(update: HostUpdate): string[] {
  const parsed = hostUpdate.safeParse(update);
  const shape = parsed.error?.issues.map((i) => `${i.path.join(".") || "input"}: ${i.message}.`);
  return shape ?? crossProblems(update);
}

/**
 * The text for the standard input of host/update.sh and host/update.ps1. It holds the secret: wrap it.
 * @throws HostInputError that lists every problem
 */
export function encodeHostInput(update: HostUpdate): string {
  const problems = hostUpdateProblems(update);
  if (problems.length > 0) throw new HostInputError(problems);
  const encoded = Object.entries(update).map(([name, value]) => {
    const plain = Array.isArray(value) ? value.join("\n") : String(value);
    return `${name}=${Buffer.from(plain, "utf8").toString("base64")}`;
  });
  return [HOST_CONTRACT, ...encoded, "end", ""].join("\n");
}

/** An update that does not fit the contract; nothing was sent. */
export class HostInputError extends Error {
  override readonly name = "HostInputError";
  constructor(readonly problems: readonly string[]) {
    super(`The host update does not fit host/CONTRACT.md: ${problems.join(" ")}`);
  }
}

const count = z.int().min(0);
const hostReport = z.strictObject({
  keyturn: z.literal("report/1"),
  mode: z.enum(["apply", "check"]),
  outcome: z.enum(Object.keys(HOST_EXIT_CODES) as [HostOutcome, ...HostOutcome[]]),
  reason: z.string(),
  remedy: z.string(),
  problems: z.array(z.string()),
  consumer: z.string(),
  epoch: z.string(),
  keyId: z.string(),
  revision: z.string(),
  attempt: z.string(),
  retry: count,
  service: z.string(),
  serviceState: z.enum(["running", "stopped", "unknown"]),
  file: z.string(),
  adoptedKeyId: z.string().nullable(),
  restoredCount: count,
  interrupted: z.string().nullable(),
  nextSync: z.iso.datetime().nullable(),
  startedAt: z.iso.datetime(),
  finishedAt: z.iso.datetime(),
  milliseconds: count,
  downtimeMilliseconds: count,
  restarts: count,
  phases: z.array(z.strictObject({ name: z.string(), milliseconds: count })),
});

/** What the host answered: host/CONTRACT.md section 3. */
export type HostReport = z.infer<typeof hostReport>;

/**
 * Reads the one report line of a run's standard output.
 * @throws HostReportError when there is no line, more than one, or another shape
 */
export function parseHostReport(stdout: string): HostReport {
  const reportLines = stdout.split(/\r?\n/).filter((line) => line !== "");
  const [line] = reportLines;
  if (line === undefined || reportLines.length > 1) {
    throw new HostReportError(`${reportLines.length} lines where one was expected`);
  }
  let json: unknown;
  try {
    json = JSON.parse(line);
  } catch (cause) {
    throw new HostReportError("the line is not JSON", cause);
  }
  const parsed = hostReport.safeParse(json);
  if (parsed.success) return parsed.data;
  const faults = parsed.error.issues.map((i) => `${i.path.join(".") || "report"}: ${i.message}`);
  throw new HostReportError(faults.join("; "), parsed.error);
}

/** A report that cannot be read: the run may have been cut off; the journal decides at the next run. */
export class HostReportError extends Error {
  override readonly name = "HostReportError";
  constructor(fault: string, cause?: unknown) {
    super(`The host's report cannot be read: ${fault}. Run again: the host's journal continues.`, {
      cause,
    });
  }
}

/** What must hold between fields. */
function crossProblems(update: HostUpdate): string[] {
  const problems: string[] = [];
  const rule = (holds: boolean, sentence: string) => {
    if (!holds) problems.push(sentence);
  };
  const byCommand = update.serviceManager === "command";
  for (const name of ["startCommand", "stopCommand", "statusCommand"] as const) {
    const fits = update[name].length > 0 === byCommand;
    rule(fits, `${name}: must be given for serviceManager command, and only then.`);
  }
  const edits = update.fileMode === "edit";
  rule(
    edits === (update.content === ""),
    "content: must be given for fileMode content, and only then.",
  );
  rule(edits === (update.before !== ""), "before: must be given for fileMode edit, and only then.");
  rule(edits === (update.after !== ""), "after: must be given for fileMode edit, and only then.");
  rule(edits || update.content.includes(update.value), "content: must contain value.");
  const traced = update.traceDirectory !== "" && update.tracePattern !== "";
  const marked = traced && update.tracePrefix !== "";
  rule(
    update.window !== "trace" || marked,
    "window: trace needs traceDirectory, tracePattern and tracePrefix.",
  );
  rule(
    !update.proofSyncLine || marked,
    "proofSyncLine: needs traceDirectory, tracePattern and tracePrefix.",
  );
  const patterns = update.failurePatterns.length > 0;
  rule(!patterns || traced, "failurePatterns: needs traceDirectory and tracePattern.");
  rule(update.window !== "daily" || update.windowDaily !== "", "window: daily needs windowDaily.");
  const settles = update.settleSeconds <= update.proofTimeoutSeconds;
  rule(settles, "settleSeconds: must be at most proofTimeoutSeconds.");
  const leastDeadline = leastDeadlineSeconds(update);
  rule(
    update.deadlineSeconds >= leastDeadline,
    `deadlineSeconds: must be at least ${leastDeadline}.`,
  );
  const leastDeadMan = leastDeadManSeconds(update);
  rule(update.deadManSeconds >= leastDeadMan, `deadManSeconds: must be at least ${leastDeadMan}.`);
  return problems;
}
