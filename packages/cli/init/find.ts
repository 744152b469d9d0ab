// What defaults come from: who is signed in, his subscriptions and their resource groups, the applications and groups of the
// product's names, and the key that the host shows. What cannot be read gives no default, and stops nobody.
import { z } from "zod";
import { harmless } from "../../../src/foreign-text";
import { groupsNamed } from "../../../src/observe/application-and-groups";
import { applicationsNamed } from "../../../src/observe/namesakes";
import { AzureReader } from "../../../src/http/azure";
import { findAzureEndpoints, findEndpoints } from "../../../src/http/endpoints";
import { GraphReader } from "../../../src/http/graph";
import { presets } from "../../../src/presets";
import { tokenFor } from "../audit/sign-in";
import { claimsIn } from "../doctor/facts";
import { once } from "../once";
import { withProgress } from "../progress";
import type { Finder } from "./ask";
import { shownHostKey } from "./host-key";
import { type Known, licenceGroupsOf } from "./questions";

type Environment = Readonly<Record<string, string | undefined>>;

/** Graph as whoever is signed in reads it, and his tenant; undefined where nobody is. */
type SignedIn = () => Promise<
  { readonly graph: GraphReader; readonly tenant: string | undefined } | undefined
>;

const GRAPH_SECONDS = 20;
const MOST_NAME_CHARACTERS = 120;
const subscriptions = z.object({
  value: z.array(z.object({ subscriptionId: z.guid(), displayName: z.string() })),
});
const resourceGroups = z.object({ value: z.array(z.object({ name: z.string() })) });
/** Of the public cloud, unless the environment names another's. */
const PLACE = { environment: "public", metadataHost: "" } as const;

/** Asks for each thing when its question comes. */
export function finder(environment: Environment): Finder {
  const signedIn = once(() => signIn(environment));
  const azure = once(() => azureOf(environment));
  return async (next, answers) => {
    if (next === "tenant")
      return { tenant: environment["ARM_TENANT_ID"] ?? (await signedIn())?.tenant };
    if (next === "subscription")
      return {
        subscription: environment["ARM_SUBSCRIPTION_ID"],
        subscriptions: await asking("Azure for subscriptions", subscriptionsOf(await azure())),
      };
    if (next === "resourceGroup")
      return {
        resourceGroups: await asking(
          "Azure for resource groups",
          resourceGroupsOf(await azure(), answers.subscription ?? ""),
        ),
      };
    if (next === "groups")
      return { groups: await asking("Graph for groups", groupsOf(signedIn, answers.preset)) };
    if (next === "application")
      return {
        applications: await asking(
          "Graph for applications",
          applicationsOf(signedIn, answers.preset ?? ""),
        ),
      };
    if (next !== "hostKey") return {};
    const { host = "" } = answers;
    const shown = withProgress(`Asking ${host} for its key`, () => shownHostKey(host));
    return { shownHostKey: await shown };
  };
}

function asking<T>(whom: string, answer: Promise<T>): Promise<T> {
  return withProgress(`Asking ${whom}`, () => answer);
}

function signIn(environment: Environment): ReturnType<SignedIn> {
  return withProgress("Signing in to Graph", async () => {
    try {
      const endpoints = await findEndpoints(PLACE, environment);
      const token = await tokenFor("Graph", endpoints.graph, endpoints, environment);
      const graph = new GraphReader(endpoints.graph, token, GRAPH_SECONDS);
      return { graph, tenant: claimsIn(token).tid };
    } catch {
      return undefined;
    }
  });
}

async function azureOf(environment: Environment): Promise<AzureReader | undefined> {
  return readable(async () => {
    const [endpoints, azure] = await Promise.all([
      findEndpoints(PLACE, environment),
      findAzureEndpoints(PLACE, environment),
    ]);
    return new AzureReader(azure, (audience) =>
      tokenFor("Azure", audience, endpoints, environment),
    );
  });
}

async function subscriptionsOf(azure: AzureReader | undefined): Promise<Known["subscriptions"]> {
  return readable(async () => {
    const found = await azure?.arm(
      "/subscriptions",
      "Microsoft.Resources/subscriptions",
      subscriptions,
    );
    return found?.value.map(({ subscriptionId, displayName }) => ({
      id: subscriptionId,
      name: harmless(displayName, MOST_NAME_CHARACTERS),
    }));
  });
}

async function resourceGroupsOf(
  azure: AzureReader | undefined,
  subscription: string,
): Promise<Known["resourceGroups"]> {
  return readable(async () => {
    const path = `/subscriptions/${subscription}/resourcegroups`;
    const found = await azure?.arm(path, "Microsoft.Resources/resourceGroups", resourceGroups);
    return found?.value.map(({ name }) => harmless(name, MOST_NAME_CHARACTERS));
  });
}

async function groupsOf(signedIn: SignedIn, preset?: string): Promise<Known["groups"]> {
  const found = await signedIn();
  if (found === undefined) return undefined;
  const { graph } = found;
  return readable(async () => {
    const named = await Promise.all(
      licenceGroupsOf(preset).map((name) => groupsNamed(graph, name)),
    );
    // Graph compares names without case, the product with it.
    const isNamed = ({ displayName }: { displayName: string }): boolean =>
      licenceGroupsOf(preset).includes(displayName);
    return named
      .flat()
      .filter(isNamed)
      .map(({ objectId, displayName }) => ({ id: objectId, name: displayName }));
  });
}

/** What cannot be read is not known. */
async function readable<T>(work: () => Promise<T>): Promise<T | undefined> {
  try {
    return await work();
  } catch {
    return undefined;
  }
}

async function applicationsOf(signedIn: SignedIn, preset: string): Promise<Known["applications"]> {
  const name = presets[preset]?.applicationName;
  const found = await signedIn();
  if (name === undefined || found === undefined) return undefined;
  const { graph } = found;
  return readable(async () =>
    (await applicationsNamed(graph, name)).map(({ clientId, createdAt, secrets }) => ({
      clientId,
      what: `${name}, made ${createdAt.slice(0, "2026-05-01".length)}, ${secrets.length} secrets`,
    })),
  );
}
