// Reads from Entra, at the start of a run, which client secrets the application has: one token and one read. What cannot
// be read is a note and a warning, never a failure; previews read too.
import { getClientToken } from "@pulumi/azure-native/authorization/getClientToken";
import { log } from "@pulumi/pulumi";
import { z } from "zod";
import type { History, IssuedPassword } from "../components/pure/history";
import { clientIdInState } from "../components/pure/history";
import type { DirectoryReading, Inventory, ListedSecret } from "../components/pure/inventory";
import { issues, missingNote, orphanProblem, takeInventory } from "../components/pure/inventory";
import type { Plan } from "../components/pure/plan";
import type { Settings } from "../components/pure/settings";
import { findEndpoints } from "../steps/endpoints";
import { GraphReader, GraphUnread } from "./graph";
import { reasonOf } from "./patient-reader";

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

/** Where the deploying identity is signed in: what the reading needs of the settings. */
export type Cloud = Pick<Settings, "environment" | "metadataHost">;

/** What the stack knows of its secrets before the run. */
export interface Known {
  readonly resources: Readonly<Record<string, unknown>>;
  readonly issued: readonly IssuedPassword[];
  readonly history: History | undefined;
}

/** Reads the directory, compares it with what the stack knows, and says what an operator is to know. */
export async function takeStock(
  settings: Cloud & Pick<Settings, "name" | "applicationClientId">,
  { resources, issued, history }: Known,
): Promise<Inventory> {
  const reading = await readDirectory(
    settings,
    settings.applicationClientId || clientIdInState(resources),
  );
  const inventory = takeInventory(settings.name, reading, issued, history);
  const { missing, notes } = inventory;
  const told = [...missing.map((password) => missingNote(settings.name, password)), ...notes];
  for (const note of told) await log.warn(note);
  return inventory;
}

/**
 * Refuses a run that would issue another secret beside several orphans. Only a run that issues waits for the reading
 * here. @throws Error with the commands that remove the orphans
 */
export async function refuseOrphans(
  plan: Plan,
  issued: readonly IssuedPassword[],
  stock: Promise<Inventory>,
): Promise<void> {
  if (!issues(plan, issued)) return;
  const problem = orphanProblem(plan, issued, await stock);
  if (problem !== undefined) throw new Error(problem);
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

/** Graph, as the identity that the program runs as; its token is never kept. */
export async function openGraph(cloud: Cloud, seconds: number): Promise<GraphReader> {
  const { graph } = await findEndpoints(cloud, process.env);
  const { token } = await getClientToken({ endpoint: graph });
  return new GraphReader(graph, token, seconds);
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
