// How a resource of Azure Resource Manager is described here: its path, its inputs and its answers.
// One description serves checks, request bodies, outputs, previews and differences.

export interface Property {
  readonly type: "string" | "integer" | "number" | "boolean" | "array" | "object" | "map";
  /** Members of an object. */
  readonly members?: Members;
  /** Elements of an array, values of a map. */
  readonly items?: Property;
  /** Must be given. */
  readonly required?: true;
  /** In answers only. */
  readonly readOnly?: true;
  /** In requests only. */
  readonly writeOnly?: true;
  /** A change replaces the resource. */
  readonly forceNew?: true;
  /** Name in requests and answers, when it is not the SDK's. */
  readonly wireName?: string;
  /** The object of requests and answers that holds it, when the SDK has it one level higher. */
  readonly wireContainer?: string;
  readonly pattern?: string;
  readonly minLength?: number;
  readonly maxLength?: number;
}

/** By the SDK's names. */
export type Members = Readonly<Record<string, Property>>;

/** A part of the resource's path that is an input. */
export interface PathParameter {
  readonly name: string;
  /** A default name: the resource's with a random end, a random UUID, or the resource's own. */
  readonly autoName?: "random" | "uuid" | "copy";
  /** It holds slashes: a scope. */
  readonly isScope?: true;
  readonly pattern?: string;
  readonly minLength?: number;
  readonly maxLength?: number;
}

export interface ResourceSpec {
  readonly token: string;
  readonly apiVersion: string;
  /** With `{subscriptionId}` and each path parameter in braces. */
  readonly path: string;
  readonly parameters: readonly PathParameter[];
  readonly body: Members;
  /** Lists that other resources may fill: `properties.accessPolicies` stays as it is when not given. */
  readonly maintained?: readonly (readonly string[])[];
  /** Its parent brings it: creating it is a change, and deleting it gives it back what a new one has. */
  readonly isThereAlready?: true;
}

/**
 * The same resource at another version of its API, which the plugin has under a token with the version in its module. That
 * the versions differ in nothing else is what the lab can say of those it uses.
 */
export function atVersion(spec: ResourceSpec, apiVersion: string): ResourceSpec {
  const [name, module, type] = spec.token.split(":");
  const version = `v${apiVersion.replaceAll("-", "")}`;
  return { ...spec, apiVersion, token: `${name}:${module}/${version}:${type}` };
}

const string = { type: "string" } as const;

export const text: Property = string;
export const flag: Property = { type: "boolean" };
export const integer: Property = { type: "integer" };
export const answered: Property = { type: "string", readOnly: true };
export const requiredText: Property = { type: "string", required: true };
export const tags: Property = { type: "map", items: string };
export const texts: Property = { type: "array", items: string };

export function object(members: Members): Property {
  return { type: "object", members };
}

export function list(members: Members): Property {
  return { type: "array", items: object(members) };
}

/** What Azure says about who made and last changed a resource. */
export const systemData: Property = {
  ...object({
    createdAt: text,
    createdBy: text,
    createdByType: text,
    lastModifiedAt: text,
    lastModifiedBy: text,
    lastModifiedByType: text,
  }),
  readOnly: true,
};

/** What every answer has. */
export const identity: Members = { id: answered, name: answered, type: answered };
