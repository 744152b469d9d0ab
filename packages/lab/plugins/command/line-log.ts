// Passes a command's output on to the engine, a line at a time, as passing status.
// As in the vendor's plugin a line of 64 KiB or more stops the reader for ever, and with it the command.

/** The longest line, its end not counted, that the vendor's reader takes. */
export const LONGEST_LINE_BYTES = 64 * 1024 - 1;

export class LineLog {
  private rest = Buffer.alloc(0);
  private sending: Promise<void> = Promise.resolve();

  constructor(private readonly send: (line: string) => Promise<void>) {}

  /** Takes output; false when a line is too long, after which nothing more is read. */
  write(chunk: Buffer): boolean {
    let pending = Buffer.concat([this.rest, chunk]);
    for (let end = pending.indexOf(10); end >= 0; end = pending.indexOf(10)) {
      if (end > LONGEST_LINE_BYTES) return false;
      this.queue(pending.subarray(0, end));
      pending = pending.subarray(end + 1);
    }
    this.rest = pending;
    return pending.length <= LONGEST_LINE_BYTES;
  }

  /** Sends what is left and waits until the engine has every line. */
  async end(): Promise<void> {
    if (this.rest.length > 0) this.queue(this.rest);
    this.rest = Buffer.alloc(0);
    await this.sending;
  }

  private queue(line: Buffer): void {
    const text = line.toString("utf8").replace(/\r$/, "");
    this.sending = this.sending.then(() => this.send(text));
  }
}
