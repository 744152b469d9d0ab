// A lab with three stacks that are run by an earlier release first and by today's program then: the stack's file, its
// state and the world stay as the release left them, the project file and the program are exchanged.
import type { Stack } from "@pulumi/pulumi/automation";
import { execFile } from "node:child_process";
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { parse, parseDocument, stringify } from "yaml";
import { CLONE, compiled } from "../../helpers/paths";
import type { LabControl } from "../../../packages/lab/control-client";
import { type Daemon, startDaemon } from "../../../packages/lab/daemon";
import { type Workspace, createWorkspace } from "../../../packages/lab/workspace";
import { PROGRAM } from "../../../packages/rehearsal/places";
import { engineEnvironment, labStackConfig } from "../../../packages/rehearsal/lab-settings";
import { ensureVendorPlugins } from "../../../packages/toolchain/plugins";
import { makeVault } from "../../helpers/tenant";
import { PLUGINS } from "../../helpers/lab-stack";
import { type Release, unpackRelease } from "./release";

/** Each is a kind of stack, and the name of its credential, its consumer and its host, if it has one. */
export const KINDS = ["automatic", "assisted", "adopted"] as const;
export type Kind = (typeof KINDS)[number];

const HOSTS: readonly Kind[] = ["automatic", "adopted"];
const ACTION_GROUP =
  "/subscriptions/11111111-1111-4111-8111-111111111111/resourceGroups/ops/providers/Microsoft.Insights/actionGroups/on-call";
const LICENCES = ["SecureExchanges_Licences", "Advanced", "Eco", "No_Licence", "Pro"];
const PERMISSIONS = ["Group.Read.All", "GroupMember.Read.All", "MailboxSettings.Read"];

type Folder = "release" | "today";

/** How a command ended, and what it printed. */
export interface Ended {
  readonly code: unknown;
  readonly printed: string;
}

/** What a host says that only a run of ours changes. */
export interface HostRecord {
  /** The report of the last transaction, as it was written. */
  readonly report: string;
  readonly stops: number;
}

export class UpgradedLab {
  private constructor(
    private readonly dir: string,
    readonly release: Release,
    private readonly daemon: Daemon,
    private readonly workspaces: Readonly<Record<Kind, Workspace>>,
  ) {}

  /** Starts the lab and makes the stacks, by the release's settings; nothing is deployed yet. */
  static async open(commit: string): Promise<UpgradedLab> {
    if (PLUGINS === "vendor") await ensureVendorPlugins();
    const dir = mkdtempSync(join(tmpdir(), "keyturn-upgrade-"));
    let daemon: Daemon | undefined;
    try {
      const release = unpackRelease(commit, join(dir, "program"));
      daemon = await startLab(dir, release);
      const workspaces = await makeStacks(dir, release, daemon);
      exchange(workspaces.automatic.dir, join(dir, "today"));
      return new UpgradedLab(dir, release, daemon, workspaces);
    } catch (error) {
      await daemon?.stop();
      rmSync(dir, { recursive: true, force: true });
      throw error;
    }
  }

  get control(): LabControl {
    return this.daemon.control;
  }

  /**
   * Lets local commands find their steps in one program or the other. A lab's command plugin outlives both, and an
   * engine's own never sees more than one.
   */
  stepsOf(folder: Folder): void {
    pointSteps(this.dir, dirname(folder === "release" ? this.release.main : PROGRAM));
  }

  /** Changes the file of a stack, for both programs. */
  configure(kind: Kind, key: string, value: unknown): void {
    for (const dir of [this.workspaces[kind].dir, join(this.dir, "today")]) {
      const file = join(dir, `Pulumi.${kind}.yaml`);
      const document = parseDocument(readFileSync(file, "utf8"));
      document.setIn(["config", key], value);
      writeFileSync(file, document.toString());
    }
  }

  /** `keyturn` of today on a stack, as a pipeline runs it. */
  async keyturn(kind: Kind, ...words: readonly string[]): Promise<Ended> {
    const { environment } = this.workspaces[kind];
    const dir = join(this.dir, "today");
    const variables = { PULUMI_OPTION_CWD: dir, KEYTURN_PROGRAM: dirname(PROGRAM) };
    const env = { ...process.env, ...environment, ...variables };
    const args = [compiled("packages/cli/main.ts"), ...words, "--dir", dir, "--stack", kind];
    return new Promise((resolve) => {
      execFile(process.execPath, args, { env, cwd: this.dir }, (error, stdout, stderr) => {
        resolve({ code: error === null ? 0 : error.code, printed: stdout + stderr });
      });
    });
  }

  /** The stack as the release runs it, or as today's program does. */
  async stack(kind: Kind, folder: Folder): Promise<Stack> {
    const { LocalWorkspace } = await import("@pulumi/pulumi/automation/index.js");
    const { dir, environment } = this.workspaces[kind];
    const [workDir, main] =
      folder === "release" ? [dir, this.release.main] : [join(this.dir, "today"), PROGRAM];
    const envVars = {
      ...environment,
      PULUMI_OPTION_CWD: workDir,
      KEYTURN_PROGRAM: dirname(main),
    };
    return LocalWorkspace.selectStack({ stackName: kind, workDir }, { envVars });
  }

  /** The record of the kind's host; undefined where it has none. */
  async host(kind: Kind): Promise<HostRecord | undefined> {
    const service = (await this.control.status()).hosts[kind]?.services.sesar;
    if (service === undefined) return undefined;
    const report = readFileSync(`${service.instancePath}.keyturn/report`, "utf8");
    return { report, stops: service.stops.length };
  }

  async close(): Promise<void> {
    await this.daemon.stop();
    rmSync(this.dir, { recursive: true, force: true });
  }
}

/** The folder in which a local command finds its steps. */
const STEPS = "steps-of";

function pointSteps(dir: string, program: string): void {
  const link = join(dir, STEPS);
  rmSync(link, { force: true });
  symlinkSync(program, link);
}

/** The stand-in for the command plugin runs as long as the lab, so it finds the steps of one program: first the release's. */
async function startLab(dir: string, release: Release): Promise<Daemon> {
  const before = process.env["KEYTURN_PROGRAM"];
  pointSteps(dir, dirname(release.main));
  process.env["KEYTURN_PROGRAM"] = join(dir, STEPS);
  try {
    return await startDaemon({
      now: "2026-11-21T08:00:00Z",
      cycleSeconds: 6,
      labDir: join(dir, "lab"),
      plugins: PLUGINS,
      hosts: [...HOSTS],
    });
  } finally {
    if (before === undefined) delete process.env["KEYTURN_PROGRAM"];
    else process.env["KEYTURN_PROGRAM"] = before;
  }
}

async function makeStacks(
  dir: string,
  release: Release,
  { control }: Daemon,
): Promise<Record<Kind, Workspace>> {
  const changes: Record<Kind, Record<string, unknown>> = {
    automatic: {
      "keyturn:vaultName": "kv-automatic",
      "keyturn:alarmActionGroups": [ACTION_GROUP],
      // One tenant has the licence groups once, and those of the product's names are adopted.
      "keyturn:overrides": { licenceGroup: "Automatic", licenceMembers: ["Automatic_Pro"] },
    },
    assisted: {
      "keyturn:vaultName": "kv-assisted",
      "keyturn:preset": "ci-sync",
      "keyturn:consumers": [{ name: "assisted" }],
    },
    adopted: { "keyturn:vaultCreate": false, ...(await whatWasThere(control)) },
  };
  const configOf = async (kind: Kind) =>
    labStackConfig(
      join(release.dir, "Pulumi.dev.yaml"),
      await control.status(),
      HOSTS.includes(kind) ? { [kind]: await control.hostAccess(kind) } : {},
      { "keyturn:name": kind, ...changes[kind] },
    );
  const [automatic, assisted, adopted] = await Promise.all([
    configOf("automatic"),
    configOf("assisted"),
    configOf("adopted"),
  ]);
  const first = createWorkspace({
    dir: join(dir, "release"),
    projectFile: join(release.dir, "Pulumi.yaml"),
    main: release.main,
    stack: "automatic",
    settings: automatic.settings,
    labEnvironment: engineEnvironment(await control.environment()),
  });
  const workspaces = {
    automatic: first,
    assisted: first.beside("assisted", assisted.settings),
    adopted: first.beside("adopted", adopted.settings),
  };
  // Each writes a file of its own, but all of them the folder's.
  await workspaces.automatic.initialise("pulumi", automatic.secrets);
  await Promise.all([
    workspaces.assisted.initialise("pulumi", assisted.secrets),
    workspaces.adopted.initialise("pulumi", adopted.secrets),
  ]);
  return workspaces;
}

/** An application, the product's licence groups and a vault, made in the portal. */
async function whatWasThere(control: LabControl): Promise<Record<string, unknown>> {
  const vaultName = "kv-adopted";
  await makeVault(control, vaultName);
  const permissions = [...PERMISSIONS, "User.Read.All"];
  const { clientId } = await control.directory("create-application", {
    displayName: "SESAR by hand",
    permissions,
    consents: permissions,
  });
  const existing: Record<string, unknown> = {};
  const [parent = "", ...members] = LICENCES;
  const make = async (displayName: string, groups: string[]): Promise<void> => {
    const made = await control.directory("create-group", { displayName, groups });
    existing[displayName] = made["groupObjectId"];
  };
  for (const member of members) await make(member, []);
  await make(
    parent,
    members.map((member) => String(existing[member])),
  );
  return {
    "keyturn:applicationClientId": clientId,
    "keyturn:existingGroups": existing,
    "keyturn:vaultName": vaultName,
  };
}

/** Today's project file and program, with the stacks' files as they are. */
function exchange(releaseDir: string, todayDir: string): void {
  cpSync(releaseDir, todayDir, { recursive: true });
  const project = parse(readFileSync(join(CLONE, "Pulumi.yaml"), "utf8")) as object;
  writeFileSync(join(todayDir, "Pulumi.yaml"), stringify({ ...project, main: PROGRAM }));
}
