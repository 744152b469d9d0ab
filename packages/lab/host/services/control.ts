// The service manager's end of the control command: requests come by one FIFO, each answer goes to the asker's own.
import { execFile } from "node:child_process";
import { constants, openSync } from "node:fs";
import { chmod, mkdir, open, readdir, rm, unlink, writeFile } from "node:fs/promises";
import { Socket } from "node:net";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { promisify } from "node:util";
import { CONTROL_EXIT, controlScript } from "./control-client";
import type { Service } from "./service";

interface Answer {
  readonly code: number;
  readonly text: string;
}

const REQUEST = /^(\d+) (start|stop|status|list) (\S+) ?(.*)$/;
const ASKER_PATIENCE_MS = 2000;

/** Whole seconds since 1970. */
function secondsOf(instant: string | Date): number {
  return Math.floor(new Date(instant).getTime() / 1000);
}

/** Serves the control command of one host until it is closed. */
export class ServiceControl {
  private readonly folder: string;
  private readonly services: readonly Service[];
  private requests: Socket | undefined;

  /** @param folder the manager's own folder; made when absent. */
  constructor(folder: string, services: readonly Service[]) {
    this.folder = folder;
    this.services = services;
  }

  /** @param scriptPath where the command is written. */
  async listen(scriptPath: string): Promise<void> {
    await mkdir(this.folder, { recursive: true, mode: 0o700 });
    for (const name of await readdir(this.folder)) {
      if (name === "requests" || name.startsWith("reply.")) await rm(join(this.folder, name));
    }
    const requests = join(this.folder, "requests");
    await promisify(execFile)("mkfifo", ["-m", "600", requests]);
    // Open for writing too, so that the FIFO never ends when an asker leaves.
    const fd = openSync(requests, constants.O_RDWR | constants.O_NONBLOCK);
    this.requests = new Socket({ fd, readable: true, writable: false });
    this.requests.on("error", () => undefined);
    this.read(this.requests);
    await writeFile(scriptPath, controlScript(this.folder));
    await chmod(scriptPath, 0o755);
    await writeFile(join(this.folder, "manager"), `${process.pid}\n`);
  }

  async close(): Promise<void> {
    this.requests?.destroy();
    await rm(join(this.folder, "manager"), { force: true });
    await rm(join(this.folder, "requests"), { force: true });
  }

  private read(requests: Socket): void {
    let pending = "";
    requests.setEncoding("utf8");
    requests.on("data", (data: string) => {
      const lines = (pending + data).split("\n");
      pending = lines.pop() ?? "";
      for (const line of lines) void this.serve(line);
    });
  }

  private async serve(line: string): Promise<void> {
    const [, asker, verb, by, name] = REQUEST.exec(line) ?? [];
    if (asker === undefined || verb === undefined || by === undefined) return;
    const answer = verb === "list" ? this.list() : await this.request(verb, by, name ?? "");
    await this.reply(asker, `${answer.code} ${answer.text}\n`);
  }

  private async request(verb: string, by: string, name: string): Promise<Answer> {
    const service = this.services.find((one) => one.name === name || one.displayName === name);
    if (service === undefined) {
      return { code: CONTROL_EXIT.noSuchService, text: `no service is called "${name}"` };
    }
    if (verb === "status") {
      const { state, startedAt } = service;
      if (state === "stopped") return { code: CONTROL_EXIT.stopped, text: state };
      return { code: CONTROL_EXIT.done, text: `${state} ${secondsOf(startedAt ?? new Date())}` };
    }
    const { done, text } = await (verb === "start" ? service.start(by) : service.stop(by));
    return { code: done ? CONTROL_EXIT.done : CONTROL_EXIT.failed, text };
  }

  private list(): Answer {
    const lines = this.services.map(
      (service) => `${service.name}\t${service.state}\t${service.displayName}`,
    );
    return { code: CONTROL_EXIT.done, text: [...lines, "."].join("\n") };
  }

  /** The asker has opened its FIFO before it asked; one that is gone gets no answer. */
  private async reply(asker: string, text: string): Promise<void> {
    const path = join(this.folder, `reply.${asker}`);
    const end = Date.now() + ASKER_PATIENCE_MS;
    do {
      try {
        const file = await open(path, constants.O_WRONLY | constants.O_NONBLOCK);
        await file.write(text);
        await file.close();
        await unlink(path).catch(() => undefined);
        return;
      } catch (error) {
        if (!(error instanceof Error && "code" in error && error.code === "ENXIO")) return;
        await delay(5);
      }
    } while (Date.now() < end);
  }
}
