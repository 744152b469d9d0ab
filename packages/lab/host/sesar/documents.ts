// The documents of one instance: they arrive in `incoming`, are in flight during a sync, and end in `stored`.
// One that is in flight when the service ends is lost: its sender thinks it delivered.
import { mkdirSync, readdirSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";

const KEPT = 200;

export class Documents {
  private readonly incoming: string;
  private readonly inFlight: string;
  private readonly stored: string;
  private count = 0;

  /** @param folder the instance's own folder; made when absent. */
  constructor(folder: string) {
    this.incoming = join(folder, "incoming");
    this.inFlight = join(folder, "in-flight");
    this.stored = join(folder, "stored");
    for (const each of [this.incoming, this.inFlight, this.stored]) {
      mkdirSync(each, { recursive: true });
    }
  }

  /** The outside world sends some. */
  arrive(documents: number): void {
    for (let index = 0; index < documents; index += 1) {
      this.count += 1;
      const name = `message-${Date.now()}-${this.count}.txt`;
      writeFileSync(join(this.incoming, name), `Document ${this.count}\n`);
    }
  }

  /** Takes all that have arrived into this sync. */
  take(): number {
    return move(this.incoming, this.inFlight);
  }

  /** The sync is over: what was in flight is safe. */
  store(): number {
    const stored = move(this.inFlight, this.stored);
    // A lab that is kept for days must not fill the disk.
    const names = readdirSync(this.stored).sort();
    for (const name of names.slice(0, -KEPT)) rmSync(join(this.stored, name), { force: true });
    return stored;
  }

  /** Gives up what is in flight, and says how many that were. */
  lose(): number {
    const names = readdirSync(this.inFlight);
    for (const name of names) rmSync(join(this.inFlight, name), { force: true });
    return names.length;
  }
}

function move(from: string, to: string): number {
  return readdirSync(from).filter((name) => moveOne(join(from, name), join(to, name))).length;
}

/** False where another process of the service has taken the document. */
function moveOne(from: string, to: string): boolean {
  try {
    renameSync(from, to);
    return true;
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return false;
    throw error;
  }
}
