// Resource ids: from the inputs by the description's path, and back for an import.
import { ProviderError } from "../provider/errors";
import type { Properties } from "../provider/values";
import type { ResourceSpec } from "./spec";

export function idFor(inputs: Properties, spec: ResourceSpec, subscriptionId: string): string {
  const withSubscription = spec.path.replace("{subscriptionId}", subscriptionId);
  return spec.parameters.reduce((path, { name, isScope }) => {
    const value = inputs[name];
    if (typeof value !== "string") {
      throw new ProviderError(`expected string value for path parameter '${name}'`);
    }
    // A scope is itself an id, with a slash before it or not.
    const part = isScope === true ? value.replace(/^\/+|\/+$/g, "") : encodeURIComponent(value);
    return path.replace(`{${name}}`, part);
  }, withSubscription);
}

/** The inputs that an id holds. Azure compares ids without case. */
export function inputsFromId(id: string, spec: ResourceSpec): Properties {
  const names: string[] = [];
  const pattern = spec.path.replace(/\{(\w+)\}/g, (_part, name: string) => {
    names.push(name);
    return spec.parameters.some((one) => one.name === name && one.isScope) ? "(.*?)" : "([^/]+)";
  });
  const found = new RegExp(`^${pattern}$`, "i").exec(id);
  if (found === null) {
    throw new ProviderError(`failed to parse '${id}' against the path '${spec.path}'`);
  }
  const values = names.map((name, index) => [name, found[index + 1] ?? ""] as const);
  return Object.fromEntries(values.filter(([name]) => name !== "subscriptionId"));
}
