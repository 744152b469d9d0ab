// How the properties of a resource are described: enough to check, plan, compare and import them.
// A property is an input (required or optional), an output (computed), or both.
import type { PropertyValue } from "../provider/values";

/** Says what is wrong with a known value, in the vendor's words, or nothing. */
export type Validator = (value: PropertyValue, terraformName: string) => string | undefined;

interface Common {
  readonly mode: "required" | "optional" | "optional+computed" | "computed";
  /** A change replaces the resource. @default false */
  readonly forceNew?: boolean;
  readonly default?: string | boolean | number;
  /** The name in messages, where it is not the property's name in snake case. */
  readonly terraformName?: string;
  readonly validate?: Validator;
  /** Properties that must not be given together with this one. */
  readonly conflictsWith?: readonly string[];
  /** One of these properties, itself among them, must be given. */
  readonly atLeastOneOf?: readonly string[];
  /** Wrapped as a secret in every answer. @default false */
  readonly secret?: boolean;
}

export interface ScalarField extends Common {
  readonly kind: "string" | "bool" | "int" | "map";
}

/** Strings; a set has no order. */
export interface CollectionField extends Common {
  readonly kind: "list" | "set";
}

/** At most one object. */
export interface BlockField extends Common {
  readonly kind: "block";
  readonly fields: Fields;
}

/** Any number of objects; unordered ones are a set. */
export interface BlocksField extends Common {
  readonly kind: "blocks";
  readonly unordered?: boolean;
  readonly fields: Fields;
}

export type Field = ScalarField | CollectionField | BlockField | BlocksField;

export type Fields = Readonly<Record<string, Field>>;

/** The name that messages use. */
export function terraformName(name: string, field: Field): string {
  return field.terraformName ?? name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}

export function isInput(field: Field): boolean {
  return field.mode !== "computed";
}

export function isComputed(field: Field): boolean {
  return field.mode === "computed" || field.mode === "optional+computed";
}

/** Whether a value says no more than its absence would: empty, zero, or the default. */
export function isBlank(field: Field, value: PropertyValue | undefined): boolean {
  if (value === undefined || value === null) return true;
  if (field.default !== undefined && value === field.default) return true;
  switch (field.kind) {
    case "string":
    case "bool":
    case "int":
      return value === "" || value === 0 || (value === false && field.default !== true);
    case "map":
      return typeof value === "object" && Object.keys(value).length === 0;
    case "list":
    case "set":
    case "blocks":
      return Array.isArray(value) && value.length === 0;
    case "block":
      return (
        typeof value === "object" &&
        !Array.isArray(value) &&
        Object.entries(field.fields).every(
          ([name, inner]) => !isInput(inner) || isBlank(inner, value[name]),
        )
      );
  }
}
