// google.protobuf.Struct to property values and back, exact in both directions.
// Wrappers (secrets, unknowns, assets, output values) pass as the objects that they are on the wire.
import type { JavaScriptValue } from "google-protobuf/google/protobuf/struct_pb";

import { Struct } from "./protobuf";
import type { Properties, PropertyValue } from "./values";

/** Reads a message's properties; an absent message is an empty set of properties. */
export function fromStruct(struct: Struct | undefined): Properties {
  return struct === undefined ? {} : struct.toJavaScript();
}

/** Writes properties; a member whose value is undefined is left out. */
export function toStruct(properties: Properties): Struct {
  return Struct.fromJavaScript(defined(properties) as Record<string, JavaScriptValue>);
}

function defined(value: PropertyValue): PropertyValue {
  if (Array.isArray(value)) return value.map(defined);
  if (typeof value !== "object" || value === null) return value;
  const members = Object.entries(value as Record<string, PropertyValue | undefined>);
  return Object.fromEntries(
    members.flatMap(([name, each]) => (each === undefined ? [] : [[name, defined(each)]])),
  );
}
