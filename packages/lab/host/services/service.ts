// One service under the lab's service manager: starts and stops it, one request after the other, and keeps the record.
import { setTimeout as delay } from "node:timers/promises";
import { type ProcessEnd, ServiceProcess, type ServiceProgram } from "./process";
import {
  SILENT_END,
  type ServiceFarewell,
  type ServiceFaults,
  type ServiceRefusal,
  type ServiceState,
  type ServiceStop,
} from "./records";

export interface ServiceDefinition {
  readonly name: string;
  readonly displayName: string;
  readonly program: ServiceProgram;
  /** Seconds that a stop may take before it counts as failed. @default 30 */
  readonly stopTimeoutSeconds?: number;
  /** Hears each message of the process but the first; gives the farewell when it is one. */
  readonly onMessage: (message: unknown) => ServiceFarewell | undefined;
}

/** What a request came to; `done` is false when the manager could not do it. */
export interface ServiceAnswer {
  readonly done: boolean;
  readonly text: string;
}

export const DEFAULT_STOP_TIMEOUT_SECONDS = 30;

export class Service {
  readonly stops: ServiceStop[] = [];
  readonly refusals: ServiceRefusal[] = [];
  startedAt: string | null = null;
  starts = 0;
  private readonly definition: ServiceDefinition;
  private faults: ServiceFaults = {};
  private running: ServiceProcess | undefined;
  private doomed: ServiceProcess | undefined;
  /** Processes that a stop has left at their work. */
  private leftBehind: readonly ServiceProcess[] = [];
  private farewell: ServiceFarewell = SILENT_END;
  private askedToStop: { readonly by: string; readonly at: Date } | undefined;
  private queue: Promise<unknown> = Promise.resolve();

  constructor(definition: ServiceDefinition) {
    this.definition = definition;
  }

  get name(): string {
    return this.definition.name;
  }

  get displayName(): string {
    return this.definition.displayName;
  }

  get state(): ServiceState {
    return this.running === undefined ? "stopped" : "running";
  }

  /** Whether a stop has been asked for and is not over. */
  get stopping(): boolean {
    return this.askedToStop !== undefined;
  }

  get pid(): number | undefined {
    return this.running?.pid;
  }

  /** Replaces the faults that were set before. */
  simulate(faults: ServiceFaults): void {
    this.faults = faults;
    if (faults.leavesProcess === true) return;
    for (const left of this.leftBehind) left.kill("SIGKILL");
    this.leftBehind = [];
  }

  /** Returns when the process is up; whether the service works is not known then. */
  start(by: string): Promise<ServiceAnswer> {
    return this.inTurn(() => this.startNow(by));
  }

  /** Returns when the process is gone, or when it was asked in vain. */
  stop(by: string): Promise<ServiceAnswer> {
    return this.inTurn(() => this.stopNow(by));
  }

  /** Ends the process without asking it, as a crash or an impatient administrator does. */
  async kill(): Promise<void> {
    const running = this.running;
    running?.kill("SIGKILL");
    await running?.ended;
  }

  /** The service says that it is between two syncs. */
  isBetweenSyncs(): void {
    if (this.doomed !== undefined && this.doomed === this.running) this.doomed.kill("SIGKILL");
  }

  /** The service found out at its start what its sudden end had cost. */
  lostAtLastStop(documents: number): void {
    const last = this.stops.at(-1);
    if (last === undefined) return;
    last.midSync = true;
    last.documentsLost += documents;
  }

  private inTurn<T>(work: () => Promise<T>): Promise<T> {
    const turn = this.queue.then(work);
    this.queue = turn.catch(() => undefined);
    return turn;
  }

  private async startNow(by: string): Promise<ServiceAnswer> {
    if (this.running !== undefined) return { done: true, text: "running" };
    if (this.faults.disabled === true) return this.refuse("start", by, "is disabled");
    const { program, onMessage } = this.definition;
    this.farewell = SILENT_END;
    const started = new ServiceProcess(program, (message) => {
      if (this.leftBehind.includes(started)) return;
      this.farewell = onMessage(message) ?? this.farewell;
    });
    this.running = started;
    if (this.faults.dieBetweenSyncs === true) {
      this.doomed = started;
      this.faults = { ...this.faults, dieBetweenSyncs: false };
    }
    void started.ended.then((end) => this.hasEnded(started, end));
    if (!(await started.up)) {
      await started.ended;
      return this.refuse("start", by, "ended before it was up");
    }
    this.recordStart(by);
    const { dieAfterStartMs } = this.faults;
    if (dieAfterStartMs !== undefined) {
      void delay(dieAfterStartMs).then(() => started.kill("SIGKILL"));
    }
    return { done: true, text: "running" };
  }

  private async stopNow(by: string): Promise<ServiceAnswer> {
    const running = this.running;
    if (running === undefined) return { done: true, text: "stopped" };
    if (this.faults.leavesProcess === true) return this.leave(running, by);
    const deadline = new AbortController();
    const seconds = this.definition.stopTimeoutSeconds ?? DEFAULT_STOP_TIMEOUT_SECONDS;
    this.askedToStop = { by, at: new Date() };
    void this.askToStop(running);
    const inVain = delay(seconds * 1000, "in vain", { signal: deadline.signal }).catch(() => "");
    const outcome = await Promise.race([running.ended, inVain]);
    deadline.abort();
    if (outcome !== "in vain") return { done: true, text: "stopped" };
    this.askedToStop = undefined;
    return this.refuse("stop", by, `did not stop within ${seconds} seconds`);
  }

  private leave(running: ServiceProcess, by: string): ServiceAnswer {
    this.leftBehind = [...this.leftBehind, running];
    this.askedToStop = { by, at: new Date() };
    this.hasEnded(running, { exitCode: 0, exitSignal: null });
    return { done: true, text: "stopped" };
  }

  private async askToStop(running: ServiceProcess): Promise<void> {
    if (this.faults.refuseStop === true) return;
    if (this.faults.slowStopMs !== undefined) await delay(this.faults.slowStopMs);
    running.kill("SIGTERM");
  }

  private hasEnded(ended: ServiceProcess, end: ProcessEnd): void {
    if (this.running !== ended) return;
    this.running = undefined;
    const asked = this.askedToStop;
    this.askedToStop = undefined;
    const neverUp = this.startedAt === null;
    this.startedAt = null;
    // A process that ended before it was up did not interrupt anything; the stop before it goes on.
    if (neverUp) return;
    this.stops.push({
      stoppedAt: (asked?.at ?? new Date()).toISOString(),
      stoppedBy: asked?.by ?? "itself",
      cause: asked === undefined ? "exit" : "stop",
      ...end,
      ...this.farewell,
      startedAt: null,
      startedBy: null,
      downtimeMs: null,
    });
  }

  private recordStart(by: string): void {
    const now = new Date();
    this.starts += 1;
    this.startedAt = now.toISOString();
    const last = this.stops.at(-1);
    if (last?.startedAt !== null) return;
    last.startedAt = this.startedAt;
    last.startedBy = by;
    last.downtimeMs = now.getTime() - Date.parse(last.stoppedAt);
  }

  private refuse(verb: "start" | "stop", by: string, reason: string): ServiceAnswer {
    this.refusals.push({ at: new Date().toISOString(), verb, by, reason });
    return { done: false, text: `${this.displayName} ${reason}` };
  }
}
