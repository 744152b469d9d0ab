// A host with a simulated SESAR that signs in to an emulated Entra, for measurements that need no engine.
import { randomUUID } from "node:crypto";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { CLONE } from "../cli/clone";
import { until } from "../rehearsal/until";
import { encodeHostInput, parseHostReport } from "../../src/contracts/host-update";
import { hostCommand, hostFields } from "../../src/decide/host-fields";
import type { HostPreset } from "../../src/presets/preset";
import { type CloudContext, createCloudContext } from "../lab/cloud/context";
import { startLogin } from "../lab/cloud/entra";
import { startGraph } from "../lab/cloud/graph/server";
import { addForeignPassword, grantAppRole } from "../lab/cloud/mutations";
import { type HostInterpreter, type LabHost, startHost } from "../lab/host/host";
import { sampleInstanceFile } from "../lab/host/sesar/sample";
import type { ServiceStop } from "../lab/host/services/records";
import { TearDown } from "../lab/tear-down";
import { sesar } from "../../src/presets/sesar";
import { Connection } from "./ssh";

/** Long enough for a script to arm and prepare within it: PowerShell comes up twice in that time. */
const CYCLE_SECONDS: Readonly<Record<HostInterpreter, number>> = { sh: 6, powershell: 12 };
const MARGIN_SECONDS = 3;
const PATIENCE_SECONDS = 90;
const SCRIPTS: Readonly<Record<HostInterpreter, string>> = {
  sh: "update.sh",
  powershell: "update.ps1",
};

export class SesarScene {
  private updates = 0;

  private constructor(
    private readonly context: CloudContext,
    private readonly clientId: string,
    private readonly host: LabHost,
    private readonly connection: Connection,
    private readonly tearDown: TearDown,
  ) {}

  /**
   * @param dir a folder for the host
   * @param interpreters those that the host has, and whose update scripts are carried to it
   */
  static async open(dir: string, interpreters: readonly HostInterpreter[]): Promise<SesarScene> {
    const tearDown = new TearDown();
    try {
      const context = await createCloudContext();
      for (const start of [startLogin, startGraph]) {
        const server = await start(context, 0);
        tearDown.add(() => server.close());
      }
      const { clientId, clientSecret } = createClient(context);
      mkdirSync(dir, { recursive: true });
      const caPemPath = join(dir, "ca.pem");
      const interpreter = interpreters.includes("powershell") ? "powershell" : "sh";
      writeFileSync(caPemPath, context.certificates.caPem);
      const { endpoints, tenantId } = context;
      const host = await startHost({
        directory: join(dir, "host"),
        loginUrl: endpoints.loginUrl,
        graphUrl: endpoints.graphUrl,
        caPemPath,
        tenantId,
        cycleSeconds: CYCLE_SECONDS[interpreter],
        interpreter,
        instances: [{ clientId, tenantId, clientSecret }],
      });
      tearDown.add(() => host.stop());
      const connection = await Connection.open(host.ssh);
      tearDown.add(() => connection.close());
      for (const script of interpreters.map((each) => SCRIPTS[each])) {
        const text = readFileSync(join(CLONE, "host", script), "utf8");
        await must(connection.run(`cat > ${script}`, text));
      }
      return new SesarScene(context, clientId, host, connection, tearDown);
    } catch (error) {
      await tearDown.run();
      throw error;
    }
  }

  /** Brings SESAR a new secret with the update script of an interpreter, and returns the one stop that it cost. */
  async update(interpreter: HostInterpreter): Promise<ServiceStop> {
    const { value, keyId } = addForeignPassword(this.context.directory, this.clientId);
    const { tenantId } = this.context;
    this.updates += 1;
    const input = encodeHostInput(
      hostFields(preset(this.host, interpreter), {
        consumer: "sesar",
        epoch: `epoch-${this.updates}`,
        writer: "kv-bench:sesar",
        keyId,
        value,
        revision: randomUUID(),
        attempt: "1",
        retry: 0,
        content: sampleInstanceFile({ clientId: this.clientId, tenantId, clientSecret: value }),
      }),
    );
    const script = SCRIPTS[interpreter];
    return this.oneStop(async () => {
      const { stdout } = await must(this.connection.run(hostCommand(interpreter, script), input));
      const { outcome, reason } = parseHostReport(stdout);
      if (outcome !== "updated") throw new Error(`host/${script} came to ${outcome}: ${reason}`);
    });
  }

  /** Stops and starts the service with nothing between, as the update's own commands do, in a safe moment too. */
  async restart(): Promise<ServiceStop> {
    const { stop, start } = this.host.services.sesar.commands;
    const command = [stop, start].map((words) => words.map(quote).join(" ")).join(" && ");
    await this.safeMoment();
    const stopped = await this.oneStop(async () => {
      await must(this.connection.run(command));
    });
    // SESAR syncs as it starts; until that is over its trace still announces what the run before had planned.
    await this.safeMoment();
    return stopped;
  }

  close(): Promise<void> {
    return this.tearDown.run();
  }

  private safeMoment(): Promise<void> {
    const isSafe = (): boolean => {
      const { startedAt, lastSync, nextLookup, instances } = this.host.services.sesar.status();
      if (startedAt === null || lastSync === null || nextLookup === null) return false;
      if (lastSync < startedAt || instances.some((instance) => instance.syncing)) return false;
      return Date.parse(nextLookup) - Date.now() >= MARGIN_SECONDS * 1000;
    };
    return until(isSafe, PATIENCE_SECONDS * 1000, "a safe moment to stop SESAR");
  }

  private async oneStop(work: () => Promise<void>): Promise<ServiceStop> {
    const before = this.host.services.sesar.status().stops.length;
    await work();
    const [stop, ...more] = this.host.services.sesar.status().stops.slice(before);
    if (stop === undefined || more.length > 0) {
      throw new Error(`One stop was expected, got ${stop === undefined ? 0 : more.length + 1}.`);
    }
    if (stop.midSync) throw new Error("SESAR was stopped in the middle of a sync.");
    return stop;
  }
}

function createClient({ directory }: CloudContext): { clientId: string; clientSecret: string } {
  const { clientId } = directory.createApplication({ displayName: sesar.applicationName });
  directory.createServicePrincipal(clientId, {});
  for (const role of sesar.permissions) grantAppRole(directory, clientId, role);
  return { clientId, clientSecret: addForeignPassword(directory, clientId).value };
}

function preset({ services }: LabHost, interpreter: HostInterpreter): HostPreset {
  const { service, folder, instancePath, commands } = services.sesar;
  return {
    ...sesar.host,
    interpreter,
    serviceManager: "command",
    serviceNames: [service.name],
    startCommand: [...commands.start],
    stopCommand: [...commands.stop],
    statusCommand: [...commands.status],
    filePath: instancePath,
    traceDirectory: folder,
    marginSeconds: MARGIN_SECONDS,
    patienceSeconds: PATIENCE_SECONDS,
    stopTimeoutSeconds: 10,
    startTimeoutSeconds: 10,
    settleSeconds: 1,
    proofTimeoutSeconds: 60,
  };
}

function quote(word: string): string {
  return `'${word}'`;
}

async function must(run: ReturnType<Connection["run"]>): ReturnType<Connection["run"]> {
  const outcome = await run;
  if (outcome.code === 0) return outcome;
  throw new Error(`A command on the lab's host failed: ${outcome.stderr || outcome.stdout}`);
}
