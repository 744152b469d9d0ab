// Maps a running lab to the config of a Keyturn stack: the committed Pulumi.dev.yaml says what is decided,
// the lab says where things are. Secrets are apart: they go into the stack by standard input.
import { readFileSync } from "node:fs";
import { dirname } from "node:path";
import { parse } from "yaml";
import type { HostAccess } from "../lab/host-access";
import type { LabStatus } from "../lab/lab-status";
import { overlay } from "../../src/presets/preset";
import { PROGRAM } from "./places";

/** The name of the one consumer of the rehearsal. */
export const REHEARSAL_CONSUMER = "sesar";

/** Laid over the committed ones field by field. */
const OVERRIDES = "keyturn:overrides";

/** Config of a stack, plain values and, apart, the secret ones by config path. */
export interface StackConfig {
  readonly settings: Readonly<Record<string, unknown>>;
  readonly secrets: Readonly<Record<string, string>>;
}

/**
 * @param devFile the committed Pulumi.dev.yaml
 * @param hosts the lab's host of each consumer, by the consumer's name
 */
export function labStackConfig(
  devFile: string,
  status: LabStatus,
  hosts: Readonly<Record<string, HostAccess>>,
  changes: Readonly<Record<string, unknown>> = {},
): StackConfig {
  const dev = parse(readFileSync(devFile, "utf8")) as { config?: Record<string, unknown> };
  const consumers = Object.entries(hosts).map(([name, access]) => ({
    name,
    connection: {
      host: access.ssh.host,
      port: access.ssh.port,
      user: access.ssh.user,
      hostKey: access.ssh.hostKey,
    },
    overrides: hostOverrides(access),
  }));
  const secrets = Object.entries(hosts).flatMap(([name, access]) => [
    [`keyturn:consumerSecrets.${name}.privateKey`, access.ssh.privateKeyPem],
    [`keyturn:consumerSecrets.${name}.file`, access.service.installationFile],
  ]);
  return {
    settings: {
      ...dev.config,
      "keyturn:tenantId": status.tenantId,
      "keyturn:subscriptionId": status.subscriptionId,
      "keyturn:vaultResourceGroup": status.resourceGroup,
      ...cloudConfig(status),
      "keyturn:oneTimeServer": status.endpoints.snappassUrl,
      "keyturn:consumers": consumers,
      ...changes,
      ...(dev.config?.[OVERRIDES] !== undefined && {
        [OVERRIDES]: overlay(dev.config[OVERRIDES], changes[OVERRIDES]),
      }),
    },
    secrets: Object.fromEntries(secrets) as Record<string, string>,
  };
}

/** In Azure's public cloud, as in production, nothing but the proxy and the authority of the environment leads to the lab. */
function cloudConfig({ endpoints }: LabStatus): Readonly<Record<string, unknown>> {
  if (endpoints.cloud === "public") return { "keyturn:environment": "public" };
  return { "keyturn:metadataHost": new URL(endpoints.loginUrl).host };
}

/** A Linux host, with PowerShell if it is asked for, a service manager of its own and a cycle of seconds, in place of the product's Windows. */
export function hostOverrides({
  service,
  interpreter,
}: HostAccess): Readonly<Record<string, unknown>> {
  const { instances } = service;
  return {
    interpreter,
    scriptDirectory: "keyturn",
    serviceManager: "command",
    serviceNames: [service.name],
    startCommand: service.commands.start,
    stopCommand: service.commands.stop,
    statusCommand: service.commands.status,
    filePath: service.instancePath,
    traceDirectory: service.folder,
    ...(instances.length > 1 && { traceInstances: instances }),
    marginSeconds: 2,
    patienceSeconds: 60,
    stopTimeoutSeconds: 20,
    startTimeoutSeconds: 20,
    settleSeconds: 1,
    proofTimeoutSeconds: 60,
  };
}

/**
 * The lab's environment as the engine needs it, with the folder in which the program's steps are. The deploying
 * identity's secret is left out where the lab's own stand-in holds it; only the vendor's azuread plugin takes it
 * from the environment.
 */
export function engineEnvironment(
  environment: Readonly<Record<string, string>>,
): Readonly<Record<string, string>> {
  const { ARM_CLIENT_SECRET: held, ...rest } = environment;
  const attached = (environment["PULUMI_DEBUG_PROVIDERS"] ?? "").split(",");
  const byVendor = held !== undefined && !attached.some((one) => one.startsWith("azuread:"));
  return {
    ...rest,
    ...(byVendor && { ARM_CLIENT_SECRET: held }),
    KEYTURN_PROGRAM: dirname(PROGRAM),
  };
}
