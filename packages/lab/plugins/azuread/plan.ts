// What a resource will look like: inputs as given, defaults, what stays as it was, and unknowns for the rest.
import {
  isPlainObject,
  secret,
  UNKNOWN,
  type Properties,
  type PropertyValue,
} from "../provider/values";
import { type Field, type Fields, isComputed } from "./schema";

/**
 * The planned properties of a resource.
 * @param inputs without default marks
 * @param prior the state that an update starts from; none for a creation
 */
export function plan(fields: Fields, inputs: Properties, prior?: Properties): Properties {
  return Object.fromEntries(
    Object.entries(fields).map(([name, field]) => [
      name,
      wrapSecret(field, planField(field, inputs[name], prior?.[name], prior !== undefined)),
    ]),
  );
}

/** Wraps what the description calls secret. */
export function wrapSecrets(fields: Fields, properties: Properties): Properties {
  return Object.fromEntries(
    Object.entries(properties).map(([name, value]) => {
      const field = fields[name];
      return [name, field === undefined ? value : wrapSecret(field, value)];
    }),
  );
}

function wrapSecret(field: Field, value: PropertyValue): PropertyValue {
  return field.secret === true && value !== null ? secret(value) : value;
}

function planField(
  field: Field,
  given: PropertyValue | undefined,
  prior: PropertyValue | undefined,
  exists: boolean,
): PropertyValue {
  if (given !== undefined && given !== null) return planGiven(field, given);
  if (field.default !== undefined) return field.default;
  if (isComputed(field)) return exists ? (prior ?? null) : UNKNOWN;
  return field.kind === "blocks" ? [] : null;
}

function planGiven(field: Field, given: PropertyValue): PropertyValue {
  if (field.kind === "block" && isPlainObject(given)) return plan(field.fields, given);
  if (field.kind === "blocks" && Array.isArray(given)) {
    return given.map((each) => (isPlainObject(each) ? plan(field.fields, each) : each));
  }
  return given;
}
