// Check: fills defaults, marks secrets, and refuses fields that are missing, unknown or of the wrong type.
// Inputs that cannot be read are given back as they came; a missing field alone does not prevent reading.
import type { CheckAnswer, CheckFailure } from "../provider/stand-in";
import {
  isArchive,
  isAsset,
  isPlainObject,
  isUnknown,
  mapValues,
  secret,
  unwrap,
} from "../provider/values";
import type { Properties, PropertyValue } from "../provider/values";
import type { Field, Fields, FieldType } from "./fields";

export function check(news: Properties, fields: Fields): CheckAnswer {
  const failures = problems(news, fields);
  const unreadable = failures.some((failure) => !failure.missing);
  return {
    inputs: unreadable ? news : withDefaults(news, fields),
    failures: failures.map(({ property, reason }) => ({ property, reason })),
  };
}

interface Problem extends CheckFailure {
  /** Nothing is wrong with what was given. */
  readonly missing: boolean;
}

function problems(values: Properties, { name, fields }: Fields): Problem[] {
  const missing = Object.entries(fields)
    .filter(([property, field]) => field.required === true && isAbsent(values[property]))
    .map(([property]) => ({
      property,
      reason: `Missing required field '${property}' on '${name}'`,
      missing: true,
    }));
  const given = Object.keys(values)
    .sort()
    .flatMap((property) => fieldProblems(property, values[property] ?? null, name, fields));
  return [...missing, ...given];
}

function fieldProblems(
  property: string,
  given: PropertyValue,
  owner: string,
  fields: Fields["fields"],
): Problem[] {
  const field = fields[property];
  const wrong = (reason: string): Problem[] => [{ property, reason, missing: false }];
  if (field === undefined) return wrong(`Unrecognized field '${property}' on '${owner}'`);
  const value = unwrap(given);
  if (value === null || isUnknown(value)) return [];
  if (typeof field.type === "object") {
    if (!isPlainObject(value)) return wrong(mismatch(property, owner, "object", value));
    const inner = problems(value, field.type);
    if (inner.length === 0) return [];
    const lines = inner.map((each) => `\n\t${each.property}: ${each.reason}`).join("");
    const place = `${owner.replace(/^.*\./, "")}.${property}`;
    return wrong(
      `An error occurred decoding '${place}': ${inner.length} failures decoding:${lines}`,
    );
  }
  return fits(value, field.type) ? [] : wrong(mismatch(property, owner, field.type, value));
}

const GO_TYPES: Readonly<Record<string, string>> = {
  string: "string",
  number: "float64",
  boolean: "bool",
  strings: "[]interface{}",
  map: "map[string]interface{}",
  object: "map[string]interface{}",
};

function mismatch(property: string, owner: string, type: string, value: PropertyValue): string {
  const wanted = GO_TYPES[type] ?? type;
  const got = Array.isArray(value) ? GO_TYPES["strings"] : GO_TYPES[typeof value];
  return `Field '${property}' on '${owner}' must be a '${wanted}'; got '${got}' instead`;
}

function fits(value: PropertyValue, type: FieldType): boolean {
  switch (type) {
    case "any":
      return true;
    case "strings":
      return Array.isArray(value);
    case "map":
      return isPlainObject(value);
    case "source":
      return isAsset(value) || isArchive(value);
    case "string":
    case "number":
    case "boolean":
      return typeof value === type;
  }
}

function withDefaults(values: Properties, { fields }: Fields): Properties {
  const filled: Properties = {};
  for (const [name, field] of Object.entries(fields)) {
    const value = values[name];
    const given = isAbsent(value) ? absent(field) : value;
    if (given !== undefined) filled[name] = complete(given, field);
  }
  return filled;
}

function absent(field: Field): PropertyValue | undefined {
  return field.default ?? (field.emptyWhenMissing === true ? "" : undefined);
}

function complete(value: PropertyValue, field: Field): PropertyValue {
  if (typeof field.type === "object") {
    const bare = unwrap(value);
    const filled = isPlainObject(bare) ? withDefaults(bare, field.type) : bare;
    return field.secret === true || bare !== value ? secret(filled) : filled;
  }
  if (field.type === "source") return wholeAsset(value);
  return field.secret === true ? secret(value) : value;
}

/** An asset with all of its members, the empty ones too. */
function wholeAsset(value: PropertyValue): PropertyValue {
  if (isAsset(value)) return { path: "", text: "", uri: "", hash: "", ...value };
  if (isPlainObject(value) || !isWrapped(value)) return value;
  return mapValues(value, (member, name) => (name === "value" ? wholeAsset(member) : member));
}

function isWrapped(value: PropertyValue): value is Properties {
  return typeof value === "object" && value !== null && unwrap(value) !== value;
}

function isAbsent(value: PropertyValue | undefined): boolean {
  return value === undefined || value === null;
}
