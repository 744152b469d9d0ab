// The token of the last sign-in, kept in a file over the service's starts: the fault of a product that does so and seems fine
// with whatever secret it was given.
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

const FILE = ".token";

interface Kept {
  readonly token: string;
  /** Milliseconds since 1970 of the sign-in. */
  readonly since: number;
}

export class TokenKeeper {
  private readonly path: string;
  private readonly keptMs: number;

  /** @param folder the instance's own; must be there. @param seconds from the sign-in on */
  constructor(folder: string, seconds: number) {
    this.path = join(folder, FILE);
    this.keptMs = seconds * 1000;
  }

  /** The kept token, while it is used. */
  kept(): string | undefined {
    const kept = this.read();
    return kept !== undefined && Date.now() - kept.since < this.keptMs ? kept.token : undefined;
  }

  keep(token: string): void {
    const kept: Kept = { token, since: Date.now() };
    writeFileSync(this.path, JSON.stringify(kept), { mode: 0o600 });
  }

  private read(): Kept | undefined {
    try {
      return JSON.parse(readFileSync(this.path, "utf8")) as Kept;
    } catch {
      return undefined;
    }
  }
}
