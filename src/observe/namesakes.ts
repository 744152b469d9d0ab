// Looks for an application of the name that is about to be made, before it is.
import { log } from "@pulumi/pulumi";
import { z } from "zod";
import { namesakeProblems } from "../decide/namesakes";
import { type Namesake } from "../decide/namesakes";
import { harmless } from "../foreign-text";
import { type GraphReader, GraphUnread, openGraph } from "../http/graph";
import { reasonOf } from "../http/patient-reader";
import type { KeyturnConfig } from "../keyturn-config";
import { allProblems } from "../problems";

const READING_SECONDS = 45;
const PAGES = 5;
const MOST_NAME_CHARACTERS = 120;
const application = z.object({
  appId: z.guid(),
  createdDateTime: z.string(),
  passwordCredentials: z.array(z.object({ displayName: z.string().nullish() })),
});

/**
 * Refuses to make an application beside one of its name; asks nobody where the stack has its application.
 * @param clientId of the application in the state or the config; empty before there is one
 * @throws Error that names each and the ways out
 */
export async function refuseNamesakes(config: KeyturnConfig, clientId: string): Promise<void> {
  if (clientId !== "") return;
  const { applicationName } = config.preset;
  let found: Namesake[];
  try {
    found = await applicationsNamed(await openGraph(config, READING_SECONDS), applicationName);
  } catch (error) {
    const remedy =
      error instanceof GraphUnread && error.status === 403
        ? " Consent to Application.Read.All for the deploying identity (docs/rights.md)."
        : "";
    await log.warn(
      `Whether there is an application ${applicationName} already could not be read: ${reasonOf(error)}.${remedy}`,
    );
    return;
  }
  const problems = namesakeProblems(applicationName, found);
  if (problems.length > 0) throw new Error(allProblems("The application cannot be made", problems));
}

/** The applications of a name. @throws GraphUnread */
export async function applicationsNamed(graph: GraphReader, name: string): Promise<Namesake[]> {
  const filter = encodeURIComponent(`displayName eq '${name.replaceAll("'", "''")}'`);
  const path = `/v1.0/applications?$filter=${filter}&$select=appId,createdDateTime,passwordCredentials`;
  const found = await graph.items(path, application, PAGES);
  return found.map(({ appId, createdDateTime, passwordCredentials }) => ({
    clientId: appId,
    createdAt: harmless(createdDateTime, MOST_NAME_CHARACTERS),
    secrets: passwordCredentials.map(({ displayName }) =>
      displayName ? harmless(displayName, MOST_NAME_CHARACTERS) : "without a name",
    ),
  }));
}
