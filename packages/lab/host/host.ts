// One on-premises host of the lab: SSH server, service manager and the simulated SESAR, in a folder of its own.
// It keeps the machine's own clock, as a real host would, and leaves no process behind when the lab ends.
import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdir, symlink } from "node:fs/promises";
import { extname, join, resolve } from "node:path";
import { LabError } from "../errors";
import type { HostFaults } from "./faults";
import { Guardian } from "./guardian";
import { createKeyPair } from "./keys";
import { type SampleInstance, sampleInstanceFile } from "./sesar/sample";
import {
  SESAR_FOLDER,
  SesarService,
  type SesarServiceStatus,
  type SimulatedFaults,
} from "./sesar/service";
import { ServiceControl } from "./services/control";
import type { Service } from "./services/service";
import { SshServer } from "./ssh/server";

export const SSH_USER = "keyturn";
export const DEFAULT_SYNC_SECONDS = 1;
export const DEFAULT_DOCUMENTS_PER_SYNC = 3;

export type HostInterpreter = "sh" | "powershell";

/** What OpenSSH hands a command to, as its setting DefaultShell has it on Windows; without the setting that is cmd.exe. */
export type HostDefaultShell = HostInterpreter | "cmd";

export interface HostOptions {
  /** The host's folder; made when absent, and a former installation in it is kept. No single quote in it. */
  readonly directory: string;
  readonly loginUrl: string;
  readonly graphUrl: string;
  /** File with the lab's certificate authority, which the host's services trust. */
  readonly caPemPath: string;
  /** Proxy through which the host's services reach names that are not loopback's. @default none */
  readonly proxyUrl?: string;
  readonly tenantId: string;
  /** 0 lets the OS choose. @default 0 */
  readonly sshPort?: number;
  /** Seconds between two syncs; absent = the vendor's RefreshInterval, five minutes at least. */
  readonly cycleSeconds?: number;
  /** Seconds that a sync takes at least. @default DEFAULT_SYNC_SECONDS */
  readonly syncSeconds?: number;
  /** @default DEFAULT_DOCUMENTS_PER_SYNC */
  readonly documentsPerSync?: number;
  /** SESAR's instances at its first installation. @default one without a secret: documents only */
  readonly instances?: readonly SampleInstance[];
  /** Whether the service encrypts its file at start. @default true, as SESAR */
  readonly reencrypts?: boolean;
  /** Address of this machine that the service signs in from. @default the system's choice */
  readonly signInAddress?: string;
  /** Seconds that a stop may take before it counts as failed. @default 30 */
  readonly stopTimeoutSeconds?: number;
  /** Environment variables that an SSH client may set. @default none, as OpenSSH */
  readonly acceptEnv?: readonly string[];
  /** Whether a command gets SIGHUP when its connection is lost. @default true */
  readonly hangUpOnDisconnect?: boolean;
  /** IANA name of the host's time zone. @default the machine's */
  readonly timeZone?: string;
  /** With powershell the host has a `powershell.exe`, which is this machine's `pwsh`. @default "sh" */
  readonly interpreter?: HostInterpreter;
  /** What a command over SSH is handed to; PowerShell makes 1 of every exit code but 0, cmd is a look-alike. @default "sh" */
  readonly defaultShell?: HostDefaultShell;
}

/** Program and arguments, one item each, as the host update's contract wants them. */
export interface ServiceCommands {
  readonly start: readonly string[];
  readonly stop: readonly string[];
  readonly status: readonly string[];
}

export interface HostService {
  /** To start, to stop and to kill. */
  readonly service: Service;
  readonly folder: string;
  readonly instancePath: string;
  readonly commands: ServiceCommands;
  /** A secret: the plaintext that the service was installed with. */
  readonly installationFile: string;
  /** Replaces the faults that were set before. */
  simulate(faults: SimulatedFaults): void;
  status(): SesarServiceStatus;
}

export interface HostStatus {
  readonly ssh: { readonly host: string; readonly port: number; readonly user: string };
  readonly services: { readonly sesar: SesarServiceStatus };
}

export interface LabHost {
  readonly directory: string;
  /** The user's home folder: where commands run and relative SFTP paths begin. */
  readonly home: string;
  readonly interpreter: HostInterpreter;
  readonly ssh: {
    readonly host: string;
    readonly port: number;
    readonly user: string;
    /** One authorized_keys line without a comment. */
    readonly hostKey: string;
    /** The client's key; a secret, kept in memory. */
    readonly privateKeyPem: string;
  };
  readonly faults: HostFaults;
  readonly services: { readonly sesar: HostService };
  /** Breaks every open SSH connection. */
  dropConnections(): void;
  status(): HostStatus;
  stop(): Promise<void>;
}

/** Starts a host; returns when SSH answers and its services run. */
export async function startHost(options: HostOptions): Promise<LabHost> {
  const directory = resolve(options.directory);
  const home = join(directory, "home");
  const bin = join(directory, "bin");
  const run = join(directory, "run");
  for (const folder of [home, bin, run]) await mkdir(folder, { recursive: true, mode: 0o700 });
  const interpreter = options.interpreter ?? "sh";
  if (interpreter === "powershell") await givePowerShell(join(bin, "powershell.exe"));
  const environment = environmentOf(options, home, bin);
  const installationFile = sampleInstanceFile(
    ...(options.instances ?? [{ clientId: "", tenantId: options.tenantId }]),
  );
  const sesar = new SesarService({
    folder: join(directory, SESAR_FOLDER),
    loginUrl: options.loginUrl,
    graphUrl: options.graphUrl,
    cycleSeconds: options.cycleSeconds ?? null,
    syncSeconds: options.syncSeconds ?? DEFAULT_SYNC_SECONDS,
    documentsPerSync: options.documentsPerSync ?? DEFAULT_DOCUMENTS_PER_SYNC,
    environment: {
      ...environment,
      NODE_EXTRA_CA_CERTS: options.caPemPath,
      ...(options.proxyUrl !== undefined && { HTTPS_PROXY: options.proxyUrl }),
    },
    outputPath: join(run, "sesar.out"),
    reencrypts: options.reencrypts ?? true,
    firstInstanceFile: installationFile,
    ...(options.signInAddress !== undefined && { signInAddress: options.signInAddress }),
    ...(options.stopTimeoutSeconds !== undefined && {
      stopTimeoutSeconds: options.stopTimeoutSeconds,
    }),
  });
  const hostKey = createKeyPair();
  const clientKey = createKeyPair();
  const ssh = new SshServer({
    user: SSH_USER,
    hostKey,
    authorizedKey: clientKey.publicKeyLine,
    home,
    environment,
    shell: shellWords(options.defaultShell ?? "sh"),
    acceptEnv: options.acceptEnv ?? [],
    hangUpOnDisconnect: options.hangUpOnDisconnect ?? true,
  });
  const guardian = new Guardian(home);
  const control = new ServiceControl(run, [sesar.service]);
  const controlPath = join(bin, "service-control");
  const stop = async (): Promise<void> => {
    await ssh.close();
    sesar.simulate({});
    await sesar.service.stop("lab");
    await control.close();
    await guardian.release();
  };
  try {
    await control.listen(controlPath);
    await ssh.listen(options.sshPort ?? 0);
    await sesar.service.start("lab");
  } catch (error) {
    await stop();
    throw error;
  }
  const address = { host: "127.0.0.1", port: ssh.port, user: SSH_USER };
  const { privateKeyPem } = clientKey;
  const command = (verb: string): readonly string[] => [controlPath, verb, sesar.service.name];
  return {
    directory,
    home,
    interpreter,
    ssh: { ...address, hostKey: hostKey.publicKeyLine, privateKeyPem },
    faults: ssh.faults,
    services: {
      sesar: {
        service: sesar.service,
        folder: sesar.folder,
        instancePath: sesar.instancePath,
        commands: { start: command("start"), stop: command("stop"), status: command("status") },
        installationFile,
        simulate: (faults) => sesar.simulate(faults),
        status: () => sesar.status(),
      },
    },
    dropConnections: () => ssh.dropConnections(),
    status: () => ({ ssh: address, services: { sesar: sesar.status() } }),
    stop,
  };
}

/** A program by its path, as the setting names it: it is there whatever is on PATH. */
function shellWords(shell: HostDefaultShell): readonly [string, ...string[]] {
  switch (shell) {
    case "sh":
      return ["/bin/sh", "-c"];
    case "powershell":
      return [findPowerShell(), "-c"];
    case "cmd":
      return [process.execPath, join(__dirname, "ssh", "cmd", `main${extname(__filename)}`), "/c"];
  }
}

async function givePowerShell(path: string): Promise<void> {
  const found = findPowerShell();
  if (!existsSync(path)) await symlink(found, path);
}

/** @throws LabError when this machine has no PowerShell */
function findPowerShell(): string {
  const found = spawnSync("/bin/sh", ["-c", "command -v pwsh"], { encoding: "utf8" });
  if (found.status === 0) return found.stdout.trim();
  throw new LabError(
    "A host with PowerShell needs pwsh on PATH. Install PowerShell 7, or leave the interpreter at sh.",
  );
}

/** Small and clean; HOME is also the mark by which the guardian knows the host's processes. */
function environmentOf(options: HostOptions, home: string, bin: string): Record<string, string> {
  const timeZone = options.timeZone ?? process.env["TZ"];
  return {
    PATH: `${bin}:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin`,
    HOME: home,
    USER: SSH_USER,
    LOGNAME: SSH_USER,
    SHELL: "/bin/sh",
    ...(timeZone !== undefined && { TZ: timeZone }),
  };
}
