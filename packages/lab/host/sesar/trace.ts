// SESAR's trace: one file a month, month not zero-padded, local time. One line is the vendor's, word for word;
// all other lines, and the instance's name before a line, are ours: the vendor publishes no others.
import { appendFileSync } from "node:fs";
import { join } from "node:path";

/** The vendor's words around the time of the next sync. */
export const NEXT_LOOKUP_PREFIX = "Sync next lookup at ";
export const NEXT_LOOKUP_SUFFIX = " ** You can stop the service before that time";
/** Ours: begins the text of a failed sync. */
export const FAILURE_TEXT = "Azure AD synchronisation failed";

export class Trace {
  private readonly folder: string;
  private readonly now: () => Date;
  private readonly label: string;

  /**
   * @param label before every line: "" for one instance, else `ConfigName: `.
   * @param now the host's own clock; tests give their own.
   */
  constructor(folder: string, label = "", now: () => Date = () => new Date()) {
    this.folder = folder;
    this.label = label;
    this.now = now;
  }

  /** The same trace, for one of several instances. */
  labelled(label: string): Trace {
    return new Trace(this.folder, label, this.now);
  }

  get path(): string {
    return join(this.folder, traceName(this.now()));
  }

  /** A line of ours, with its time before it. */
  write(text: string): void {
    this.append(`${localTime(this.now())} ${this.label}${text}`);
  }

  /** The vendor's line. */
  nextLookup(at: Date): void {
    this.append(`${this.label}${NEXT_LOOKUP_PREFIX}${localTime(at)}${NEXT_LOOKUP_SUFFIX}`);
  }

  private append(line: string): void {
    appendFileSync(this.path, `${line}\n`, { mode: 0o644 });
  }
}

export function traceName(at: Date): string {
  return `Trace_${at.getFullYear()}_${at.getMonth() + 1}.log`;
}

/** Local time, `YYYY-MM-DD HH:MM:SS`. */
export function localTime(at: Date): string {
  const two = (value: number): string => String(value).padStart(2, "0");
  const day = `${at.getFullYear()}-${two(at.getMonth() + 1)}-${two(at.getDate())}`;
  return `${day} ${two(at.getHours())}:${two(at.getMinutes())}:${two(at.getSeconds())}`;
}
