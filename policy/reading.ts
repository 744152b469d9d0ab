// Reads a resource's properties. A value may be unknown in a preview, or encrypted in an exported state: that is
// said by name and never taken for absent.
import { UnknownValueError } from "@pulumi/policy";
import type { Subject } from "./rule";

/** What `pulumi policy analyze --file` shows in place of a secret that it may not decrypt. */
export const REDACTED = "[secret]";

/** A value that the rule needs and cannot see. */
export class Unseen extends Error {
  override readonly name = "Unseen";
  constructor(
    readonly subject: Subject,
    readonly path: string,
    readonly why: "unknown" | "encrypted",
  ) {
    super(`${path} is ${why}`);
  }
}

/** @returns the value at a path of the properties, undefined if it is absent or null. @throws Unseen */
export function read(subject: Subject, ...path: readonly (string | number)[]): unknown {
  let value: unknown = subject.props;
  for (const [depth, key] of path.entries()) {
    if (typeof value !== "object" || value === null) return undefined;
    const name = path.slice(0, depth + 1).join(".");
    try {
      value = (value as Readonly<Record<string | number, unknown>>)[key];
    } catch (error) {
      if (error instanceof UnknownValueError) throw new Unseen(subject, name, "unknown");
      throw error;
    }
    if (value === REDACTED) throw new Unseen(subject, name, "encrypted");
  }
  return value ?? undefined;
}

/** @returns the text at a path; undefined if there is none. @throws Unseen */
export function readText(
  subject: Subject,
  ...path: readonly (string | number)[]
): string | undefined {
  const value = read(subject, ...path);
  return typeof value === "string" && value !== "" ? value : undefined;
}

/** @returns the indices of the list at a path, none if there is no list; its items are read one by one. @throws Unseen */
export function readIndices(subject: Subject, ...path: readonly (string | number)[]): number[] {
  const value = read(subject, ...path);
  return Array.isArray(value) ? Array.from({ length: value.length }, (_, index) => index) : [];
}

/** @returns the keys of the object at a path, none if there is no object. @throws Unseen */
export function readKeys(subject: Subject, ...path: readonly (string | number)[]): string[] {
  const value = read(subject, ...path);
  return typeof value === "object" && value !== null ? Object.keys(value) : [];
}

/** Whether a property is given at all; one that cannot be seen is. */
export function isGiven(subject: Subject, ...path: readonly (string | number)[]): boolean {
  try {
    const value = read(subject, ...path);
    return value !== undefined && value !== "";
  } catch (error) {
    if (error instanceof Unseen) return true;
    throw error;
  }
}

/** What `look` sees, or undefined where it cannot. */
export function ifSeen<T>(look: () => T): T | undefined {
  try {
    return look();
  } catch (error) {
    if (error instanceof Unseen) return undefined;
    throw error;
  }
}
