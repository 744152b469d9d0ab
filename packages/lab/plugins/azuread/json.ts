// Reads members of Graph's answers, which leave out or null what is not set.
import { isObject, type Properties, type PropertyValue } from "../provider/values";

export function text(object: Properties, name: string): string {
  const value = object[name];
  return typeof value === "string" ? value : "";
}

export function flag(object: Properties, name: string): boolean {
  return object[name] === true;
}

export function texts(object: Properties, name: string): string[] {
  return elements(object, name).filter((each): each is string => typeof each === "string");
}

export function objects(object: Properties, name: string): Properties[] {
  return elements(object, name).filter(isObject);
}

/** A member that is an object; an empty one when it is not there. */
export function child(object: Properties, name: string): Properties {
  const value = object[name];
  return isObject(value) ? value : {};
}

/** Graph takes null where a text is empty. */
export function nullIfEmpty(value: PropertyValue | undefined): PropertyValue {
  return value === undefined || value === "" ? null : value;
}

/** Sent in every body. */
export function typed(type: string, body: Properties): Properties {
  return { "@odata.type": `#microsoft.graph.${type}`, ...body };
}

/** A query string as the vendor's client writes it. */
export function query(parameters: Readonly<Record<string, string>>): string {
  const pairs = Object.entries(parameters);
  return `?${pairs.map(([name, value]) => `${name}=${encodeURIComponent(value)}`).join("&")}`;
}

/** A text within an OData filter. */
export function quoted(value: string): string {
  return `'${value.replace(/'/g, "''")}'`;
}

function elements(object: Properties, name: string): PropertyValue[] {
  const value = object[name];
  return Array.isArray(value) ? value : [];
}
