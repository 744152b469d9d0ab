// Reads from Entra, at the start of a run, which client secrets the application has: one token and one read. What cannot
// be read is a note and a warning, never a failure; previews read too.
import { log } from "@pulumi/pulumi";
import { z } from "zod";
import type { DirectoryReading, Inventory, StackKnowledge } from "../decide/inventory";
import type { ListedSecret } from "../decide/listed-secret";
import { missingNote, strangersAmong, takeInventory } from "../decide/inventory";
import { dayOf, dayText } from "../decide/schedule";
import type { Witnesses } from "../decide/standing";
import type { KeyturnConfig } from "../keyturn-config";
import { type Cloud, type GraphReader, GraphUnread, openGraph } from "../http/graph";
import { reasonOf } from "../http/patient-reader";

/** For the whole of the reading; a throttled Graph must not hold up a run that has nothing to do. */
const READING_SECONDS = 45;
const PROPERTIES = "id,appId,passwordCredentials";

const instant = z.iso.datetime({ offset: true });
const application = z.object({
  passwordCredentials: z.array(
    z.object({
      displayName: z.string().nullish(),
      keyId: z.guid(),
      startDateTime: instant,
      endDateTime: instant,
    }),
  ),
});

/** Compares what the directory lists with what the stack knows, and says what an operator is to know. */
export async function readInventory(
  { name }: Pick<KeyturnConfig, "name">,
  reading: DirectoryReading,
  known: StackKnowledge,
  witnesses: Witnesses,
): Promise<Inventory> {
  const inventory = takeInventory(name, reading, known, witnesses);
  const { missing, notes } = inventory;
  const told = [...missing.map((password) => missingNote(name, password)), ...notes];
  for (const note of told) await log.warn(note);
  return inventory;
}

/** Since when there are secrets that are named as ours and that the stack does not know: what the log is to be asked from. */
export function unknownSince(
  { name }: Pick<KeyturnConfig, "name">,
  { secrets = [] }: DirectoryReading,
  known: StackKnowledge,
): string[] {
  return strangersAmong(name, secrets, known).ours.map((one) => dayText(dayOf(one.startDate)));
}

/** Lists the application's secrets. @param clientId empty before there is an application: then nobody is asked */
export async function readDirectory(cloud: Cloud, clientId: string): Promise<DirectoryReading> {
  if (clientId === "") return { clientId, secrets: [], notes: [] };
  try {
    const secrets = await listSecrets(await openGraph(cloud, READING_SECONDS), clientId);
    return { clientId, secrets, notes: [] };
  } catch (error) {
    return { clientId, secrets: undefined, notes: [unlisted(clientId, error)] };
  }
}

/** The secrets that Graph lists on an application. @throws GraphUnread */
export async function listSecrets(graph: GraphReader, clientId: string): Promise<ListedSecret[]> {
  const path = `/v1.0/applications(appId='${clientId}')?$select=${PROPERTIES}`;
  const { passwordCredentials } = await graph.entity(path, application);
  return passwordCredentials.map(({ displayName, keyId, startDateTime, endDateTime }) => ({
    displayName: displayName ?? null,
    keyId,
    startDate: startDateTime,
    endDate: endDateTime,
  }));
}

function unlisted(clientId: string, error: unknown): string {
  const why = reasonOf(error);
  const remedy =
    error instanceof GraphUnread && error.status === 403
      ? "Consent to Application.Read.All for the deploying identity"
      : "The next run reads them again";
  return (
    `The secrets on the application ${clientId} could not be listed: ${why}. ${remedy}. ` +
    "Foreign secrets, orphans and secrets removed by others are not known in this run."
  );
}
