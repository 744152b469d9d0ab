// Looks, once and before anything is declared, at what is there already: the application that is adopted, groups of the
// licence groups' names, the vault and its names. Previews look too; nothing is written.
import type { AdoptionPlan } from "../components/pure/existing-application";
import { NO_ADOPTION } from "../components/pure/existing-application";
import type { GroupPlan } from "../components/pure/existing-groups";
import type { Settings } from "../components/pure/settings";
import { vaultSecretNames } from "../components/pure/vault-name";
import type { VaultPlan } from "../components/pure/vault-plan";
import { lookAtApplication, lookAtGroups } from "./existing";
import type { Resources } from "./state";
import { lookAtVault } from "./vault";

/** Resource names of the components whose resources are looked for in the state. */
export interface ComponentNames {
  readonly groups: string;
  readonly vault: string;
}

/** The names of a credential's components. */
export function componentNames(credential: string): ComponentNames {
  return { groups: `${credential}-licences`, vault: `${credential}-vault` };
}

/** What follows from what is there. */
export interface Found {
  readonly application: AdoptionPlan;
  readonly groups: GroupPlan;
  readonly vault: VaultPlan;
}

/** Looks and decides. @throws Error that says what stands in the way */
export async function lookAround(
  settings: Settings,
  resources: Resources,
  names: ComponentNames,
): Promise<Found> {
  const secrets = vaultSecretNames(settings.name, settings.consumers);
  const [application, groups, vault] = await Promise.all([
    lookAtApplication(settings),
    lookAtGroups(settings, resources, names.groups),
    lookAtVault(settings, resources, { component: names.vault, secrets }),
  ]);
  return { application: application ?? NO_ADOPTION, groups, vault };
}
