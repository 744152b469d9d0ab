// Looks at a host's transaction from outside, without a rest: what phase it is in, and whether the service's file is
// at every instant the former one or the new one, whole. Freezes the script at a boundary, so that a fault strikes there.
import { createDecipheriv } from "node:crypto";
import { existsSync, readFileSync, statSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import type { Row, Sight } from "./kill-table";
import type { Stage } from "./stage";

const MARK = "SESAR-ENCRYPTED-1:";
const STAGED_YEAR = 2000;

export class TransactionWatch {
  /** The file's contents, one after the other, each once. */
  private readonly contents: string[] = [];
  private readonly keyIdBefore: string | undefined;
  private keyId: string | undefined;
  private scriptPid: number | undefined;
  private timer: NodeJS.Timeout | undefined;
  private frozen: ((sight: Sight) => void) | undefined;

  constructor(
    private readonly stage: Stage,
    private readonly row: Row,
    private readonly servicePid: number,
  ) {
    this.keyIdBefore = this.journal().keyId;
    this.look();
  }

  /** Resolves, with the script stopped by SIGSTOP, once the boundary is reached; what is then to be seen. */
  reached(): Promise<Sight> {
    return new Promise((resolve) => (this.frozen = resolve));
  }

  /** Lets the script go on, and later ones too; it may be gone. */
  thaw(): void {
    this.frozen = undefined;
    this.signal("SIGCONT");
  }

  killScript(): void {
    this.signal("SIGKILL");
  }

  get scriptIsGone(): boolean {
    return this.scriptPid !== undefined && !existsSync(`/proc/${this.scriptPid}`);
  }

  /** Ends the watch. @returns the secrets in the file, one after the other; throws if a content was not whole */
  end(): string[] {
    clearTimeout(this.timer);
    const secrets = this.contents.map((content) => secretIn(content, this.stage.file));
    return secrets.filter((secret, at) => secret !== secrets[at - 1]);
  }

  private look(): void {
    const content = readFileSync(this.stage.file, "utf8");
    if (content !== this.contents.at(-1)) this.contents.push(content);
    if (this.frozen !== undefined) this.stopAt(this.frozen);
    this.timer = setTimeout(() => this.look(), 1);
  }

  private stopAt(reached: (sight: Sight) => void): void {
    const { phase, running } = this.sight();
    // While the service is stopped the boundaries lie a program apart: the script goes on by a millisecond at a time.
    const creeps = phase === "stopping" && !running;
    if (!creeps && !this.row.reached(this.sight())) return;
    this.signal("SIGSTOP");
    // What is to be seen once the script cannot go on is where the fault strikes.
    const sight = this.sight();
    if (this.row.reached(sight)) {
      this.frozen = undefined;
      reached(sight);
    } else {
      this.signal("SIGCONT");
    }
  }

  private sight(): Sight {
    const { phase, keyId, text } = this.journal();
    if (keyId !== undefined && keyId !== this.keyIdBefore) this.keyId = keyId;
    const mine = this.keyId !== undefined && keyId === this.keyId;
    this.scriptPid ??= mine
      ? Number.parseInt(this.stage.state("lock"), 10) || undefined
      : undefined;
    return {
      phase: mine && this.scriptPid !== undefined ? phase : "",
      adopted: this.keyId !== undefined && text.includes(`adopted ${this.keyId} `),
      armed: this.stage.state("deadman") !== "",
      staged: isUntouched(`${this.stage.file}.keyturn/staged`),
      swapped: isUntouched(this.stage.file),
      running: existsSync(`/proc/${this.servicePid}`),
      asks: mine ? this.asks() : "",
    };
  }

  /** The verb of the service command that the script runs, else the program that it runs. */
  private asks(): string {
    try {
      const tasks = `/proc/${this.scriptPid}/task/${this.scriptPid}/children`;
      const children = readFileSync(tasks, "utf8").trim().split(" ");
      const commands = children.map((pid) => readFileSync(`/proc/${pid}/cmdline`, "latin1"));
      const verb = /service-control\0(\w+)\0/.exec(commands.join(""))?.[1];
      // One that is forked and not yet a program has the script's own command line.
      return verb ?? basename(/^[^\0]*/.exec(commands.join(""))?.[0] ?? "");
    } catch {
      return "";
    }
  }

  private journal(): { phase: string; keyId: string | undefined; text: string } {
    const text = this.stage.state("journal");
    const [, phase = "", keyId] = /^phase (\w+) (\S+)/m.exec(text) ?? [];
    return { phase, keyId, text };
  }

  private signal(name: NodeJS.Signals): void {
    try {
      if (this.scriptPid !== undefined) process.kill(this.scriptPid, name);
    } catch {
      // It has ended.
    }
  }
}

/** Whether a file has the time that the script gives to the new one, complete. */
function isUntouched(path: string): boolean {
  const stats = statSync(path, { throwIfNoEntry: false });
  return stats?.mtime.getUTCFullYear() === STAGED_YEAR;
}

/** The client secret in a content of the file. @throws Error when the content is not whole */
function secretIn(content: string, file: string): string {
  try {
    const plain = content.startsWith(MARK) ? decrypted(content, file) : content;
    const { instances } = JSON.parse(plain) as { instances: [{ AzureAD_Secret: string }] };
    return instances[0].AzureAD_Secret;
  } catch {
    // Not the parser's own message: it quotes the text, which holds secrets.
    throw new Error(`The service's file was not whole at an instant: ${content.length} bytes.`);
  }
}

/** Authenticated: a part of a file, or a mixture of two, does not decrypt. */
function decrypted(content: string, file: string): string {
  const sealed = Buffer.from(content.slice(MARK.length), "base64");
  const key = readFileSync(join(dirname(file), ".host-key"));
  const decipher = createDecipheriv("aes-256-gcm", key, sealed.subarray(0, 12));
  decipher.setAuthTag(sealed.subarray(12, 28));
  return Buffer.concat([decipher.update(sealed.subarray(28)), decipher.final()]).toString("utf8");
}
