// Writes files on a host over SFTP, as the vendor's plugin does: no rename, no mode, folders made on the way.
// What a path stands for depends on what is there already; the rules are those of the vendor's source.
import { readdir, readFile, stat } from "node:fs/promises";
import { basename, join, posix } from "node:path";

import type { SFTPWrapper, Stats } from "ssh2";

import { ProviderError } from "../../provider/errors";
import { systemErrorText } from "../go-text";

const NO_SUCH_FILE = 2;
const PERMISSION_DENIED = 3;
const CHUNK_BYTES = 32 * 1024;
const LOST = "connection lost";
/** The library's word for a request that was under way when the connection was lost. */
const UNANSWERED = "No response from server";

/** How the library answers: null or nothing is success, whatever its declarations say. */
type Answer<T> = (error?: Error | null, value?: T) => void;

export class Upload {
  private lost = false;

  constructor(private readonly sftp: SFTPWrapper) {
    const lose = (): void => void (this.lost = true);
    sftp.once("end", lose);
    sftp.once("close", lose);
  }

  async text(content: string, path: string): Promise<void> {
    if ((await this.stat(path))?.isDirectory() === true) {
      const rule = "when using a text asset, remotePath must be a file path";
      throw new ProviderError(`remote path ${path} is a directory; ${rule}`);
    }
    await this.parentsOf(path);
    await this.write(Buffer.from(content), path);
  }

  /** A local file or folder; a folder whose name ends in `/` is copied without its own name. */
  async path(source: string, destination: string): Promise<void> {
    const local = await stat(source).catch((error: unknown) => {
      throw new ProviderError(`open ${source}: ${systemErrorText(error)}`);
    });
    const there = await this.stat(destination);
    if (local.isDirectory()) {
      if (there === undefined) await this.folders(destination);
      const inside = source.endsWith("/") ? destination : posix.join(destination, basename(source));
      await this.folder(source, inside);
      return;
    }
    if (there === undefined) await this.parentsOf(destination);
    const target =
      there?.isDirectory() === true ? posix.join(destination, basename(source)) : destination;
    await this.write(await readFile(source), target);
  }

  private async folder(source: string, destination: string): Promise<void> {
    const there = await this.stat(destination);
    if (there === undefined) await this.makeFolder(destination);
    else if (!there.isDirectory()) {
      throw new ProviderError(`remote path ${destination} exists but is not a directory`);
    }
    const entries = await readdir(source, { withFileTypes: true });
    for (const entry of entries.sort((one, other) => (one.name < other.name ? -1 : 1))) {
      const [from, to] = [join(source, entry.name), posix.join(destination, entry.name)];
      if (entry.isDirectory()) await this.folder(from, to);
      else await this.write(await readFile(from), to);
    }
  }

  private async parentsOf(path: string): Promise<void> {
    await this.folders(posix.dirname(path)).catch((error: unknown) => {
      const reason = systemErrorText(error);
      throw new ProviderError(`failed to create parent directories for ${path}: ${reason}`);
    });
  }

  private async folders(path: string): Promise<void> {
    if (path === "." || path === "/" || (await this.stat(path))?.isDirectory() === true) return;
    await this.folders(posix.dirname(path));
    await this.makeFolder(path);
  }

  private async makeFolder(path: string): Promise<void> {
    try {
      await this.ask((answer) => this.sftp.mkdir(path, answer));
    } catch (error) {
      throw new ProviderError(`failed to create remote directory ${path}: ${text(error)}`);
    }
  }

  private async stat(path: string): Promise<Stats | undefined> {
    try {
      return await this.ask<Stats>((answer) => this.sftp.stat(path, answer));
    } catch (error) {
      if (codeOf(error) === NO_SUCH_FILE) return undefined;
      throw new ProviderError(`failed to stat remote path ${path}: ${text(error)}`);
    }
  }

  private async write(content: Buffer, path: string): Promise<void> {
    const handle = await this.open(path);
    try {
      for (let offset = 0; offset < content.length; offset += CHUNK_BYTES) {
        const length = Math.min(CHUNK_BYTES, content.length - offset);
        await this.ask((answer) =>
          this.sftp.write(handle, content, offset, length, offset, answer),
        );
      }
    } catch (error) {
      throw new ProviderError(`failed to write to remote path ${path}: ${text(error)}`);
    } finally {
      // That it does not close is no reason to fail.
      await this.ask((answer) => this.sftp.close(handle, answer)).catch(() => undefined);
    }
  }

  private async open(path: string): Promise<Buffer> {
    try {
      const handle = await this.ask<Buffer>((answer) => this.sftp.open(path, "w", answer));
      if (handle === undefined) throw new Error("no handle");
      return handle;
    } catch (error) {
      throw new ProviderError(`failed to create remote file ${path}: ${text(error)}`);
    }
  }

  /** One request. The library ends those that are under way when the connection is lost, and answers none that is made then. */
  private ask<T>(request: (answer: Answer<T>) => void): Promise<T | undefined> {
    return new Promise((resolve, reject) => {
      if (this.lost) {
        reject(new Error(LOST));
        return;
      }
      request((error, value) => {
        if (error instanceof Error) reject(error);
        else resolve(value);
      });
    });
  }
}

function codeOf(error: unknown): unknown {
  return (error as { readonly code?: unknown }).code;
}

function text(error: unknown): string {
  const { message } = error as Error;
  if (message === LOST || message === UNANSWERED) return LOST;
  switch (codeOf(error)) {
    case NO_SUCH_FILE:
      return "file does not exist";
    case PERMISSION_DENIED:
      return "permission denied";
    default:
      return `sftp: "${message}" (SSH_FX_FAILURE)`;
  }
}
