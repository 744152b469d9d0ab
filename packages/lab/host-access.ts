// How a host of the lab is reached and what is on it: what a stack's settings need to know. Holds the client's SSH key.
import type { HostInterpreter, LabHost, ServiceCommands } from "./host/host";

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
  /** What the update script is run by. */
  readonly interpreter: HostInterpreter;
  /** The simulated SESAR. */
  readonly service: {
    readonly name: string;
    readonly displayName: string;
    readonly folder: string;
    readonly instancePath: string;
    /** Program and arguments, one item each. */
    readonly commands: ServiceCommands;
    /** Names of the instances in the file. */
    readonly instances: readonly string[];
    /** A secret: the plaintext that the service was installed with; it knows no client yet. */
    readonly installationFile: string;
  };
}

export function hostAccess(host: LabHost): HostAccess {
  const { service, folder, instancePath, commands, installationFile } = host.services.sesar;
  const { name, displayName } = service;
  return {
    ssh: { ...host.ssh },
    home: host.home,
    interpreter: host.interpreter,
    service: {
      name,
      displayName,
      folder,
      instancePath,
      commands,
      installationFile,
      instances: entries(installationFile).map((one) => String(one["ConfigName"])),
    },
  };
}

/** Secrets on the hosts besides the client secret; for the search for leaks. */
export function hostSecrets(hosts: readonly LabHost[]): string[] {
  return hosts.flatMap((host) => {
    const keys = entries(host.services.sesar.installationFile).flatMap((one) => [
      one["PKCSComKey"],
      one["PrivateFilesKey"],
    ]);
    return [host.ssh.privateKeyPem, ...keys.filter((key) => typeof key === "string")];
  });
}

function entries(installationFile: string): readonly Readonly<Record<string, unknown>>[] {
  return (JSON.parse(installationFile) as { instances: Record<string, unknown>[] }).instances;
}
