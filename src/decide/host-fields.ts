// From a product's preset and one epoch's secret to the fields of the host contract; and from the host's report to
// what the consumer's hand-over came to.
import type { HostReport, HostUpdate } from "../contracts/host-update";
import {
  HostReportError,
  hostUpdateProblems,
  leastDeadManSeconds,
  leastDeadlineSeconds,
  parseHostReport,
  reportLines,
} from "../contracts/host-update";
import { holdsSecret } from "../contracts/secret-in-text";
import { harmless } from "../foreign-text";
import type { HostPreset } from "../presets/preset";
import { type HostOutcome, UNREAD } from "./outcome";

/** What one hand-over is about. */
export interface HostRequest {
  readonly consumer: string;
  readonly epoch: string;
  readonly keyId: string;
  /** Changes when the file changes although the secret is the same. */
  readonly revision: string;
  readonly attempt: string;
  readonly retry: number;
  /** Who writes the file: `<vault>:<credential>`, of which there is one in the world. */
  readonly writer: string;
  /** The secret. */
  readonly value: string;
  /** The whole new file; empty for file mode edit. */
  readonly content: string;
}

/** All fields of the contract. */
export function hostFields(host: HostPreset, { writer, ...handOver }: HostRequest): HostUpdate {
  const edits = host.fileMode === "edit";
  const { serviceNames, editBefore, editAfter } = host;
  const { stopTimeoutSeconds, startTimeoutSeconds, proofTimeoutSeconds, settleSeconds } = host;
  const times = { stopTimeoutSeconds, startTimeoutSeconds, proofTimeoutSeconds, settleSeconds };
  const { patienceSeconds } = host;
  return {
    ...handOver,
    ...times,
    content: edits ? "" : handOver.content,
    // To the engine both are successes: nothing is wrong, and what came of it stands in the report.
    exitZeroFor: ["alreadyAdopted", "notNow"],
    writer: writer.toLowerCase(),
    formerWriters: host.formerWriters.map((former) => former.toLowerCase()),
    serviceManager: host.serviceManager,
    service: serviceNames,
    startCommand: host.startCommand,
    stopCommand: host.stopCommand,
    statusCommand: host.statusCommand,
    filePath: host.filePath,
    fileMode: host.fileMode,
    before: edits ? editBefore : "",
    after: edits ? editAfter : "",
    window: host.window,
    windowDaily: host.windowDaily,
    traceDirectory: host.traceDirectory,
    tracePattern: host.tracePattern,
    tracePrefix: host.tracePrefix,
    traceSuffix: host.traceSuffix,
    traceInstances: host.traceInstances,
    failurePatterns: host.failurePatterns,
    ...(host.successPatterns.length > 0 && { successPatterns: host.successPatterns }),
    marginSeconds: host.marginSeconds,
    patienceSeconds,
    proofReencrypted: host.proofReencrypted,
    proofSyncLine: host.proofSyncLine,
    deadlineSeconds: leastDeadlineSeconds({ ...times, patienceSeconds }) + SLACK_SECONDS,
    deadManSeconds: leastDeadManSeconds(times) + SLACK_SECONDS,
  };
}

const SLACK_SECONDS = 60;

/**
 * What of a host's part of the config the contract refuses, one sentence each, by the config's own names; asked before
 * anything is issued. A stand-in takes the place of the values that only a run knows.
 */
export function hostProblems(host: HostPreset): string[] {
  const problems = hostUpdateProblems(hostFields(host, STAND_IN));
  return problems.map((problem) =>
    problem.replace(/^(\w+)/, (field) => CONFIG_NAMES[field] ?? field),
  );
}

/** The contract's names of what the config calls otherwise. */
const CONFIG_NAMES: Readonly<Record<string, string>> = {
  service: "serviceNames",
  before: "editBefore",
  after: "editAfter",
};
/** What a secret of Entra's may hold: no single one of these can mark its end. */
const ENTRA_CHARACTERS = "-.0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ_abcdefghijklmnopqrstuvwxyz~";
const STAND_IN: HostRequest = {
  consumer: "consumer",
  epoch: "epoch",
  keyId: "keyId",
  revision: "revision",
  attempt: "1",
  retry: 0,
  writer: "vault:credential",
  value: ENTRA_CHARACTERS,
  content: ENTRA_CHARACTERS,
};

/** The command line: free of quotes and spaces, the same in cmd.exe, PowerShell and sh. */
export function hostCommand(
  interpreter: HostPreset["interpreter"],
  scriptPath: string,
  mode: "apply" | "check" = "apply",
): string {
  return interpreter === "sh"
    ? `sh ${scriptPath} ${mode}`
    : `powershell.exe -NoProfile -NonInteractive -ExecutionPolicy Bypass -File ${scriptPath} ${mode}`;
}

/**
 * Reads the host's report. What it says becomes plain: so nothing of one that holds the secret is kept. One that cannot be
 * read is an outcome that adopts nothing: recorded, so that the next run asks the host again, by another attempt.
 * @param given the secret that the host was given, and its key id
 * @throws Error that quotes nothing of the report, when it holds the secret
 */
export function outcomeOf(
  consumer: string,
  stdout: string,
  { secret, keyId: handedOver }: { readonly secret: string; readonly keyId: string },
): HostOutcome {
  const { reports, others } = reportLines(stdout);
  // By itself too: JSON's escapes are read in JSON only.
  if ([stdout, ...reports].some((text) => holdsSecret(text, secret))) {
    throw new Error(
      `${consumer}: the host's report must hold no secret, but holds the one that was handed over, or a form of it. ` +
        `The whole report was dropped. See who changed the update script or the interpreter on the host; then raise the ` +
        `consumer's retry, and generation, which replaces the secret.`,
    );
  }
  const report = readReport(stdout);
  if (report instanceof HostReportError) {
    const told = {
      reason: report.message,
      downtimeMilliseconds: 0,
      nextSync: null,
      finishedAt: "",
    };
    const named = { name: consumer, kind: "automatic", outcome: UNREAD } as const;
    return { ...named, ...told, adopted: false, keyId: handedOver };
  }
  const { outcome, keyId, adoptedKeyId, reason, downtimeMilliseconds, nextSync, finishedAt } =
    report;
  const adopted = outcome === "updated" || outcome === "alreadyAdopted";
  return {
    name: consumer,
    kind: "automatic",
    outcome,
    adopted,
    keyId,
    reason: harmless(reason),
    downtimeMilliseconds,
    nextSync,
    finishedAt,
    ...(others > 0 && { otherLines: others }),
    ...(adopted || adoptedKeyId === null ? {} : { heldKeyId: adoptedKeyId }),
    ...(adopted && { level: "host" as const }),
  };
}

function readReport(stdout: string): HostReport | HostReportError {
  try {
    return parseHostReport(stdout);
  } catch (error) {
    if (error instanceof HostReportError) return error;
    throw error;
  }
}
