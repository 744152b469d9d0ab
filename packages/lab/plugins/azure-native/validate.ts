// Check's rules: what must be there, of which type, and how long. Unknown values pass.
import type { CheckFailure } from "../provider/stand-in";
import { isPlainObject, isUnknown } from "../provider/values";
import type { Properties, PropertyValue } from "../provider/values";
import type { Members, PathParameter, Property, ResourceSpec } from "./spec";

export function validate(inputs: Properties, spec: ResourceSpec): CheckFailure[] {
  const reasons = [
    ...spec.parameters.flatMap((parameter) => parameterReasons(inputs, parameter)),
    ...memberReasons(inputs, spec.body, ""),
  ];
  return reasons.map((reason) => ({ property: "", reason }));
}

function parameterReasons(inputs: Properties, parameter: PathParameter): string[] {
  const { name } = parameter;
  const value = inputs[name];
  if (value === undefined) return [`missing required property '${name}'`];
  return propertyReasons(value, { ...parameter, type: "string" }, name);
}

function memberReasons(values: Properties, members: Members, context: string): string[] {
  const missing = Object.entries(members).flatMap(([name, { required, readOnly }]) => {
    if (required !== true || readOnly === true || values[name] !== undefined) return [];
    const place = context === "" ? name : `${context}.${name}`;
    const advice =
      place === "location"
        ? ". Either set it explicitly or configure it with 'pulumi config set azure-native:location <value>'."
        : "";
    return [`missing required property '${place}'${advice}`];
  });
  const wrong = Object.entries(members).flatMap(([name, property]) => {
    const value = values[name];
    if (value === undefined || property.readOnly === true) return [];
    return propertyReasons(value, property, context === "" ? name : `${context}.${name}`);
  });
  return [...missing, ...wrong];
}

function propertyReasons(value: PropertyValue, property: Property, place: string): string[] {
  if (value === null || isUnknown(value)) return [];
  const { type, items, members } = property;
  const kind = type === "map" ? "object" : type;
  if (Array.isArray(value)) {
    if (type !== "array") return [`'${place}' should be of type '${kind}' but got an array`];
    if (items === undefined) return [];
    return value.flatMap((each, index) => propertyReasons(each, items, `${place}[${index}]`));
  }
  if (isPlainObject(value))
    return members === undefined ? [] : memberReasons(value, members, place);
  if (typeof value === "string") {
    if (type !== "string") return [`'${place}' should be of type '${kind}' but got a string`];
    return textReasons(value, property, place);
  }
  if (typeof value !== "number") return [];
  if (type !== "number" && type !== "integer") {
    return [`'${place}' should be of type '${kind}' but got a number`];
  }
  if (type !== "integer" || Number.isInteger(value)) return [];
  return [`'${place}' must be an integer but got ${value.toFixed(6)}`];
}

function textReasons(value: string, property: Property, place: string): string[] {
  const { minLength, maxLength, pattern } = property;
  const { length } = value;
  const reasons: string[] = [];
  if (minLength !== undefined && length < minLength) {
    const rule = `at least ${minLength} characters required`;
    reasons.push(`'${place}' is too short (${length}): ${rule}`);
  }
  if (maxLength !== undefined && length > maxLength) {
    reasons.push(`'${place}' is too long (${length}): at most ${maxLength} characters allowed`);
  }
  if (pattern !== undefined && !new RegExp(pattern).test(value)) {
    reasons.push(`'${place}' does not match expression '${pattern}'`);
  }
  return reasons;
}
