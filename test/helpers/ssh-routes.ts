// The ways from the engine to the host that the tests use: the lab's own SSH server, and OpenSSH's sshd behind a relay.
// Each can be made to refuse, to stay silent and to break off.
import { dirname, join } from "node:path";
import { OpenSshServer, opensshAbsent } from "./openssh";
import { Relay } from "./relay";
import type { DeployedStack } from "./deployed-stack";

/** What the consumer's config says of the connection. */
export interface Connection {
  readonly host: string;
  readonly port: number;
  readonly user: string;
  readonly hostKey: string;
}

export interface SshRoute {
  readonly connection: Connection;
  /** A secret. */
  readonly privateKeyPem: string;
  /** Where on the host the script goes; undefined leaves the lab's setting. */
  readonly scriptDirectory: string | undefined;
  refuse(): Promise<void> | void;
  beSilent(): Promise<void> | void;
  /** Breaks the next command's connection off when a part of its input has passed. */
  cutInput(): Promise<void> | void;
  /** Breaks the script's next copy off when a part of it has passed. */
  cutCopy(): Promise<void> | void;
  dropConnections(): Promise<void> | void;
  /** Ends every fault. */
  mend(): Promise<void> | void;
  close(): void;
}

export interface SshRouteKind {
  readonly name: string;
  /** Why it cannot be taken here. */
  readonly absent: string | undefined;
  open(deployed: DeployedStack): Promise<SshRoute>;
}

/** Well within the input, which is longer than one of SSH's packets of 32 KiB. */
const CUT_AFTER_BYTES = 20_000;
const CUT_BEFORE_END_BYTES = 1000;

export const OPENSSH: SshRouteKind = {
  name: "OpenSSH's sshd",
  absent: opensshAbsent(),
  open: openSshd,
};

export const SSH_ROUTES: readonly SshRouteKind[] = [
  { name: "the lab's SSH server", absent: undefined, open: openLab },
  OPENSSH,
];

async function openLab(deployed: DeployedStack): Promise<SshRoute> {
  const { control } = deployed.labStack.rehearsal;
  const { host, port, user, hostKey, privateKeyPem } = (await control.hostAccess()).ssh;
  return {
    connection: { host, port, user, hostKey },
    privateKeyPem,
    scriptDirectory: undefined,
    async refuse() {
      await control.host("set-fault", { kind: "refuse" });
    },
    async beSilent() {
      await control.host("set-fault", { kind: "silent" });
    },
    async cutInput() {
      await control.host("set-fault", { kind: "cut", afterBytes: CUT_AFTER_BYTES });
    },
    async cutCopy() {
      await control.host("set-fault", { kind: "cutCopy", afterBytes: CUT_AFTER_BYTES });
    },
    async dropConnections() {
      await control.host("drop-connections", {});
    },
    async mend() {
      await control.host("clear-fault", {});
    },
    close: () => undefined,
  };
}

async function openSshd(deployed: DeployedStack): Promise<SshRoute> {
  const { interpreter, service } = await deployed.labStack.rehearsal.control.hostAccess();
  // Where the lab's host has its PowerShell.
  const bin = interpreter === "sh" ? undefined : dirname(service.commands.start[0] ?? "");
  const server = await OpenSshServer.start(join(deployed.labStack.dir, "sshd"), undefined, bin);
  const relay = new Relay(server.port);
  await relay.open();
  const { user, hostKey, privateKeyPem } = server;
  return {
    connection: { host: "127.0.0.1", port: relay.port, user, hostKey },
    privateKeyPem,
    scriptDirectory: join(deployed.labStack.dir, "keyturn"),
    refuse() {
      relay.refuse();
    },
    beSilent() {
      relay.beSilent();
    },
    cutInput() {
      // The last long connection was a command's, whole; its input came last. The script's copy goes by before it.
      const whole = relay.carried.findLast((bytes) => bytes > CUT_AFTER_BYTES);
      if (whole === undefined) throw new Error("No command went by this road yet.");
      relay.cutAfter(whole - CUT_BEFORE_END_BYTES, 1);
    },
    cutCopy() {
      relay.cutAfter(CUT_AFTER_BYTES);
    },
    dropConnections() {
      relay.dropConnections();
    },
    mend: () => relay.open(),
    close: () => {
      relay.close();
      server.stop();
    },
  };
}
