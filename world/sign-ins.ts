// Asks Entra's sign-in log (Microsoft Graph beta, auditLogs/signIns) whether the consumers that people serve use the new
// secret. Asked only while one of them waits; without the licence or the permission the run goes on and says so.
import { log } from "@pulumi/pulumi";
import { z } from "zod";
import type { Plan } from "../components/pure/plan";
import type { Confirmation, Settings } from "../components/pure/settings";
import type { LastSeen, LogQuestion, SignIn } from "../components/pure/sightings";
import { logNotes, questionOf, sightingsIn } from "../components/pure/sightings";
import { openGraph } from "./directory";
import { type GraphReader, GraphUnread } from "./graph";
import { reasonOf } from "./patient-reader";

const READING_SECONDS = 60;
const PAGE = 500;
const MOST_PAGES = 10;

const entry = z.object({
  createdDateTime: z.iso.datetime({ offset: true }),
  servicePrincipalCredentialKeyId: z.string().nullish(),
  ipAddress: z.string().nullish(),
  correlationId: z.string().nullish(),
  status: z.object({ errorCode: z.number() }).nullish(),
});

/** What the log says. */
export interface LogReading {
  /** The waiting consumers that were seen on the new secret. */
  readonly sightings: Readonly<Record<string, Confirmation>>;
  readonly notes: readonly string[];
}

/** What the question is made of. */
export type LogSettings = Pick<
  Settings,
  "name" | "environment" | "metadataHost" | "consumers" | "confirmations" | "signInLog"
>;

/** Asks the log, if there is anything to ask. */
export async function readSightings(
  settings: LogSettings,
  plan: Plan,
  clientId: string,
  last: readonly LastSeen[],
): Promise<LogReading> {
  const question = settings.signInLog ? questionOf(settings, plan, last) : undefined;
  if (question === undefined || clientId === "") return { sightings: {}, notes: [] };
  const reading = await ask(settings, clientId, question);
  for (const note of reading.notes) await log.warn(note);
  return reading;
}

async function ask(
  settings: LogSettings,
  clientId: string,
  question: LogQuestion,
): Promise<LogReading> {
  try {
    const graph = await openGraph(settings, READING_SECONDS);
    const signIns = await readSignIns(graph, clientId, question);
    const sightings = sightingsIn(question, signIns);
    return { sightings, notes: logNotes(settings.name, question, signIns, sightings) };
  } catch (error) {
    return { sightings: {}, notes: [unread(settings.name, question, error)] };
  }
}

/**
 * The log's entries, newest first, until every waiting consumer was seen. The log cannot be filtered by key id (Graph's
 * documentation of signIn names no filter for it), so that is done here. @throws GraphUnread
 */
export async function readSignIns(
  graph: GraphReader,
  clientId: string,
  question: LogQuestion,
): Promise<SignIn[]> {
  const filter = [
    `createdDateTime ge ${question.since}T00:00:00Z`,
    `appId eq '${clientId}'`,
    "signInEventTypes/any(t: t eq 'servicePrincipal')",
  ].join(" and ");
  const path = `/beta/auditLogs/signIns?$top=${PAGE}&$filter=${encodeURIComponent(filter)}`;
  const everybodySeen = (entries: readonly z.infer<typeof entry>[]): boolean => {
    const seen = sightingsIn(question, entries.map(signInOf));
    return question.waiting.every((name) => Object.hasOwn(seen, name));
  };
  const entries = await graph.items(path, entry, MOST_PAGES, everybodySeen);
  return entries.map(signInOf);
}

function signInOf(record: z.infer<typeof entry>): SignIn {
  return {
    at: record.createdDateTime,
    keyId: record.servicePrincipalCredentialKeyId ?? undefined,
    ipAddress: record.ipAddress ?? "",
    requestId: record.correlationId ?? "",
    // Without a status nothing is known, and what is not known does not count.
    ok: record.status?.errorCode === 0,
  };
}

function unread(name: string, { waiting }: LogQuestion, error: unknown): string {
  const why = reasonOf(error);
  const who = waiting.join(", ");
  return (
    `${name}: the sign-in log could not be asked about ${who}: ${why}. ${remedyFor(error)} ` +
    `Until then adoption is confirmed by people: keyturn confirm ${waiting[0] ?? ""}`
  );
}

function remedyFor(error: unknown): string {
  if (!(error instanceof GraphUnread) || error.status !== FORBIDDEN) {
    return "The next run asks again.";
  }
  return /NonPremiumTenant/.test(error.code)
    ? "It needs a tenant with Entra ID P1 or P2; without one set signInLog to false."
    : "Consent to AuditLog.Read.All for the deploying identity, or set signInLog to false.";
}

const FORBIDDEN = 403;
