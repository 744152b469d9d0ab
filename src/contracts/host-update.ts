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
/** Beyond it a system takes no environment variable, by which a script hands a list to a tool. */
const MOST_LIST_BYTES = 65_536;
const listOf = (part: z.ZodString) =>
  z
    .array(part)
    .refine((parts) => bytesOf(parts.join("\n")) <= MOST_LIST_BYTES, {
      message: `must be at most ${MOST_LIST_BYTES} bytes long in all`,
    })
    .readonly();
const lines = listOf(someText);
const command = listOf(
  someText.refine((part) => !/"|\\$/.test(part), 'must hold no " and not end in \\'),
);
const ABSOLUTE = /^(\/|[A-Za-z]:[\\/])/;
/** Links are followed by one who reads such a path, and not by another. */
const isDirect = (path: string) => !/[\\/]\.{1,2}([\\/]|$)/.test(path);
const INDIRECT = "must hold no part . or ..";
const noNul = z.string().refine((value) => !value.includes("\0"), "must hold no NUL");
const seconds = (least: number) =>
  z.int("must be whole seconds").min(least, `must be at least ${least}`).max(999_999);

/**
 * The fields that a preset and the config decide, each checked here and nowhere else: the config is held to them before
 * anything is issued, and the input once more before it is sent.
 */
export const HOST_FIELDS = {
  serviceManager: z.enum(["windows", "systemd", "command"]),
  startCommand: command,
  stopCommand: command,
  statusCommand: command,
  filePath: someText.regex(ABSOLUTE, "must be an absolute path").refine(isDirect, INDIRECT),
  fileMode: z.enum(["content", "edit"]),
  window: z.enum(["trace", "daily", "none"]),
  traceDirectory: text
    .refine((path) => path === "" || ABSOLUTE.test(path), "must be an absolute path")
    .refine(isDirect, INDIRECT),
  tracePattern: text.regex(/^[^/\\]*$/, "must be a file's name, without a folder"),
  tracePrefix: text,
  traceSuffix: text,
  traceInstances: lines,
  failurePatterns: lines,
  successPatterns: lines,
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
} as const;

/** The contract's `service`: names or display names, of which exactly one service must have one. */
export const SERVICE_NAMES = z.array(someText).min(1, "must not be empty").readonly();
/** The contract's `before` and `after`: literal text around the value, file mode edit. */
export const EDIT_TEXT = noNul;
/** The contract's `formerWriters`. */
export const WRITERS = z.array(word).readonly();

const hostUpdate = z.strictObject({
  consumer: word,
  epoch: word,
  keyId: word,
  revision: word,
  attempt: word,
  retry: z.int().min(0).max(999_999),
  exitZeroFor: z.array(z.enum(["alreadyAdopted", "notNow"])).readonly(),
  writer: word,
  formerWriters: WRITERS,
  service: SERVICE_NAMES,
  ...HOST_FIELDS,
  /** Missing is empty: so the input of a host whose product knows no such text stays what it was. */
  successPatterns: lines.optional(),
  content: z.string().refine((value) => bytesOf(value) <= 1_048_576, "must be at most 1 MiB"),
  before: EDIT_TEXT,
  after: EDIT_TEXT,
  value: noNul.min(1, "must not be empty").regex(/^[^\r\n]*$/, "must hold no line break"),
  deadlineSeconds: seconds(1),
  deadManSeconds: seconds(1),
});

/** One host update: the fields of host/CONTRACT.md section 2, all of them but what may be missing. */
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
  const given = Object.entries(update).filter(([, value]) => value !== undefined);
  const encoded = given.map(([name, value]) => {
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

/** What a host says is data: bounded, one line, and nothing that a terminal obeys or that turns a line around. */
const MOST_REPORT_CHARACTERS = 65_536;
const CONTROL = /[\p{Cc}\p{Zl}\p{Zp}\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/u;
const said = (most: number) =>
  z
    .string()
    .max(most, `must be at most ${most} characters long`)
    .refine((value) => !CONTROL.test(value), "must hold no control characters");
const shortText = said(128);
const place = said(1024);
const sentence = said(4096);
const MOST_PROBLEMS = 200;
const MOST_PHASES = 100;

const count = z.int().min(0);
const hostReport = z.strictObject({
  keyturn: z.literal("report/1"),
  mode: z.enum(["apply", "check"]),
  outcome: z.enum(Object.keys(HOST_EXIT_CODES) as [HostOutcome, ...HostOutcome[]]),
  reason: sentence,
  remedy: sentence,
  problems: z.array(sentence).max(MOST_PROBLEMS),
  consumer: shortText,
  epoch: shortText,
  keyId: shortText,
  revision: shortText,
  attempt: shortText,
  retry: count,
  service: place,
  serviceState: z.enum(["running", "stopped", "unknown"]),
  file: place,
  adoptedKeyId: shortText.nullable(),
  restoredCount: count,
  interrupted: shortText.nullable(),
  nextSync: z.iso.datetime().nullable(),
  startedAt: z.iso.datetime(),
  finishedAt: z.iso.datetime(),
  milliseconds: count,
  downtimeMilliseconds: count,
  restarts: count,
  phases: z.array(z.strictObject({ name: shortText, milliseconds: count })).max(MOST_PHASES),
});

/** What the host answered: host/CONTRACT.md section 3. */
export type HostReport = z.infer<typeof hostReport>;

/** How a report line begins; a shell's profile, a banner or a transcript may print lines of its own around it. */
const REPORT_MARK = '{"keyturn":"report/1"';

/** Whether a line is a host's report, or begins as one. */
export function isReportLine(line: string): boolean {
  return line.startsWith(REPORT_MARK);
}

const REPORTED = /\{"keyturn":"report\/1","mode":"apply","outcome":"(\w+)"/g;

/** What the reports in a text say that came of the host; their lines may be cut. */
export function reportedOutcomes(text: string): ReadonlySet<string> {
  return new Set(Array.from(text.matchAll(REPORTED), ([, outcome = ""]) => outcome));
}

/** A run's standard output, taken apart by the mark; a byte order mark and spaces before it do not count. */
export function reportLines(stdout: string): {
  readonly reports: readonly string[];
  /** How many lines are none. */
  readonly others: number;
} {
  const lines = stdout
    .split(/\r?\n/)
    .map((line) => line.trim())
    .filter((line) => line !== "");
  const reports = lines.filter(isReportLine);
  return { reports, others: lines.length - reports.length };
}

/**
 * Reads the one report line of a run's standard output; every other line is ignored.
 * @throws HostReportError when there is no such line, more than one, or another shape
 */
export function parseHostReport(stdout: string): HostReport {
  const { reports, others } = reportLines(stdout);
  const [line] = reports;
  if (line === undefined) throw new HostReportError(`none of its ${others} lines is a report`);
  if (reports.length > 1) {
    throw new HostReportError(`${reports.length} reports where one was expected`);
  }
  if (line.length > MOST_REPORT_CHARACTERS) throw new HostReportError("it is too long");
  let json: unknown;
  try {
    json = JSON.parse(line);
  } catch {
    // The parser's own words quote the line.
    throw new HostReportError("the line is not JSON");
  }
  const parsed = hostReport.safeParse(json);
  if (parsed.success) return parsed.data;
  const faults = parsed.error.issues.map(({ code, path, message }) => {
    // Names that are not in the contract are the host's own text.
    const fault = code === "unrecognized_keys" ? "has keys that the contract does not" : message;
    return `${path.join(".") || "report"}: ${fault}`;
  });
  throw new HostReportError(faults.join("; "));
}

/** A report that cannot be read: the run may have been cut off; the journal decides at the next run. */
export class HostReportError extends Error {
  override readonly name = "HostReportError";
  /** @param fault without a word of the report's */
  constructor(fault: string) {
    super(`The host's report cannot be read: ${fault}. Run again: the host's journal continues.`);
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
  if (edits && update.before !== "" && update.after !== "") {
    const edited = update.value + update.after;
    rule(
      edited.indexOf(update.after) === update.value.length,
      "after: must not begin within value: the next run would take the value to end there.",
    );
    rule(
      !edited.includes(update.before),
      "before: must not stand in value and after: the next run would find it twice.",
    );
  }
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
  const successes = (update.successPatterns ?? []).length > 0;
  rule(!successes || traced, "successPatterns: needs traceDirectory and tracePattern.");
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
