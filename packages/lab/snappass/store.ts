// What the lab's SnapPass keeps: each value under a storage key, encrypted by a key that only the token holds, until it
// is fetched or its time is over.
import { createCipheriv, createDecipheriv, randomBytes, randomUUID } from "node:crypto";
import type { LabClock } from "../clock";

/** Two weeks: the longest that SnapPass keeps anything, and what it takes when it is not told. */
export const LONGEST_TTL_SECONDS = 1_209_600;

const SEPARATOR = "~";
const STORAGE_KEY = /^snappass[0-9a-f]{32}$/;
const NONCE_BYTES = 12;
const TAG_BYTES = 16;

interface Entry {
  readonly sealed: Buffer;
  readonly until: number;
}

/** Values that can be fetched once. */
export class OneTimeValues {
  readonly #entries = new Map<string, Entry>();
  readonly #everything = new Set<string>();

  constructor(private readonly clock: LabClock) {}

  /** Keeps a value and returns the token that fetches it. */
  set(value: string, ttlSeconds: number): string {
    const storageKey = `snappass${randomUUID().replaceAll("-", "")}`;
    const key = randomBytes(32);
    const nonce = randomBytes(NONCE_BYTES);
    const cipher = createCipheriv("aes-256-gcm", key, nonce);
    const body = Buffer.concat([cipher.update(value, "utf8"), cipher.final()]);
    const sealed = Buffer.concat([nonce, cipher.getAuthTag(), body]);
    this.#entries.set(storageKey, { sealed, until: this.#now() + ttlSeconds * 1000 });
    const token = `${storageKey}${SEPARATOR}${urlSafe(key)}`;
    this.#everything.add(value).add(token).add(urlSafe(key));
    return token;
  }

  /** Whether a value is there; the storage key alone is enough. */
  has(token: string): boolean {
    return this.#entry(storageKeyOf(token)) !== undefined;
  }

  /** Fetches a value and forgets it, even when the token cannot open it. @throws Error when the key is not its own */
  take(token: string): string | undefined {
    const storageKey = storageKeyOf(token);
    const entry = this.#entry(storageKey);
    this.#entries.delete(storageKey);
    if (entry === undefined) return undefined;
    if (!token.includes(SEPARATOR)) return urlSafe(entry.sealed);
    const key = Buffer.from(token.slice(storageKey.length + SEPARATOR.length), "base64url");
    const nonce = entry.sealed.subarray(0, NONCE_BYTES);
    const decipher = createDecipheriv("aes-256-gcm", key, nonce);
    decipher.setAuthTag(entry.sealed.subarray(NONCE_BYTES, NONCE_BYTES + TAG_BYTES));
    const body = entry.sealed.subarray(NONCE_BYTES + TAG_BYTES);
    return Buffer.concat([decipher.update(body), decipher.final()]).toString("utf8");
  }

  /** Every value, token and key that ever was; for the search for leaks. A storage key alone is no secret. */
  everyValue(): string[] {
    return [...this.#everything];
  }

  #entry(storageKey: string): Entry | undefined {
    const entry = STORAGE_KEY.test(storageKey) ? this.#entries.get(storageKey) : undefined;
    return entry !== undefined && entry.until > this.#now() ? entry : undefined;
  }

  #now(): number {
    return this.clock.now().getTime();
  }
}

function storageKeyOf(token: string): string {
  return token.split(SEPARATOR, 1)[0] ?? "";
}

/** As Fernet keys are written: URL-safe base64 with its padding. */
function urlSafe(bytes: Buffer): string {
  return bytes.toString("base64").replaceAll("+", "-").replaceAll("/", "_");
}
