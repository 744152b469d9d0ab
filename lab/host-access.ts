// How the lab's host is reached and what is on it: what a stack's settings need to know. Holds the client's SSH key.
import { OrderRefused } from "./control-orders";
import type { LabHost, ServiceCommands } from "./host/host";
import { sampleInstanceFile } from "./host/sesar/sample";

export interface HostAccess {
  readonly ssh: {
    readonly host: string;
    readonly port: number;
    readonly user: string;
    /** One authorized_keys line without a comment. */
    readonly hostKey: string;
    /** A secret: the client's key in OpenSSH's format. */
    readonly privateKeyPem: string;
  };
  /** The user's home folder on the host. */
  readonly home: string;
  /** The simulated SESAR. */
  readonly service: {
    readonly name: string;
    readonly displayName: string;
    readonly folder: string;
    readonly instancePath: string;
    /** Program and arguments, one item each. */
    readonly commands: ServiceCommands;
    /** A secret: the plaintext that the service was installed with; it knows no client yet. */
    readonly installationFile: string;
  };
}

/** The plaintext of the one instance that the lab installs. */
export function installationFile(tenantId: string): string {
  return sampleInstanceFile({ clientId: "", tenantId });
}

/** @throws OrderRefused when the lab has no host */
export function hostAccess(host: LabHost | undefined, tenantId: string): HostAccess {
  if (!host) throw new OrderRefused("This lab was started without a host.");
  const { service, folder, instancePath, commands } = host.services.sesar;
  const { name, displayName } = service;
  return {
    ssh: { ...host.ssh },
    home: host.home,
    service: {
      name,
      displayName,
      folder,
      instancePath,
      commands,
      installationFile: installationFile(tenantId),
    },
  };
}

/** Secrets on the host besides the client secret; for the search for leaks. */
export function hostSecrets(host: LabHost | undefined, tenantId: string): string[] {
  if (!host) return [];
  const { instances } = JSON.parse(installationFile(tenantId)) as {
    instances: Record<string, unknown>[];
  };
  const keys = instances.flatMap((one) => [one["PKCSComKey"], one["PrivateFilesKey"]]);
  return [host.ssh.privateKeyPem, ...keys.filter((key) => typeof key === "string")];
}
