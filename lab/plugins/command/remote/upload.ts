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

export class Upload {
  constructor(private readonly sftp: SFTPWrapper) {}

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

  private makeFolder(path: string): Promise<void> {
    return new Promise((resolve, reject) => {
      this.sftp.mkdir(path, (error) => {
        if (!failed(error)) resolve();
        else reject(new ProviderError(`failed to create remote directory ${path}: ${text(error)}`));
      });
    });
  }

  private stat(path: string): Promise<Stats | undefined> {
    return new Promise((resolve, reject) => {
      this.sftp.stat(path, (error, stats) => {
        if (!failed(error)) resolve(stats);
        else if (codeOf(error) === NO_SUCH_FILE) resolve(undefined);
        else reject(new ProviderError(`failed to stat remote path ${path}: ${text(error)}`));
      });
    });
  }

  private async write(content: Buffer, path: string): Promise<void> {
    const handle = await new Promise<Buffer>((resolve, reject) => {
      this.sftp.open(path, "w", (error, opened) => {
        if (!failed(error)) resolve(opened);
        else reject(new ProviderError(`failed to create remote file ${path}: ${text(error)}`));
      });
    });
    try {
      for (let offset = 0; offset < content.length; offset += CHUNK_BYTES) {
        const length = Math.min(CHUNK_BYTES, content.length - offset);
        await this.writeChunk(handle, content, offset, length, path);
      }
    } finally {
      await new Promise<void>((resolve) => {
        this.sftp.close(handle, () => resolve());
      });
    }
  }

  private writeChunk(
    handle: Buffer,
    content: Buffer,
    offset: number,
    length: number,
    path: string,
  ): Promise<void> {
    return new Promise((resolve, reject) => {
      this.sftp.write(handle, content, offset, length, offset, (error) => {
        if (!failed(error)) resolve();
        else reject(new ProviderError(`failed to write to remote path ${path}: ${text(error)}`));
      });
    });
  }
}

/** The library calls back with null or nothing for success, whatever its declarations say. */
function failed(error: Error | null | undefined): error is Error {
  return error instanceof Error;
}

function codeOf(error: Error): unknown {
  return (error as { readonly code?: unknown }).code;
}

function text(error: Error): string {
  switch (codeOf(error)) {
    case NO_SUCH_FILE:
      return "file does not exist";
    case PERMISSION_DENIED:
      return "permission denied";
    default:
      return `sftp: "${error.message}" (SSH_FX_FAILURE)`;
  }
}
