// Looks at a host's transaction from outside: what is to be seen of it, and, without a rest, whether the service's
// file is at every instant the former one or the new one, whole.
import { createDecipheriv } from "node:crypto";
import { existsSync, readFileSync, statSync } from "node:fs";
import { dirname, join } from "node:path";
import type { Sight } from "../e2e/host/kill-table";
import type { DeployedStack } from "./deployed-stack";

const MARK = "SESAR-ENCRYPTED-1:";
const STAGED_YEAR = 2000;

export class TransactionWatch {
  /** The file's contents, one after the other, each once. */
  private readonly contents: string[] = [];
  private readonly keyIdBefore: string | undefined;
  private keyId: string | undefined;
  private scriptPid: number | undefined;
  private timer: NodeJS.Timeout | undefined;

  constructor(
    private readonly deployed: DeployedStack,
    private readonly servicePid: number,
  ) {
    this.keyIdBefore = this.journal().keyId;
    this.look();
  }

  killScript(): void {
    if (this.scriptPid === undefined) throw new Error("The script was never seen.");
    process.kill(this.scriptPid, "SIGKILL");
  }

  get scriptIsGone(): boolean {
    return this.scriptPid !== undefined && !existsSync(`/proc/${this.scriptPid}`);
  }

  /** Ends the watch. @returns the secrets in the file, one after the other; throws if a content was not whole */
  end(): string[] {
    clearTimeout(this.timer);
    const secrets = this.contents.map((content) => secretIn(content, this.deployed.file));
    return secrets.filter((secret, at) => secret !== secrets[at - 1]);
  }

  /** What is to be seen at this instant. */
  sight(): Sight {
    this.noteScript();
    const { phase, keyId, text } = this.journal();
    return {
      phase: this.keyId !== undefined && keyId === this.keyId ? phase : "",
      adopted: this.keyId !== undefined && text.includes(`adopted ${this.keyId} `),
      armed: this.deployed.state("deadman") !== "",
      staged: isUntouched(`${this.deployed.file}.keyturn/staged`),
      swapped: isUntouched(this.deployed.file),
      running: existsSync(`/proc/${this.servicePid}`),
    };
  }

  private look(): void {
    const content = readFileSync(this.deployed.file, "utf8");
    if (content !== this.contents.at(-1)) this.contents.push(content);
    this.noteScript();
    this.timer = setTimeout(() => this.look(), 1);
  }

  /** The script is whoever holds the lock when the journal first has a key id that is not the one before. */
  private noteScript(): void {
    if (this.scriptPid !== undefined) return;
    const { keyId } = this.journal();
    if (keyId === undefined || keyId === this.keyIdBefore) return;
    this.keyId = keyId;
    this.scriptPid = Number.parseInt(this.deployed.state("lock"), 10) || undefined;
  }

  private journal(): { phase: string; keyId: string | undefined; text: string } {
    const text = this.deployed.state("journal");
    const [, phase = "", keyId] = /^phase (\w+) (\S+)/m.exec(text) ?? [];
    return { phase, keyId, text };
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
