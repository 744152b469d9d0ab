// The report of a stack as text. Names that others gave are made safe to print.
import { harmless } from "../../../src/foreign-text";
import { table } from "../table";
import type { ConsumerRow, StackReport, StrangerRow } from "./report";

/** @returns the report, ready to print */
export function renderStackReport(report: StackReport): string {
  const { credential, stack, day, lastRun, nextRotation, notRecorded } = report;
  const sections = [
    [
      `Credential ${credential}, stack ${stack}, on ${day}`,
      ...(report.reason === undefined ? [] : [`Last successful run: ${report.reason}`]),
      ...(lastRun ? [`Last ${lastRun.kind}: ${lastRun.at}, ${lastRun.result}`] : []),
      ...(nextRotation
        ? [`Next rotation: ${nextRotation.on} (${inDays(nextRotation.inDays)})`]
        : []),
      ...(report.clientId === undefined
        ? []
        : [`Application ${report.clientId} in tenant ${report.tenantId ?? "unknown"}`]),
    ],
    titled(
      "Attention",
      report.warnings.map((line) => `  ${line}`),
    ),
    titled(
      "Secrets",
      table(
        ["epoch", "key id", "standing", "ends", ""],
        report.secrets.map((one) => [
          one.epoch,
          one.keyId,
          one.standing,
          `${one.endDate.slice(0, 10)} (${inDays(one.daysToEnd)})`,
          one.detail,
        ]),
      ),
      report.secrets.length,
    ),
    titled("Consumers", report.consumers.flatMap(consumerLines)),
    titled(
      "Secrets on the application that this stack did not make (never removed by it)",
      report.foreignSecrets.flatMap(strangerLines),
    ),
    titled(
      "Secrets of this credential's name that the state does not know",
      report.orphans.flatMap(strangerLines),
    ),
    titled(
      "Notes",
      report.notes.map((line) => `  ${line}`),
    ),
    titled(
      "Not recorded",
      notRecorded.map((name) => `  ${name}`),
    ),
    notRecorded.length > 0 && report.secrets.length > 0
      ? [
          "The last run was by an older Keyturn, or could not read these. The next pulumi up records them.",
        ]
      : [],
  ];
  return sections
    .filter((lines) => lines.length > 0)
    .map((lines) => lines.map((line) => harmless(line)).join("\n"))
    .join("\n\n");
}

function titled(title: string, lines: readonly string[], rows = lines.length): readonly string[] {
  return rows === 0 ? [] : [`${title}:`, ...lines];
}

function consumerLines(consumer: ConsumerRow): string[] {
  const { name, kind, outcome, waitingSince, keyId, link } = consumer;
  const state = waitingSince === undefined ? outcome : `${outcome}, waiting since ${waitingSince}`;
  return [
    `  ${name} (${kind}): ${state}; last answer is about key id ${keyId}`,
    ...(consumer.reason === undefined ? [] : [`    ${consumer.reason}`]),
    ...(consumer.proof === undefined ? [] : [`    ${consumer.proof}`]),
    ...(link === undefined || waitingSince === undefined
      ? []
      : [`    one-time link: ${link} at the last run`]),
    ...consumer.todo.map((line, index) => `    ${index + 1}. ${line}`),
  ];
}

function strangerLines(secret: StrangerRow): string[] {
  const age = secret.ageDays === undefined ? "age unknown" : `${secret.ageDays} days old`;
  return [
    `  ${secret.displayName ?? "(no name)"}, key id ${secret.keyId}, ${age}, ends ${secret.endDate ?? "never"}`,
    ...(secret.standing === undefined
      ? []
      : [`    ${STANDINGS[secret.standing]}: ${secret.because ?? ""}`]),
    ...(secret.removeWith === undefined ? [] : [`    ${secret.removeWith}`]),
  ];
}

const STANDINGS = {
  held: "in use, do not remove it",
  unheld: "held by nobody",
  unknown: "not known whether a service holds it",
};

function inDays(days: number): string {
  if (days === 0) return "today";
  const count = Math.abs(days) === 1 ? "1 day" : `${Math.abs(days)} days`;
  return days > 0 ? `in ${count}` : `${count} ago`;
}
