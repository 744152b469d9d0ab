// The lab: the emulated cloud, the hosts and the plugin stand-ins, started together and stopped without a trace.
import { randomBytes } from "node:crypto";
import { rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { AzureResources } from "./cloud/arm/store";
import { type CloudContext, createCloudContext } from "./cloud/context";
import { claimFolder } from "./claim";
import { LabClock } from "./clock";
import { startControl } from "./control";
import { controlPath, removeControl, writeControl } from "./control-file";
import { orderHost } from "./control-host";
import { labEnvironment } from "./environment";
import { given } from "./given";
import type { LabHost } from "./host/host";
import { hostAccess, hostSecrets } from "./host-access";
import { type LabHosts, startHosts } from "./hosts";
import type { LabStatus } from "./lab-status";
import { checkOptions, type CheckedOptions, type LabOptions } from "./options";
import { type PluginProcess, startPlugins } from "./plugin-process";
import { startOn } from "./ports";
import { processStart } from "./process";
import { OneTimeValues } from "./snappass/store";
import { startCloud } from "./start-cloud";
import { cloudStatus } from "./status";
import { TearDown } from "./tear-down";

export type { LabOptions } from "./options";
export { LabError } from "./errors";

export interface Lab {
  readonly labDir: string;
  /** Where the lab's children and the command line find it. */
  readonly controlPath: string;
  /** How the first host is reached; undefined without one. The private key is a secret, kept in memory. */
  readonly host: LabHost | undefined;
  readonly hosts: LabHosts;
  readonly context: CloudContext;
  /** Resolves when the lab has stopped, whoever asked for it. */
  readonly stopped: Promise<void>;
  status(): LabStatus;
  /** What the engine and its children must have in their environment. */
  environment(): Record<string, string>;
  /** Ends all servers and processes and removes the lab's own files; may be called again. */
  stop(): Promise<void>;
}

export async function startLab(options: LabOptions = {}): Promise<Lab> {
  const checked = checkOptions(options);
  const tearDown = new TearDown();
  const release = claimFolder(checked.labDir);
  tearDown.add(release);
  try {
    return await start(checked, tearDown);
  } catch (error) {
    // The first error is the one to tell; what could not be undone after it is a consequence.
    await tearDown.run().catch(() => undefined);
    throw error;
  }
}

async function start(options: CheckedOptions, tearDown: TearDown): Promise<Lab> {
  const { labDir, portBase } = options;
  const context = await createCloudContext({
    clock: createClock(options),
    settings: given(options.settings),
    cloud: options.cloud,
  });
  const resources = new AzureResources(context);
  const oneTimeValues = new OneTimeValues(context.clock);
  await startCloud(context, resources, portBase, tearDown, oneTimeValues);

  const caPemPath = join(labDir, "ca.pem");
  writeFileSync(caPemPath, context.certificates.caPem, { mode: 0o644 });
  tearDown.add(() => rmSync(caPemPath, { force: true }));

  const hosts = await startHosts(options, context, caPemPath, tearDown);
  const path = controlPath(labDir);
  const environment = (pluginPorts: Readonly<Record<string, number>>): Record<string, string> =>
    labEnvironment({
      context,
      caPemPath,
      controlPath: path,
      plugins: options.plugins,
      pluginPorts,
    });
  const plugins = await startPlugins(portBase, environment({}));
  tearDown.add(() => plugins.close());

  const startedAt = new Date().toISOString();
  const token = randomBytes(32).toString("hex");
  const facts = { options, context, resources, hosts, plugins, startedAt };
  let controlUrl = "";
  const status = (): LabStatus => statusOf({ ...facts, controlUrl });
  const stop = (): Promise<void> => tearDown.run();
  const control = await startOn("control", portBase, (port) =>
    startControl(
      {
        context,
        resources,
        token,
        status,
        environment: () => environment(plugins.ports),
        oneTimeSecrets: () => oneTimeValues.everyValue(),
        hostAccess: (hostName) => hostAccess(hosts.of(hostName)),
        hostSecrets: () => hostSecrets(hosts.all),
        orderHost: (hostName, name, body) => orderHost(hosts, hostName, name, body),
        signInBy: (variables) => plugins.signInBy(variables),
        // What failed is told to whoever waits for the lab's end.
        shutdown: () => void stop().catch(() => undefined),
      },
      port,
    ),
  );
  tearDown.add(() => control.close());
  controlUrl = `http://127.0.0.1:${control.port}`;
  const { pid } = process;
  const mark = processStart(pid);
  writeControl(labDir, {
    url: controlUrl,
    token,
    pid,
    ...(mark !== undefined && { processStart: mark }),
    startedAt,
  });
  tearDown.add(() => removeControl(labDir));
  return {
    labDir,
    controlPath: path,
    host: hosts.first,
    hosts,
    context,
    stopped: tearDown.done,
    status,
    environment: () => environment(plugins.ports),
    stop,
  };
}

interface Facts {
  readonly options: CheckedOptions;
  readonly context: CloudContext;
  readonly resources: AzureResources;
  readonly hosts: LabHosts;
  readonly plugins: PluginProcess;
  readonly startedAt: string;
  readonly controlUrl: string;
}

function statusOf(facts: Facts): LabStatus {
  const { options, context, resources, hosts, plugins, startedAt, controlUrl } = facts;
  const host = hosts.first?.status();
  return {
    ...cloudStatus(context, resources),
    lab: { labDir: options.labDir, pid: process.pid, startedAt, controlUrl },
    plugins: { choice: options.plugins, ports: plugins.ports, running: plugins.running() },
    ...(host && { host }),
    hosts: hosts.status(),
  };
}

function createClock({ now, rate }: CheckedOptions): LabClock {
  const clock = new LabClock();
  if (now !== undefined) clock.set(new Date(now));
  if (rate !== undefined) clock.rate = rate;
  return clock;
}
