// The inputs of one resource: types, defaults, what is required and what is allowed.
import { ProviderError } from "../provider/errors";
import type { CheckAnswer, CheckFailure } from "../provider/stand-in";
import { isPlainObject, isUnknown, unwrap } from "../provider/values";
import type { Properties, PropertyValue } from "../provider/values";

export interface Field {
  readonly type: "number" | "boolean" | "string" | "map" | "list";
  readonly default?: PropertyValue;
  /** Given: the input is required, and this explains it. */
  readonly required?: string;
  readonly atLeast?: number;
  /** The other name of the same setting. */
  readonly sameAs?: string;
}

export type Fields = Readonly<Record<string, Field>>;

const TYPE_NAMES: Readonly<Record<Field["type"], string>> = {
  number: "a Number",
  boolean: "a Bool",
  string: "a String",
  map: "an Object",
  list: "an Array",
};

export function checkFields(name: string, news: Properties, fields: Fields): CheckAnswer {
  const missing = Object.entries(fields).flatMap(([property, { required }]) =>
    required === undefined || isGiven(news[property])
      ? []
      : [failure(`Missing required property '${property}': ${required}`)],
  );
  const inputs = Object.fromEntries(Object.entries(news).filter(([, value]) => isGiven(value)));
  if (missing.length > 0) return { inputs, failures: missing };
  for (const [property, value] of Object.entries(inputs)) expectType(property, value, fields);
  const small = Object.entries(fields).flatMap(([property, { atLeast }]) => {
    const value = unwrap(inputs[property] ?? null);
    if (atLeast === undefined || typeof value !== "number" || value >= atLeast) return [];
    const rule = `Attribute ${property} value must be at least ${atLeast}, got: ${value}`;
    return [failure(`Invalid Attribute Value. ${rule}. Examine values at '${name}.${property}'.`)];
  });
  return { inputs, failures: small };
}

/** The inputs with every default, and with both names of a setting that has two. */
export function withDefaults(inputs: Properties, fields: Fields): Properties {
  const filled: Properties = {};
  for (const [name, field] of Object.entries(fields)) {
    const other = field.sameAs === undefined ? undefined : inputs[field.sameAs];
    const value = inputs[name] ?? other ?? field.default;
    if (value !== undefined && value !== null) filled[name] = value;
  }
  return filled;
}

function failure(reason: string): CheckFailure {
  return { property: "", reason };
}

function isGiven(value: PropertyValue | undefined): boolean {
  return value !== undefined && value !== null;
}

function expectType(property: string, given: PropertyValue, fields: Fields): void {
  const field = fields[property];
  const value = unwrap(given);
  if (field === undefined || isUnknown(value) || fits(value, field.type)) return;
  const got = `got resource.PropertyValue{V:${JSON.stringify(value)}} true`;
  throw new ProviderError(
    "cannot encode resource inputs to call ValidateResourceConfig: " +
      `objectEncoder failed on property "${property}": Expected ${TYPE_NAMES[field.type]}, ${got}`,
  );
}

function fits(value: PropertyValue, type: Field["type"]): boolean {
  if (type === "map") return isPlainObject(value);
  return type === "list" ? Array.isArray(value) : typeof value === type;
}
