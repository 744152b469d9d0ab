// Faults that the control API or a test sets: rules matched in order against each request and counted down.
// A fault answers instead of the server, or after the server's work is done and only the answer is lost.

export type ServerName = "login" | "graph" | "arm" | "vault" | "snappass" | "jobs";

export interface FaultRule {
  readonly server: ServerName;
  /** HTTP method; any when absent. */
  readonly method?: string;
  /** Regular expression, matched without case against the decoded path and query. */
  readonly pathPattern: string;
  /** HTTP status to answer; 0 delays only and lets the request through. */
  readonly status: number;
  /** Error code in the product's shape: "TooManyRequests", "Request_BadRequest", "AADSTS50196". */
  readonly code: string;
  readonly message?: string;
  /** Sets the Retry-After header. */
  readonly retryAfterSeconds?: number;
  /** Real milliseconds to wait before the answer. @default 0 */
  readonly delayMs?: number;
  /** How many matching requests it hits. */
  readonly times: number;
  /** How many matching requests pass untouched first. @default 0 */
  readonly skip?: number;
  /** "after" does the work and loses the answer. @default "before" */
  readonly when?: "before" | "after";
  /** Cuts the connection instead of answering. @default false */
  readonly disconnect?: boolean;
}

export interface FaultState extends FaultRule {
  readonly faultId: number;
  readonly remaining: number;
  readonly hits: number;
}

interface Entry {
  readonly rule: FaultRule;
  readonly pattern: RegExp;
  readonly faultId: number;
  skip: number;
  remaining: number;
  hits: number;
}

export class Faults {
  private entries: Entry[] = [];
  private nextFaultId = 1;

  add(rule: FaultRule): FaultState {
    const entry: Entry = {
      rule,
      pattern: new RegExp(rule.pathPattern, "i"),
      faultId: this.nextFaultId++,
      skip: rule.skip ?? 0,
      remaining: rule.times,
      hits: 0,
    };
    this.entries.push(entry);
    return describe(entry);
  }

  /** The first live rule that matches, counted down; undefined when none does. */
  take(server: ServerName, method: string, url: string): FaultRule | undefined {
    const path = decode(url);
    for (const entry of this.entries) {
      const { rule } = entry;
      if (entry.remaining <= 0 || rule.server !== server) continue;
      if (rule.method !== undefined && rule.method.toUpperCase() !== method.toUpperCase()) continue;
      if (!entry.pattern.test(path)) continue;
      if (entry.skip > 0) {
        entry.skip -= 1;
        continue;
      }
      entry.remaining -= 1;
      entry.hits += 1;
      return rule;
    }
    return undefined;
  }

  list(): FaultState[] {
    return this.entries.map(describe);
  }

  remove(faultId: number): boolean {
    const before = this.entries.length;
    this.entries = this.entries.filter((entry) => entry.faultId !== faultId);
    return this.entries.length < before;
  }

  clear(): void {
    this.entries = [];
  }
}

function describe(entry: Entry): FaultState {
  const { rule, faultId, remaining, hits } = entry;
  return { ...rule, faultId, remaining, hits };
}

function decode(url: string): string {
  try {
    return decodeURIComponent(url.replaceAll("+", " "));
  } catch {
    return url;
  }
}
