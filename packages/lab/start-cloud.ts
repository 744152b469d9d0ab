// Starts the servers of the emulated cloud in the order of their ports.
import { startArm } from "./cloud/arm/server";
import type { AzureResources } from "./cloud/arm/store";
import type { CloudContext } from "./cloud/context";
import { startLogin } from "./cloud/entra";
import { startGraph } from "./cloud/graph/server";
import { startJobs } from "./cloud/jobs/server";
import { startProxy } from "./cloud/proxy";
import { startVault } from "./cloud/vault/server";
import { startOn } from "./ports";
import { startSnapPass } from "./snappass/server";
import type { OneTimeValues } from "./snappass/store";
import type { TearDown } from "./tear-down";

export async function startCloud(
  context: CloudContext,
  resources: AzureResources,
  base: number,
  tearDown: TearDown,
  oneTimeValues: OneTimeValues,
): Promise<void> {
  const holds = (principal: string, action: string, scope: string): boolean =>
    resources.holds(principal, "dataActions", action, scope);
  const servers = {
    login: (port: number) => startLogin(context, port),
    graph: (port: number) => startGraph(context, port),
    arm: (port: number) => startArm(context, resources, port),
    vault: (port: number) => startVault(context, resources.vaults, holds, port),
    proxy: (port: number) => startProxy(context, port),
    snappass: (port: number) => startSnapPass(context, oneTimeValues, port),
    jobs: (port: number) => startJobs(context, port),
  } as const;
  for (const use of Object.keys(servers) as (keyof typeof servers)[]) {
    const server = await startOn(use, base, servers[use]);
    tearDown.add(() => server.close());
  }
}
