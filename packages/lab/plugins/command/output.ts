// What a running command writes: each stream by itself, both as they came, and the lines for the engine.
import type { Readable } from "node:stream";

import type { CallContext } from "../provider/stand-in";
import { LineLog } from "./line-log";

/** The values of `logging`; anything else logs nothing. */
export type Logging = "stdout" | "stderr" | "stdoutAndStderr" | "none";

type Stream = "stdout" | "stderr";

/** What a command wrote, with the last line break taken off. */
export interface CommandOutput {
  readonly stdout: string;
  readonly stderr: string;
}

export class Output {
  private readonly chunks: Readonly<Record<Stream, Buffer[]>> = { stdout: [], stderr: [] };
  private readonly both: Buffer[] = [];
  private readonly log: LineLog;
  private stalled = false;

  constructor(
    private readonly logging: string,
    context: Pick<CallContext<unknown>, "log">,
  ) {
    this.log = new LineLog((line) => context.log("info", line, { ephemeral: true }));
  }

  collect(stream: Stream, source: Readable): void {
    source.on("data", (chunk: Buffer) => {
      this.chunks[stream].push(chunk);
      this.both.push(chunk);
      if (this.logs(stream) && !this.log.write(chunk)) {
        this.stalled = true;
        source.pause();
      }
    });
  }

  /** Everything written, in the order in which it came. */
  get written(): string {
    return Buffer.concat(this.both).toString("utf8");
  }

  /** Waits until the engine has the last line; for ever when a line was too long. */
  async finish(): Promise<CommandOutput> {
    if (this.stalled) await new Promise<never>(() => undefined);
    await this.log.end();
    return { stdout: this.text("stdout"), stderr: this.text("stderr") };
  }

  private text(stream: Stream): string {
    return Buffer.concat(this.chunks[stream]).toString("utf8").replace(/\n$/, "");
  }

  private logs(stream: Stream): boolean {
    return this.logging === stream || this.logging === "stdoutAndStderr";
  }
}
