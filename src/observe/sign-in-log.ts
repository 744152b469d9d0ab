// Asks Entra's sign-in log (Microsoft Graph beta, auditLogs/signIns) whether the consumers use the new secret, and whether
// anybody still uses one that is to go. Asked only where there is such a question; without the licence or the permission
// the run goes on and says so.
import { log } from "@pulumi/pulumi";
import { z } from "zod";
import type { Plan } from "../decide/run-plan";
import type { KeyturnConfig } from "../keyturn-config";
import { type LogQuestion, isAnswered } from "../decide/adoption-evidence";
import {
  type LogAsker,
  type LogFindings,
  type QuestionConfig,
  logFindings,
  logQuestions,
} from "../decide/log-findings";
import type { LogContents, LogRead, SignIn } from "../decide/sign-ins";
import { NOT_ASKED } from "../decide/sign-ins";
import { harmless } from "../foreign-text";
import { type GraphReader, GraphUnread, openGraph } from "../http/graph";
import { reasonOf } from "../http/patient-reader";
import { readCredentialActivity } from "./credential-activity";
import { unreadBecause } from "./unread-log";

const READING_SECONDS = 60;
/** Beside the log, which may have used up its time. */
const REPORT_SECONDS = 20;
const PAGE = 500;
/** A service that signs in every five minutes fills eight pages in a fortnight. */
const MOST_PAGES = 40;

const entry = z.object({
  createdDateTime: z.iso.datetime({ offset: true }),
  servicePrincipalCredentialKeyId: z.string().nullish(),
  ipAddress: z.string().nullish(),
  id: z.string().nullish(),
  resourceDisplayName: z.string().nullish(),
  correlationId: z.string().nullish(),
  status: z.object({ errorCode: z.number() }).nullish(),
});

/** What the log says, and how it was found. */
export interface LogReading extends LogFindings {
  readonly contents: LogContents;
}

/** Where it is read, and what the questions are made of. */
export type LogConfig = QuestionConfig & Pick<KeyturnConfig, "environment" | "metadataHost">;

/** Asks the log, if there is anything to ask. @param unknownSince days since which unknown secrets of ours exist */
export async function readSignInLog(
  config: LogConfig,
  plan: Plan,
  /** Empty client id: there is no application yet, and nobody is asked. */
  { clientId, ...asker }: LogAsker & { readonly clientId: string },
  unknownSince: readonly string[] = [],
): Promise<LogReading> {
  const questions = logQuestions(config, plan, asker);
  const { answerable, former } = questions;
  const days = [...questions.days, ...unknownSince].sort();
  const [since] = days;
  const contents = !config.signInLog
    ? LOG_OFF
    : since === undefined || clientId === ""
      ? NOT_ASKED
      : await contentsOf(
          config,
          clientId,
          since,
          days.length === 1 ? answerable : undefined,
          former.length > 0,
        );
  const findings = logFindings(questions, contents, config, plan, asker);
  for (const note of findings.notes) await log.warn(note);
  return { ...findings, contents };
}

async function contentsOf(
  config: LogConfig,
  clientId: string,
  since: string,
  only: LogQuestion | undefined,
  asksFormer: boolean,
): Promise<LogContents> {
  try {
    const graph = await openGraph(config, READING_SECONDS);
    const read = await readSignIns(graph, clientId, since, only);
    if (read.complete || !asksFormer) return read;
    const report = openGraph(config, REPORT_SECONDS);
    return { ...read, activity: await readCredentialActivity(report, clientId) };
  } catch (error) {
    return { entries: undefined, ...unreadBecause(error) };
  }
}

/** The log of a config that does not want it asked. */
export const LOG_OFF: LogContents = { entries: undefined, state: "off", why: "signInLog is false" };

/**
 * The log's entries since a day, newest first; where nothing but a question is asked, until it is answered. What was read
 * before a page that does not come is kept. The log cannot be filtered by key id (Graph's documentation of signIn names no
 * filter for it), so that is done here. @throws GraphUnread when nothing was read
 */
export async function readSignIns(
  graph: GraphReader,
  clientId: string,
  since: string,
  only?: LogQuestion,
): Promise<LogRead> {
  const filter = [
    `createdDateTime ge ${since}T00:00:00Z`,
    `appId eq '${clientId}'`,
    "signInEventTypes/any(t: t eq 'servicePrincipal')",
  ].join(" and ");
  const path = `/beta/auditLogs/signIns?$top=${PAGE}&$filter=${encodeURIComponent(filter)}`;
  let read: SignIn[] = [];
  const isEnough = (items: readonly z.infer<typeof entry>[]): boolean => {
    read = items.map(signInOf);
    return only !== undefined && isAnswered(only, read);
  };
  try {
    const { complete } = await graph.collection(path, entry, MOST_PAGES, isEnough);
    const isAnswer = !complete && only !== undefined && isAnswered(only, read);
    return { entries: read, complete, ...(isAnswer && { why: ANSWERED }) };
  } catch (error) {
    const oldest = read.at(-1);
    if (oldest === undefined || !(error instanceof GraphUnread)) throw error;
    const why = `the sign-in log was read back to ${oldest.at.slice(0, MINUTE)}Z only: ${reasonOf(error)}`;
    return { entries: read, complete: false, why };
  }
}

const MINUTE = "2026-05-01T00:00".length;
const ANSWERED = "the sign-in log was read until every consumer in question was seen";

/** Names are their owners' to choose. */
function told(text: string | null | undefined): string {
  return harmless(text ?? "", MOST_CHARACTERS);
}

const MOST_CHARACTERS = 100;

function signInOf(record: z.infer<typeof entry>): SignIn {
  return {
    at: record.createdDateTime,
    keyId: record.servicePrincipalCredentialKeyId ?? undefined,
    ipAddress: told(record.ipAddress),
    requestId: told(record.id),
    correlationId: record.correlationId ?? "",
    resource: told(record.resourceDisplayName),
    // Without a status nothing is known, and what is not known does not count.
    ok: record.status?.errorCode === 0,
  };
}
