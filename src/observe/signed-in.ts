// Asks the plugins where they are signed in, before anything else is read or declared.
import { getClientConfig as azureClientConfig } from "@pulumi/azure-native/authorization/getClientConfig";
import { getClientConfig as entraClientConfig } from "@pulumi/azuread/getClientConfig";
import { log } from "@pulumi/pulumi";
import { type SignedIn, signedInProblems } from "../decide/signed-in";
import { reasonOf } from "../http/patient-reader";
import type { KeyturnConfig } from "../keyturn-config";
import { allProblems } from "../problems";

/** Refuses a run that is signed in elsewhere than the config says. @throws Error that says both ids */
export async function refuseOtherTenant(config: KeyturnConfig): Promise<void> {
  const asked = await Promise.all([
    found("azuread", () => entraClientConfig()),
    found("azure-native", () => azureClientConfig()),
  ]);
  const problems = signedInProblems(config, asked);
  if (problems.length > 0)
    throw new Error(
      allProblems("The run is signed in elsewhere, and has changed nothing", problems),
    );
}

type Place = Partial<Omit<SignedIn, "plugin">>;

async function found(plugin: SignedIn["plugin"], ask: () => Promise<Place>): Promise<SignedIn> {
  try {
    const { tenantId, subscriptionId } = await ask();
    return { plugin, tenantId, subscriptionId };
  } catch (error) {
    // One that cannot sign in fails at its first resource, in its own words.
    await log.warn(`Where the plugin ${plugin} is signed in is not known: ${reasonOf(error)}.`);
    return { plugin, tenantId: undefined };
  }
}
