// The ways from the engine to the host that the tests use: the lab's own SSH server, and OpenSSH's sshd behind a relay.
// Each can be made to refuse, to stay silent and to break off.
import { join } from "node:path";
import { OpenSshServer, opensshAbsent } from "./openssh";
import { Relay } from "./relay";
import type { Stage } from "./stage";

/** What the consumer's config says of the connection. */
export interface Connection {
  readonly host: string;
  readonly port: number;
  readonly user: string;
  readonly hostKey: string;
}

export interface Road {
  readonly connection: Connection;
  /** A secret. */
  readonly privateKeyPem: string;
  /** Where on the host the script goes; undefined leaves the lab's setting. */
  readonly scriptDirectory: string | undefined;
  refuse(): Promise<void> | void;
  beSilent(): Promise<void> | void;
  /** Breaks the next command's connection off when a part of its input has passed. */
  cutInput(): Promise<void> | void;
  dropConnections(): Promise<void> | void;
  /** Ends every fault. */
  mend(): Promise<void> | void;
  close(): void;
}

export interface RoadKind {
  readonly name: string;
  /** Why it cannot be taken here. */
  readonly absent: string | undefined;
  open(stage: Stage): Promise<Road>;
}

/** Well within the input, which is longer than one of SSH's packets of 32 KiB. */
const CUT_AFTER_BYTES = 20_000;
const CUT_BEFORE_END_BYTES = 1000;

export const ROADS: readonly RoadKind[] = [
  { name: "the lab's SSH server", absent: undefined, open: openLab },
  { name: "OpenSSH's sshd", absent: opensshAbsent(), open: openSshd },
];

async function openLab(stage: Stage): Promise<Road> {
  const { control } = stage.scene.rehearsal;
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
    async dropConnections() {
      await control.host("drop-connections", {});
    },
    async mend() {
      await control.host("clear-fault", {});
    },
    close: () => undefined,
  };
}

async function openSshd(stage: Stage): Promise<Road> {
  const server = await OpenSshServer.start(join(stage.scene.dir, "sshd"));
  const relay = new Relay(server.port);
  await relay.open();
  const { user, hostKey, privateKeyPem } = server;
  return {
    connection: { host: "127.0.0.1", port: relay.port, user, hostKey },
    privateKeyPem,
    scriptDirectory: join(stage.scene.dir, "keyturn"),
    refuse() {
      relay.refuse();
    },
    beSilent() {
      relay.beSilent();
    },
    cutInput() {
      // The last long connection was a command's, whole; its input came last.
      const whole = relay.carried.findLast((bytes) => bytes > CUT_AFTER_BYTES);
      if (whole === undefined) throw new Error("No command went by this road yet.");
      relay.cutAfter(whole - CUT_BEFORE_END_BYTES);
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
