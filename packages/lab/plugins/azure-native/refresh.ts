// What a refresh makes of the inputs: what Azure changed since the last answer is carried over to them.
// Defaults that Azure filled in stay out, since they were in the last answer too.
import { changes } from "../command/changes";
import { isPlainObject } from "../provider/values";
import type { Properties, PropertyValue } from "../provider/values";
import { toInputs } from "./shapes";
import type { ResourceSpec } from "./spec";

export function refreshedInputs(
  inputs: Properties,
  state: Properties,
  outputs: Properties,
  spec: ResourceSpec,
): Properties {
  const before = withoutUnset(toInputs(state, spec), inputs, spec);
  const after = withoutUnset(toInputs(outputs, spec), inputs, spec);
  const result = structuredClone(inputs);
  for (const { path } of changes(before, after)) {
    // A change inside a list carries the whole list over.
    const position = path.findIndex((part) => typeof part === "number");
    const names = (position < 0 ? path : path.slice(0, position)) as readonly string[];
    // What was not among the inputs at all comes whole.
    const absent = names.findIndex(
      (_name, index) => at(inputs, names.slice(0, index + 1)) === undefined,
    );
    const target = absent < 0 ? names : names.slice(0, absent + 1);
    set(result, target, at(after, target));
  }
  return result;
}

/** Leaves out the lists that other resources fill and that the program did not give. */
function withoutUnset(values: Properties, inputs: Properties, spec: ResourceSpec): Properties {
  const result = structuredClone(values);
  for (const path of spec.maintained ?? []) {
    if (at(inputs, path) === undefined) set(result, path, undefined);
  }
  return result;
}

export function at(values: Properties, path: readonly string[]): PropertyValue | undefined {
  return path.reduce<PropertyValue | undefined>(
    (value, name) => (isPlainObject(value) ? value[name] : undefined),
    values,
  );
}

/** Sets what is at a path, making the objects on the way; undefined takes it out. */
export function set(
  values: Properties,
  path: readonly string[],
  value: PropertyValue | undefined,
): void {
  const [name, ...rest] = path;
  if (name === undefined) return;
  if (rest.length > 0) {
    const inner = values[name];
    if (isPlainObject(inner)) set(inner, rest, value);
    else if (value !== undefined) {
      const made: Properties = {};
      values[name] = made;
      set(made, rest, value);
    }
  } else if (value === undefined) Reflect.deleteProperty(values, name);
  else values[name] = value;
}
