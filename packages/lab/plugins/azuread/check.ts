// Check: takes a program's inputs, fills in defaults, marks them at every object level, and finds faults.
import { isPlainObject, isUnknown, type Properties, type PropertyValue } from "../provider/values";
import type { CheckAnswer, CheckFailure } from "../provider/stand-in";
import { type Field, type Fields, isInput, terraformName } from "./schema";

/** The list of names, at each object level, whose values are defaults. */
export const DEFAULTS_KEY = "__defaults";

export function checkInputs(fields: Fields, news: Properties, resourceName: string): CheckAnswer {
  return {
    inputs: withDefaults(fields, news),
    failures: faults(fields, news).map(({ path, reason }) => failure(resourceName, path, reason)),
  };
}

/** Inputs without the marks that Check added. */
export function withoutDefaultMarks(value: PropertyValue): PropertyValue {
  if (Array.isArray(value)) return value.map(withoutDefaultMarks);
  if (!isPlainObject(value)) return value;
  return Object.fromEntries(
    Object.entries(value)
      .filter(([name]) => name !== DEFAULTS_KEY)
      .map(([name, each]) => [name, withoutDefaultMarks(each)]),
  );
}

function withDefaults(fields: Fields, given: Properties): Properties {
  const inputs: Properties = {};
  const defaulted: string[] = [];
  for (const [name, value] of Object.entries(given)) {
    if (name === DEFAULTS_KEY) continue;
    const field = fields[name];
    inputs[name] = field === undefined ? value : nested(field, value);
  }
  for (const [name, field] of Object.entries(fields)) {
    // A default of zero is not written into the inputs.
    if (inputs[name] !== undefined || !isInput(field) || !field.default) continue;
    inputs[name] = field.default;
    defaulted.push(name);
  }
  return { [DEFAULTS_KEY]: defaulted, ...inputs };
}

function nested(field: Field, value: PropertyValue): PropertyValue {
  if (field.kind === "block" && isPlainObject(value)) return withDefaults(field.fields, value);
  if (field.kind === "blocks" && Array.isArray(value)) {
    return value.map((each) => (isPlainObject(each) ? withDefaults(field.fields, each) : each));
  }
  return value;
}

interface Fault {
  readonly path: string;
  readonly reason: string;
}

function faults(fields: Fields, given: Properties, prefix = ""): Fault[] {
  const names = Object.keys(given).filter((name) => name !== DEFAULTS_KEY);
  const unknownKeys = names
    .filter((name) => fields[name] === undefined || !isInput(fields[name]))
    .map((name) => ({ path: `${prefix}${name}`, reason: "Invalid or unknown key" }));
  const wrongValues = Object.entries(fields).flatMap(([name, field]) =>
    faultsOf(fields, name, field, given, prefix),
  );
  return [...unknownKeys, ...wrongValues];
}

function faultsOf(
  fields: Fields,
  name: string,
  field: Field,
  given: Properties,
  prefix: string,
): Fault[] {
  const path = `${prefix}${name}`;
  const tfName = terraformName(name, field);
  const value = given[name];
  if (value === undefined || value === null) {
    const reason = missing(fields, tfName, field, given);
    return reason === undefined ? [] : [{ path, reason }];
  }
  const conflict = field.conflictsWith?.find((other) => given[other] !== undefined);
  if (conflict !== undefined) {
    const other = fields[conflict];
    const otherName = other === undefined ? conflict : terraformName(conflict, other);
    return [
      {
        path,
        reason: `Conflicting configuration arguments. "${tfName}": conflicts with ${otherName}`,
      },
    ];
  }
  if (isUnknown(value)) return [];
  const reason = wrongType(field, value) ?? wrongContent(field, value, tfName);
  if (reason !== undefined) return [{ path, reason }];
  if (field.kind === "block" && isPlainObject(value)) {
    return faults(field.fields, value, `${path}.`);
  }
  if (field.kind === "blocks" && Array.isArray(value)) {
    return value.flatMap((each, index) =>
      isPlainObject(each) ? faults(field.fields, each, `${path}[${index}].`) : [],
    );
  }
  return [];
}

function missing(
  fields: Fields,
  tfName: string,
  field: Field,
  given: Properties,
): string | undefined {
  if (field.mode === "required") {
    return `Missing required argument. The argument "${tfName}" is required, but no definition was found.`;
  }
  const group = field.atLeastOneOf;
  if (group === undefined || group.some((name) => given[name] !== undefined)) return undefined;
  const names = group.map((name) => {
    const each = fields[name];
    return each === undefined ? name : terraformName(name, each);
  });
  return `Missing required argument. "${tfName}": one of \`${names.join(",")}\` must be specified`;
}

function wrongType(field: Field, value: PropertyValue): string | undefined {
  const expected = EXPECTED[field.kind];
  const actual = Array.isArray(value) ? "array" : typeof value;
  return actual === expected ? undefined : `expected ${expected} type, got ${actual} type`;
}

const EXPECTED: Readonly<Record<Field["kind"], string>> = {
  string: "string",
  bool: "boolean",
  int: "number",
  map: "object",
  list: "array",
  set: "array",
  block: "object",
  blocks: "array",
};

function wrongContent(field: Field, value: PropertyValue, tfName: string): string | undefined {
  const { validate } = field;
  if (validate === undefined) return undefined;
  if (!Array.isArray(value)) return validate(value, tfName);
  for (const each of value) {
    const reason = isUnknown(each) ? undefined : validate(each, tfName);
    if (reason !== undefined) return reason;
  }
  return undefined;
}

function failure(resourceName: string, path: string, reason: string): CheckFailure {
  return { property: "", reason: `${reason}. Examine values at '${resourceName}.${path}'.` };
}
