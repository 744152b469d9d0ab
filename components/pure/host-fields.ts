// From a product's preset and one epoch's secret to the fields of the host contract; and from the host's report to
// what the consumer's hand-over came to.
import type { HostUpdate } from "./host-contract";
import { leastDeadManSeconds, leastDeadlineSeconds, parseHostReport } from "./host-contract";
import type { HostPreset } from "./preset";
import type { ConsumerResult } from "./record";

/** What one hand-over is about. */
export interface HandOver {
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
export function hostFields(host: HostPreset, { writer, ...handOver }: HandOver): HostUpdate {
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
    marginSeconds: host.marginSeconds,
    patienceSeconds,
    proofReencrypted: host.proofReencrypted,
    proofSyncLine: host.proofSyncLine,
    deadlineSeconds: leastDeadlineSeconds({ ...times, patienceSeconds }) + SLACK_SECONDS,
    deadManSeconds: leastDeadManSeconds(times) + SLACK_SECONDS,
  };
}

const SLACK_SECONDS = 60;

/** The command line: free of quotes and spaces, the same in cmd.exe, PowerShell and sh. */
export function hostCommand(interpreter: HostPreset["interpreter"], scriptPath: string): string {
  return interpreter === "sh"
    ? `sh ${scriptPath} apply`
    : `powershell.exe -NoProfile -NonInteractive -ExecutionPolicy Bypass -File ${scriptPath} apply`;
}

/** What one host transaction came to, with what an operator wants to see; no secret. */
export interface HostOutcome extends ConsumerResult {
  readonly kind: "automatic";
  readonly reason: string;
  readonly downtimeMilliseconds: number;
  readonly nextSync: string | null;
  readonly finishedAt: string;
}

/** Reads the host's report. @throws Error when there is none */
export function outcomeOf(consumer: string, stdout: string): HostOutcome {
  const report = parseHostReport(stdout);
  const { outcome, keyId, reason, downtimeMilliseconds, nextSync, finishedAt } = report;
  const adopted = outcome === "updated" || outcome === "alreadyAdopted";
  return {
    name: consumer,
    kind: "automatic",
    outcome,
    adopted,
    keyId,
    reason,
    downtimeMilliseconds,
    nextSync,
    finishedAt,
  };
}
