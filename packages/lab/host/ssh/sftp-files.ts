// File operations of one SFTP session, with the handles that it has open.
import { type Stats, constants } from "node:fs";
import * as fs from "node:fs/promises";
import { resolve } from "node:path";
import { type Attributes, type FileEntry, utils } from "ssh2";
import { BadHandleError } from "./sftp-status";

const { OPEN_MODE } = utils.sftp;

interface OpenFolder {
  readonly entries: FileEntry[];
}

export class SftpFiles {
  private readonly home: string;
  private readonly handles = new Map<number, fs.FileHandle | OpenFolder>();
  private nextHandle = 0;

  constructor(home: string) {
    this.home = home;
  }

  async open(path: string, flags: number, mode: number | undefined): Promise<Buffer> {
    return this.keep(await fs.open(this.at(path), openFlags(flags), permissions(mode) ?? 0o666));
  }

  async read(handle: Buffer, offset: number, length: number): Promise<Buffer> {
    const buffer = Buffer.alloc(Math.min(length, 256 * 1024));
    const { bytesRead } = await this.file(handle).read(buffer, 0, buffer.length, offset);
    return buffer.subarray(0, bytesRead);
  }

  async write(handle: Buffer, offset: number, data: Buffer): Promise<void> {
    const file = this.file(handle);
    for (let written = 0; written < data.length;) {
      const left = data.length - written;
      written += (await file.write(data, written, left, offset + written)).bytesWritten;
    }
  }

  async close(handle: Buffer): Promise<void> {
    const open = this.opened(handle);
    this.handles.delete(handle.readUInt32BE());
    if ("close" in open) await open.close();
  }

  async closeAll(): Promise<void> {
    const left = [...this.handles.values()];
    this.handles.clear();
    for (const open of left) if ("close" in open) await open.close();
  }

  handleStat(handle: Buffer): Promise<Stats> {
    return this.file(handle).stat();
  }

  stat(path: string): Promise<Stats> {
    return fs.stat(this.at(path));
  }

  lstat(path: string): Promise<Stats> {
    return fs.lstat(this.at(path));
  }

  async setHandleAttributes(handle: Buffer, attributes: Attributes): Promise<void> {
    await applyAttributes(this.file(handle), attributes);
  }

  async setAttributes(path: string, attributes: Attributes): Promise<void> {
    const at = this.at(path);
    await applyAttributes(
      {
        truncate: (length) => fs.truncate(at, length),
        chmod: (mode) => fs.chmod(at, mode),
        utimes: (accessed, modified) => fs.utimes(at, accessed, modified),
      },
      attributes,
    );
  }

  async openFolder(path: string): Promise<Buffer> {
    const folder = this.at(path);
    const names = [".", "..", ...(await fs.readdir(folder))];
    const entries: FileEntry[] = [];
    for (const filename of names) {
      const stats = await fs.lstat(resolve(folder, filename)).catch(() => undefined);
      entries.push({ filename, longname: filename, attrs: attributesOf(stats) });
    }
    return this.keep({ entries });
  }

  /** The next entries, none when all were given. */
  readFolder(handle: Buffer): Promise<FileEntry[]> {
    const open = this.opened(handle);
    if (!("entries" in open)) throw new BadHandleError();
    return Promise.resolve(open.entries.splice(0, 100));
  }

  async makeFolder(path: string, mode: number | undefined): Promise<void> {
    await fs.mkdir(this.at(path), { mode: permissions(mode) ?? 0o777 });
  }

  async removeFolder(path: string): Promise<void> {
    await fs.rmdir(this.at(path));
  }

  async remove(path: string): Promise<void> {
    await fs.unlink(this.at(path));
  }

  /** As SFTP version 3 wants it, never over an existing file. */
  async rename(from: string, to: string): Promise<void> {
    const target = this.at(to);
    const taken = await fs.lstat(target).catch(() => undefined);
    if (taken !== undefined) throw new Error("target exists");
    await fs.rename(this.at(from), target);
  }

  /** The canonical path; the last part need not exist. */
  async realPath(path: string): Promise<string> {
    const at = this.at(path);
    return fs.realpath(at).catch(() => at);
  }

  private at(path: string): string {
    return resolve(this.home, path);
  }

  private keep(open: fs.FileHandle | OpenFolder): Buffer {
    const handle = Buffer.alloc(4);
    handle.writeUInt32BE(this.nextHandle);
    this.handles.set(this.nextHandle++, open);
    return handle;
  }

  private opened(handle: Buffer): fs.FileHandle | OpenFolder {
    const open = handle.length === 4 ? this.handles.get(handle.readUInt32BE()) : undefined;
    if (open === undefined) throw new BadHandleError();
    return open;
  }

  private file(handle: Buffer): fs.FileHandle {
    const open = this.opened(handle);
    if (!("close" in open)) throw new BadHandleError();
    return open;
  }
}

/** What a client is told of a file; a missing one has no size and no rights. */
export function attributesOf(stats: Stats | undefined): Attributes {
  return {
    mode: stats?.mode ?? 0,
    uid: stats?.uid ?? 0,
    gid: stats?.gid ?? 0,
    size: stats?.size ?? 0,
    atime: Math.floor((stats?.atimeMs ?? 0) / 1000),
    mtime: Math.floor((stats?.mtimeMs ?? 0) / 1000),
  };
}

interface Changeable {
  truncate(length: number): Promise<void>;
  chmod(mode: number): Promise<void>;
  utimes(accessed: number, modified: number): Promise<void>;
}

/** A client sends only the attributes that it wants changed. */
async function applyAttributes(target: Changeable, attributes: Partial<Attributes>): Promise<void> {
  const { size, mode, atime, mtime } = attributes;
  if (size !== undefined) await target.truncate(size);
  if (mode !== undefined) await target.chmod(permissions(mode) ?? 0);
  if (atime !== undefined && mtime !== undefined) await target.utimes(atime, mtime);
}

/** The permission bits, without the file's kind. */
function permissions(mode: number | undefined): number | undefined {
  return mode === undefined ? undefined : mode & 0o7777;
}

function openFlags(flags: number): number {
  const has = (flag: number): boolean => (flags & flag) !== 0;
  let native = constants.O_RDONLY;
  if (has(OPEN_MODE.WRITE)) native = has(OPEN_MODE.READ) ? constants.O_RDWR : constants.O_WRONLY;
  if (has(OPEN_MODE.APPEND)) native |= constants.O_APPEND;
  if (has(OPEN_MODE.CREAT)) native |= constants.O_CREAT;
  if (has(OPEN_MODE.TRUNC)) native |= constants.O_TRUNC;
  if (has(OPEN_MODE.EXCL)) native |= constants.O_EXCL;
  return native;
}
