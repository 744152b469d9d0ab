// The lab's hosts by name, each with its own SSH port, keys, folder and service; the first one is meant where none is
// named.
import { rmSync } from "node:fs";
import { join } from "node:path";
import type { CloudContext } from "./cloud/context";
import { namesOf } from "./cloud/endpoints";
import { OrderRefused } from "./control-orders";
import { given } from "./given";
import { type HostStatus, type LabHost, startHost } from "./host/host";
import type { CheckedOptions } from "./options";
import { hostPort, startOn } from "./ports";
import type { TearDown } from "./tear-down";

export class LabHosts {
  constructor(private readonly byName: ReadonlyMap<string, LabHost> = new Map()) {}

  /** The host that is meant where none is named; undefined in a lab without one. */
  get first(): LabHost | undefined {
    return this.all[0];
  }

  get all(): readonly LabHost[] {
    return [...this.byName.values()];
  }

  /** @throws OrderRefused that says which hosts there are */
  of(name: string | undefined): LabHost {
    const host = name === undefined ? this.first : this.byName.get(name);
    if (host !== undefined) return host;
    const known = [...this.byName.keys()];
    throw name === undefined || known.length === 0
      ? new OrderRefused("This lab was started without a host.")
      : new OrderRefused(`The lab has no host "${name}". It has ${known.join(", ")}.`, 404);
  }

  status(): Readonly<Record<string, HostStatus>> {
    return Object.fromEntries([...this.byName].map(([name, host]) => [name, host.status()]));
  }
}

/** Starts the hosts that the options name, one after the other. */
export async function startHosts(
  options: CheckedOptions,
  context: CloudContext,
  caPemPath: string,
  tearDown: TearDown,
): Promise<LabHosts> {
  if (!options.host) return new LabHosts();
  const folder = join(options.labDir, "hosts");
  // A host belongs to one lab: the tenant that its service knew is gone with the lab before.
  const remove = (): void => rmSync(folder, { recursive: true, force: true });
  remove();
  tearDown.add(remove);
  const started = new Map<string, LabHost>();
  for (const [index, name] of options.hosts.entries()) {
    const host = await startOn("ssh", options.portBase, () =>
      startHost({
        directory: join(folder, name),
        caPemPath,
        proxyUrl: context.endpoints.proxyUrl,
        sshPort: hostPort(options.portBase, index),
        ...serviceOptions(options, context),
      }),
    );
    tearDown.add(() => host.stop());
    started.set(name, host);
  }
  return new LabHosts(started);
}

function serviceOptions(options: CheckedOptions, context: CloudContext) {
  const { loginUrl, graphUrl } = namesOf(context.endpoints);
  const { cycleSeconds, syncSeconds, documentsPerSync, stopTimeoutSeconds, timeZone } = options;
  const { signInAddress } = options;
  const { tenantId } = context;
  const { reencrypts, interpreter, defaultShell } = options;
  const instances = options.instances.map((configName) => ({ clientId: "", tenantId, configName }));
  return {
    loginUrl,
    graphUrl,
    tenantId,
    instances,
    cycleSeconds,
    reencrypts,
    interpreter,
    defaultShell,
    ...given({ syncSeconds, documentsPerSync, stopTimeoutSeconds, timeZone, signInAddress }),
  };
}
