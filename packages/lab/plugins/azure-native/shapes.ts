// From the SDK's shape to Azure's and back: request bodies, outputs, previews, and imported inputs.
// What the description does not name is left out.
import { isPlainObject, mapValues, UNKNOWN } from "../provider/values";
import type { Properties, PropertyValue } from "../provider/values";
import type { Members, Property, ResourceSpec } from "./spec";

/** The body of a request. */
export function toRequest(inputs: Properties, spec: ResourceSpec): Properties {
  return requestMembers(inputs, spec.body);
}

function requestMembers(values: Properties, members: Members): Properties {
  const body: Properties = {};
  for (const [name, property] of Object.entries(members)) {
    const value = values[name];
    if (value === undefined || value === null || property.readOnly === true) continue;
    const target = containerIn(body, property);
    target[property.wireName ?? name] = convert(value, property, requestMembers);
  }
  return body;
}

/** The outputs that an answer holds. */
export function toOutputs(answer: Properties, spec: ResourceSpec): Properties {
  return { ...answerMembers(answer, spec.body), azureApiVersion: spec.apiVersion };
}

function answerMembers(values: Properties, members: Members): Properties {
  const outputs: Properties = {};
  for (const [name, property] of Object.entries(members)) {
    if (property.writeOnly === true) continue;
    const { wireContainer, wireName = name } = property;
    const container = wireContainer === undefined ? values : values[wireContainer];
    const value = isPlainObject(container) ? container[wireName] : undefined;
    if (value === undefined || value === null) continue;
    outputs[name] = convert(value, property, answerMembers);
  }
  return outputs;
}

/** What of an answer can be an input; the path's parts are not in it. */
export function toInputs(outputs: Properties, spec: ResourceSpec): Properties {
  return inputMembers(outputs, spec.body);
}

function inputMembers(values: Properties, members: Members): Properties {
  const inputs: Properties = {};
  for (const [name, property] of Object.entries(members)) {
    const value = values[name];
    if (value === undefined || property.readOnly === true) continue;
    inputs[name] = convert(value, property, inputMembers);
  }
  return inputs;
}

/** Outputs before the resource exists: what was given, and unknowns for the rest. */
export function toPreview(inputs: Properties, spec: ResourceSpec): Properties {
  return previewMembers(inputs, spec.body);
}

function previewMembers(values: Properties, members: Members): Properties {
  const outputs: Properties = {};
  for (const [name, property] of Object.entries(members)) {
    if (property.writeOnly === true) continue;
    outputs[name] = previewValue(values[name], property);
  }
  return outputs;
}

function previewValue(value: PropertyValue | undefined, property: Property): PropertyValue {
  const { items, members, type } = property;
  switch (type) {
    case "array":
      if (!Array.isArray(value) || items === undefined) return UNKNOWN;
      return value.map((each) => previewValue(each, items));
    case "map":
      if (!isPlainObject(value) || items === undefined) return UNKNOWN;
      return mapValues(value, (each) => previewValue(each, items));
    case "object":
      return isPlainObject(value) && members !== undefined
        ? previewMembers(value, members)
        : UNKNOWN;
    case "integer":
    case "number":
      return typeof value === "number" ? value : UNKNOWN;
    case "string":
    case "boolean":
      return typeof value === type ? (value ?? UNKNOWN) : UNKNOWN;
  }
}

function convert(
  value: PropertyValue,
  { items, members }: Property,
  convertMembers: (values: Properties, members: Members) => Properties,
): PropertyValue {
  if (Array.isArray(value) && items !== undefined) {
    return value.map((each) => convert(each, items, convertMembers));
  }
  return members !== undefined && isPlainObject(value) ? convertMembers(value, members) : value;
}

function containerIn(body: Properties, { wireContainer }: Property): Properties {
  if (wireContainer === undefined) return body;
  const container = body[wireContainer];
  if (isPlainObject(container)) return container;
  const made: Properties = {};
  body[wireContainer] = made;
  return made;
}
