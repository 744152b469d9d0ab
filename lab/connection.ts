// How the lab's host is reached and what is on it: what a stack's settings need to know. Holds the client's SSH key.
import { OrderRefused } from "./control-orders";
import type { LabHost, ServiceCommands } from "./host/host";

export interface HostConnection {
  readonly ssh: {
    readonly host: string;
    readonly port: number;
    readonly user: string;
    /** One authorized_keys line without a comment. */
    readonly hostKey: string;
    /** A secret: the client's key in OpenSSH's format. */
    readonly privateKey: string;
  };
  /** The user's home folder on the host. */
  readonly home: string;
  readonly services: {
    readonly sesar: {
      readonly name: string;
      readonly displayName: string;
      readonly folder: string;
      readonly instancePath: string;
      /** Program and arguments, one item each. */
      readonly commands: ServiceCommands;
    };
  };
}

export function connectionOf(host: LabHost | undefined): HostConnection {
  if (!host) throw new OrderRefused("This lab was started without a host.");
  const { privateKeyPem, host: address, port, user, hostKey } = host.ssh;
  const { service, folder, instancePath, commands } = host.services.sesar;
  const { name, displayName } = service;
  return {
    ssh: { host: address, port, user, hostKey, privateKey: privateKeyPem },
    home: host.home,
    services: { sesar: { name, displayName, folder, instancePath, commands } },
  };
}
