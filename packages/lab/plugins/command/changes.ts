// What differs between two sets of properties, down to the smallest part that differs.
// Objects and lists are compared part by part; secrets, assets and everything else as wholes.
import { equal, isArchive, isAsset, isPlainObject } from "../provider/values";
import type { Properties, PropertyValue } from "../provider/values";

export interface Change {
  /** Names and list positions, from the outside in. */
  readonly path: readonly (string | number)[];
  readonly kind: "ADD" | "DELETE" | "UPDATE";
}

/** Every smallest difference from `olds` to `news`. */
export function changes(olds: Properties, news: Properties): readonly Change[] {
  return objectChanges(olds, news, []);
}

function objectChanges(olds: Properties, news: Properties, path: Change["path"]): Change[] {
  const names = [...new Set([...Object.keys(olds), ...Object.keys(news)])].sort();
  return names.flatMap((name) => valueChanges(olds[name], news[name], [...path, name]));
}

function valueChanges(
  before: PropertyValue | undefined,
  after: PropertyValue | undefined,
  path: Change["path"],
): Change[] {
  const had = before !== undefined && before !== null;
  const has = after !== undefined && after !== null;
  if (!had || !has) {
    if (had === has) return [];
    return [{ path, kind: has ? "ADD" : "DELETE" }];
  }
  if (Array.isArray(before) && Array.isArray(after)) {
    const length = Math.max(before.length, after.length);
    return Array.from({ length }, (_, index) =>
      valueChanges(before[index], after[index], [...path, index]),
    ).flat();
  }
  if (isPlainObject(before) && isPlainObject(after)) return objectChanges(before, after, path);
  return same(before, after) ? [] : [{ path, kind: "UPDATE" }];
}

function same(before: PropertyValue, after: PropertyValue): boolean {
  if ((isAsset(before) && isAsset(after)) || (isArchive(before) && isArchive(after))) {
    const hash = before["hash"];
    return hash !== undefined && hash !== "" && hash === after["hash"];
  }
  return equal(before, after);
}

/** A path as the engine reads it: `triggers[0]`, `environment.PATH`, `tags["a.b"]`. */
export function pathText(path: Change["path"]): string {
  return path.reduce<string>((text, part) => {
    if (typeof part === "number") return `${text}[${part}]`;
    if (!/^[^."[\]]+$/.test(part)) return `${text}["${part.replaceAll('"', '\\"')}"]`;
    return text === "" ? part : `${text}.${part}`;
  }, "");
}
