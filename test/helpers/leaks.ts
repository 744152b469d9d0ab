// Searches for secret values: in texts, in folders, and in the command lines and environments of processes.
import { readFileSync, readdirSync, statSync } from "node:fs";
import { join } from "node:path";

/** A place in which a value stood; the value itself is never said. */
export interface Leak {
  readonly where: string;
  readonly which: number;
}

/** The forms in which a value would be recognised: as it is, escaped, and base64 at each of its three alignments. */
export function formsOf(value: string): string[] {
  const base64 = [0, 1, 2].map((shift) => {
    const whole = Buffer.from(`${"x".repeat(shift)}${value}`)
      .toString("base64")
      .replace(/=+$/, "");
    // The first characters hold the shift's bytes, the last ones what would follow the value.
    return whole.slice(shift === 0 ? 0 : shift + 1, -1);
  });
  const forms = [value, JSON.stringify(value).slice(1, -1), encodeURIComponent(value), ...base64];
  return [...new Set(forms)];
}

/** Which of the values stand in a text. */
export function leaksIn(where: string, text: string, values: readonly string[]): Leak[] {
  return values.flatMap((value, which) =>
    formsOf(value).some((form) => text.includes(form)) ? [{ where, which }] : [],
  );
}

/** Which of the values stand in the files of a folder, however deep. */
export function leaksInFolder(folder: string, values: readonly string[]): Leak[] {
  return readdirSync(folder, { recursive: true, encoding: "utf8" }).flatMap((name) => {
    const path = join(folder, name);
    const found = statSync(path, { throwIfNoEntry: false });
    if (found?.isFile() !== true) return [];
    return leaksIn(path, readFileSync(path, "latin1"), values);
  });
}

/** Notes every command line and environment block that comes into being while it watches. */
export class ProcessWatch {
  readonly commandLines = new Set<string>();
  readonly environments = new Set<string>();
  private readonly timer: NodeJS.Timeout;
  looks = 0;

  constructor(everyMs = 20) {
    this.timer = setInterval(() => this.look(), everyMs);
  }

  stop(): void {
    clearInterval(this.timer);
  }

  private look(): void {
    this.looks += 1;
    for (const pid of readdirSync("/proc")) {
      if (!/^\d+$/.test(pid)) continue;
      this.note(this.commandLines, `/proc/${pid}/cmdline`);
      this.note(this.environments, `/proc/${pid}/environ`);
    }
  }

  private note(into: Set<string>, path: string): void {
    try {
      into.add(readFileSync(path, "latin1"));
    } catch {
      // The process has ended, or is not ours to read.
    }
  }
}
