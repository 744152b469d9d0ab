// SESAR's instance.json: read once at start; a plaintext is encrypted in place, as the vendor says it is.
// How the vendor encrypts is not known. Here it is AES-256-GCM with a key that stays on the host.
import { createCipheriv, createDecipheriv, randomBytes } from "node:crypto";
import {
  chmodSync,
  closeSync,
  existsSync,
  fsyncSync,
  openSync,
  readFileSync,
  renameSync,
  statSync,
  writeFileSync,
  writeSync,
} from "node:fs";
import { join } from "node:path";
import { type SesarInstance, parseInstances } from "./instance";
import type { SesarFaults } from "./settings";

const MARK = "SESAR-ENCRYPTED-1:";
const KEY_FILE = ".host-key";
/** What the last start found, for the fault of a late reader. */
const LAST_START_FILE = ".last-start";
const IV_BYTES = 12;
const TAG_BYTES = 16;

/** The file cannot be used; the message names no value of it. */
export class InstanceFileError extends Error {
  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = "InstanceFileError";
  }
}

/** Whether these bytes are the file's encrypted form. */
export function isEncrypted(bytes: Buffer): boolean {
  return bytes.subarray(0, MARK.length).toString("latin1") === MARK;
}

/** Reads the instances; leaves the file encrypted, unless told otherwise. @throws InstanceFileError */
export function loadInstances(
  folder: string,
  reencrypts = true,
  faults: SesarFaults = {},
): readonly SesarInstance[] {
  const path = join(folder, "instance.json");
  const bytes = read(path);
  if (!reencrypts) return parse(bytes);
  const key = hostKey(folder);
  const isNew = !isEncrypted(bytes);
  const sealed = isNew ? encrypt(bytes, key) : bytes;
  const instances = parse(isNew ? bytes : decrypt(bytes, key));
  if (isNew) replace(path, sealed);
  if (faults.readsFileLate === true) return parse(decrypt(late(folder, sealed), key));
  return isNew && faults.misreadsNewFile === true ? instances.map(misread) : instances;
}

/** What the start before this one found, where there was one; this one's is kept for the next. */
function late(folder: string, sealed: Buffer): Buffer {
  const path = join(folder, LAST_START_FILE);
  const found = existsSync(path) ? readFileSync(path) : sealed;
  writeFileSync(path, sealed, { mode: 0o600 });
  return found;
}

function misread(instance: SesarInstance): SesarInstance {
  return { ...instance, clientSecret: instance.clientSecret.slice(0, -1) };
}

function read(path: string): Buffer {
  try {
    return readFileSync(path);
  } catch (cause) {
    throw new InstanceFileError("instance.json cannot be read", { cause });
  }
}

function parse(plaintext: Buffer): readonly SesarInstance[] {
  let json: unknown;
  try {
    // A byte order mark is no JSON, and it stays an error here.
    json = JSON.parse(plaintext.toString("utf8"));
  } catch {
    // The parser's own message quotes the text, which holds secrets.
    throw new InstanceFileError("instance.json is neither encrypted by this host nor valid JSON");
  }
  const { instances, problem } = parseInstances(json);
  if (problem !== undefined) throw new InstanceFileError(`instance.json: ${problem}`);
  return instances;
}

function hostKey(folder: string): Buffer {
  const path = join(folder, KEY_FILE);
  try {
    return readFileSync(path);
  } catch {
    const key = randomBytes(32);
    writeFileSync(path, key, { mode: 0o600, flag: "wx" });
    return key;
  }
}

function encrypt(plaintext: Buffer, key: Buffer): Buffer {
  const iv = randomBytes(IV_BYTES);
  const cipher = createCipheriv("aes-256-gcm", key, iv);
  const body = Buffer.concat([cipher.update(plaintext), cipher.final()]);
  const sealed = Buffer.concat([iv, cipher.getAuthTag(), body]);
  return Buffer.from(MARK + sealed.toString("base64"));
}

function decrypt(bytes: Buffer, key: Buffer): Buffer {
  const sealed = Buffer.from(bytes.subarray(MARK.length).toString("latin1"), "base64");
  const iv = sealed.subarray(0, IV_BYTES);
  const tag = sealed.subarray(IV_BYTES, IV_BYTES + TAG_BYTES);
  try {
    const decipher = createDecipheriv("aes-256-gcm", key, iv, { authTagLength: TAG_BYTES });
    decipher.setAuthTag(tag);
    return Buffer.concat([
      decipher.update(sealed.subarray(IV_BYTES + TAG_BYTES)),
      decipher.final(),
    ]);
  } catch (cause) {
    throw new InstanceFileError("instance.json was encrypted by another host, or is damaged", {
      cause,
    });
  }
}

/** Written beside, flushed and renamed over; the permissions stay. */
function replace(path: string, bytes: Buffer): void {
  const beside = `${path}.encrypting`;
  const mode = statSync(path).mode & 0o7777;
  const file = openSync(beside, "w", 0o600);
  try {
    for (let at = 0; at < bytes.length;) at += writeSync(file, bytes, at);
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
  chmodSync(beside, mode);
  renameSync(beside, path);
}
