// Diff: compares the state with what the inputs ask for, property by property, in detail.
// A list that is empty and one that is absent are the same; so are an empty text and none.
import type { DiffAnswer, DiffKind } from "../provider/stand-in";
import {
  equal,
  isObject,
  isPlainObject,
  isUnknown,
  type Properties,
  type PropertyValue,
} from "../provider/values";
import { type Field, type Fields, isBlank, isComputed, isInput } from "./schema";

type Change = "ADD" | "UPDATE" | "DELETE";

/** Receives one change at one path. */
type Report = (path: string, change: Change) => void;

/** @param news inputs without default marks */
export function diff(fields: Fields, olds: Properties, news: Properties): DiffAnswer {
  const detailed: Record<string, DiffKind> = {};
  const diffs = new Set<string>();
  const replaces = new Set<string>();
  for (const [name, field] of Object.entries(fields)) {
    if (!isInput(field)) continue;
    diffField(name, field, olds[name], news[name], (path, change) => {
      diffs.add(name);
      if (field.forceNew === true) replaces.add(name);
      detailed[path] = field.forceNew === true ? `${change}_REPLACE` : change;
    });
  }
  return {
    changes: diffs.size === 0 ? "NONE" : "SOME",
    replaces: [...replaces],
    diffs: [...diffs],
    stables: Object.keys(fields)
      .filter((name) => fields[name]?.forceNew === true && !diffs.has(name))
      .sort(),
    deleteBeforeReplace: false,
    hasDetailed: true,
    detailed,
  };
}

function diffField(
  path: string,
  field: Field,
  old: PropertyValue | undefined,
  given: PropertyValue | undefined,
  report: Report,
): void {
  const absent = given === undefined || given === null;
  if (absent && isComputed(field)) return;
  const next = absent ? (field.default ?? null) : given;
  if (isUnknown(next)) {
    report(path, isPresent(old) ? "UPDATE" : "ADD");
    return;
  }
  if (equal(canonical(field, old), canonical(field, next))) return;
  if (!isPresent(old)) report(path, "ADD");
  else if (!isPresent(next) || (field.kind === "block" && isBlank(field, next)))
    report(path, "DELETE");
  else diffPresent(path, field, old, next, report);
}

function diffPresent(
  path: string,
  field: Field,
  old: PropertyValue | undefined,
  next: PropertyValue,
  report: Report,
): void {
  if (field.kind === "map" && isPlainObject(old) && isPlainObject(next)) {
    for (const key of new Set([...Object.keys(old), ...Object.keys(next)])) {
      if (equal(old[key], next[key])) continue;
      const change = old[key] === undefined ? "ADD" : next[key] === undefined ? "DELETE" : "UPDATE";
      report(`${path}.${key}`, change);
    }
  } else if (field.kind === "block" && isPlainObject(old) && isPlainObject(next)) {
    diffObject(path, field.fields, old, next, report);
  } else if (Array.isArray(old) && Array.isArray(next)) {
    diffElements(path, field, old, next, report);
  } else {
    report(path, "UPDATE");
  }
}

function diffObject(
  path: string,
  fields: Fields,
  old: Properties,
  next: Properties,
  report: Report,
): void {
  for (const [name, field] of Object.entries(fields)) {
    if (isInput(field)) diffField(`${path}.${name}`, field, old[name], next[name], report);
  }
}

function diffElements(
  path: string,
  field: Field,
  old: readonly PropertyValue[],
  next: readonly PropertyValue[],
  report: Report,
): void {
  const unordered = field.kind === "set" || (field.kind === "blocks" && field.unordered === true);
  const same = (one: PropertyValue | undefined, other: PropertyValue | undefined) =>
    equal(canonicalElement(field, one), canonicalElement(field, other));
  for (let index = 0; index < Math.max(old.length, next.length); index++) {
    const oldElement = old[index];
    const nextElement = next[index];
    const kept = unordered && next.some((each) => same(each, oldElement));
    const known = unordered && old.some((each) => same(each, nextElement));
    const removed = oldElement !== undefined && !kept;
    const added = nextElement !== undefined && !known;
    const at = `${path}[${index}]`;
    if (removed && added) {
      if (same(oldElement, nextElement)) continue;
      if (field.kind === "blocks" && isPlainObject(oldElement) && isPlainObject(nextElement)) {
        diffObject(at, field.fields, oldElement, nextElement, report);
      } else report(at, "UPDATE");
    } else if (removed) report(at, "DELETE");
    else if (added) report(at, "ADD");
  }
}

function isPresent(value: PropertyValue | undefined): boolean {
  if (value === undefined || value === null) return false;
  if (Array.isArray(value)) return value.length > 0;
  return !isObject(value) || Object.keys(value).length > 0;
}

/** A form in which two values that mean the same are equal. */
function canonical(field: Field, value: PropertyValue | undefined): PropertyValue {
  if (isBlank(field, value) || value === undefined) return null;
  if (Array.isArray(value)) {
    const elements = value.map((each) => canonicalElement(field, each));
    const ordered = field.kind === "list" || (field.kind === "blocks" && field.unordered !== true);
    return ordered ? elements : elements.map((each) => JSON.stringify(each)).sort();
  }
  return field.kind === "block" ? canonicalElement(field, value) : value;
}

function canonicalElement(field: Field, value: PropertyValue | undefined): PropertyValue {
  if ((field.kind !== "block" && field.kind !== "blocks") || !isPlainObject(value)) {
    return value ?? null;
  }
  return Object.fromEntries(
    Object.entries(field.fields)
      .filter(
        ([name, inner]) => isInput(inner) && !(isComputed(inner) && value[name] === undefined),
      )
      .map(([name, inner]) => [name, canonical(inner, value[name])]),
  );
}
