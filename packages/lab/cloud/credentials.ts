// Client secrets: made in Entra's shape, checked at sign-in against time, replicas and removal, and told apart.
import { randomBytes, randomInt, randomUUID } from "node:crypto";
import type { Directory } from "./directory";
import {
  type ApplicationRecord,
  type CredentialHolder,
  type PasswordRecord,
  type SignInRecord,
  displayNameOf,
} from "./directory-records";

export interface PasswordRequest {
  readonly displayName?: string | null;
  readonly startDateTime?: string;
  readonly endDateTime?: string;
  readonly customKeyIdentifier?: string | null;
}

export type SecretCheck =
  | { readonly outcome: "accepted"; readonly password: PasswordRecord }
  | { readonly outcome: "expired"; readonly password: PasswordRecord }
  | { readonly outcome: "invalid"; readonly password?: PasswordRecord };

export type RefusalReason = "not yet propagated" | "not yet started" | "expired" | "removed";

export interface PasswordStatus {
  readonly keyId: string;
  readonly displayName: string | null;
  readonly startDateTime: string;
  readonly endDateTime: string;
  readonly acceptedNow: boolean;
  /** Why it is not accepted. */
  readonly refusedBecause?: RefusalReason;
  readonly issuedAt: string;
  readonly removedAt?: string;
  readonly lastSignIn?: string;
  readonly signIns: number;
}

export interface ApplicationStatus {
  readonly clientId: string;
  readonly applicationObjectId: string;
  readonly displayName: string;
  readonly deletedAt?: string;
  readonly passwords: readonly PasswordStatus[];
  readonly lastSignIn?: SignInRecord;
}

/** Graph gives two years when no end is asked for. */
const DEFAULT_LIFETIME_YEARS = 2;
const ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_~.-";

/** Three characters, a digit, "Q~", then 34: the shape secret scanners know. */
export function createSecretValue(): string {
  const pick = (length: number, alphabet: string): string =>
    Array.from(randomBytes(length), (byte) => alphabet[byte % alphabet.length]).join("");
  return `${pick(3, ALPHABET.slice(0, -1))}${randomInt(10)}Q~${pick(34, ALPHABET)}`;
}

export function addPassword(
  directory: Directory,
  holder: CredentialHolder,
  request: PasswordRequest = {},
): PasswordRecord {
  const { propagationSeconds, replicaSpreadSeconds } = directory.settings;
  const now = directory.now();
  const value = createSecretValue();
  const start = request.startDateTime ?? new Date(now).toISOString();
  const acceptedFrom = now + propagationSeconds * 1000;
  const password: PasswordRecord = {
    keyId: randomUUID(),
    displayName: request.displayName ?? null,
    customKeyIdentifier: request.customKeyIdentifier ?? null,
    startDateTime: start,
    endDateTime: request.endDateTime ?? defaultEnd(start),
    hint: value.slice(0, 3),
    value,
    issuedAt: now,
    acceptedFrom,
    acceptedEverywhereFrom: acceptedFrom + replicaSpreadSeconds * 1000,
  };
  holder.passwords.push(password);
  directory.secretValues.add(value);
  return password;
}

/** False when the application holds no such password. */
export function removePassword(
  directory: Directory,
  holder: CredentialHolder,
  keyId: string,
): boolean {
  const password = livePasswords(holder).find((one) => one.keyId === keyId.toLowerCase());
  if (password === undefined) return false;
  password.removedAt = directory.now();
  password.refusedFrom = password.removedAt + directory.settings.removalDelaySeconds * 1000;
  return true;
}

/** The passwords that a read of the holder shows, expired ones included. */
export function livePasswords(holder: CredentialHolder): PasswordRecord[] {
  return holder.passwords.filter((one) => one.removedAt === undefined);
}

/** @param attempt counts sign-ins of the application; replicas answer in turn. */
export function checkSecret(
  directory: Directory,
  holders: readonly CredentialHolder[],
  secret: string,
  attempt: number,
): SecretCheck {
  const password = holders
    .flatMap((holder) => holder.passwords)
    .find((one) => one.value === secret);
  if (password === undefined) return { outcome: "invalid" };
  const reason = refusalReason(password, directory.now());
  if (reason === "expired") return { outcome: "expired", password };
  if (reason !== undefined) return { outcome: "invalid", password };
  const everywhere = password.acceptedEverywhereFrom <= directory.now();
  return everywhere || attempt % 2 === 0
    ? { outcome: "accepted", password }
    : { outcome: "invalid", password };
}

/** Why no replica accepts it; undefined when one does. */
export function refusalReason(password: PasswordRecord, now: number): RefusalReason | undefined {
  if (password.refusedFrom !== undefined && password.refusedFrom <= now) return "removed";
  if (Date.parse(password.endDateTime) <= now) return "expired";
  if (Date.parse(password.startDateTime) > now) return "not yet started";
  if (password.acceptedFrom > now) return "not yet propagated";
  return undefined;
}

/** Every application's passwords, removed ones too, as the lab's report shows them. */
export function credentialsStatus(directory: Directory, clientId?: string): ApplicationStatus[] {
  return [...directory.applications.values()]
    .filter((record) => clientId === undefined || record.clientId === clientId)
    .map((record) => applicationStatus(directory, record));
}

/** Every secret value that ever existed in this directory, for the search for leaks. */
export function allSecretValues(directory: Directory): string[] {
  return [...directory.secretValues];
}

function applicationStatus(directory: Directory, record: ApplicationRecord): ApplicationStatus {
  const signIns = directory.signIns.filter((one) => one.clientId === record.clientId);
  const last = signIns.at(-1);
  return {
    clientId: record.clientId,
    applicationObjectId: record.applicationObjectId,
    displayName: displayNameOf(record),
    ...(record.deletedAt !== undefined && { deletedAt: iso(record.deletedAt) }),
    passwords: record.passwords.map((password) => passwordStatus(password, record, directory)),
    ...(last && { lastSignIn: last }),
  };
}

function passwordStatus(
  password: PasswordRecord,
  application: ApplicationRecord,
  directory: Directory,
): PasswordStatus {
  const now = directory.now();
  const signIns = directory.signIns.filter((one) => one.ok && one.keyId === password.keyId);
  const pending = password.acceptedEverywhereFrom > now ? "not yet propagated" : undefined;
  const gone = application.deletedAt === undefined ? undefined : "removed";
  const refusedBecause = gone ?? refusalReason(password, now) ?? pending;
  const last = signIns.at(-1);
  return {
    keyId: password.keyId,
    displayName: password.displayName,
    startDateTime: password.startDateTime,
    endDateTime: password.endDateTime,
    acceptedNow: refusedBecause === undefined,
    ...(refusedBecause !== undefined && { refusedBecause }),
    issuedAt: iso(password.issuedAt),
    ...(password.removedAt !== undefined && { removedAt: iso(password.removedAt) }),
    ...(last && { lastSignIn: last.at }),
    signIns: signIns.length,
  };
}

function defaultEnd(start: string): string {
  const end = new Date(start);
  end.setUTCFullYear(end.getUTCFullYear() + DEFAULT_LIFETIME_YEARS);
  return end.toISOString();
}

function iso(milliseconds: number): string {
  return new Date(milliseconds).toISOString();
}
