// Diff: the inputs of before against those of now. What only Azure knows is not looked at.
// A replacement deletes first, except for a resource that has a random name.
import { changes, type Change } from "../command/changes";
import type { DiffAnswer, DiffKind, DiffRequest } from "../provider/stand-in";
import { equal, mapValues, unwrapDeep } from "../provider/values";
import type { Properties, PropertyValue } from "../provider/values";
import { CREATE_BEFORE_DELETE } from "./names";
import type { Members, ResourceSpec } from "./spec";

export function diff({ olds, oldInputs, news }: DiffRequest, spec: ResourceSpec): DiffAnswer {
  const before = withApiVersion(compared(oldInputs), olds);
  const after = compared(news);
  const replacing = replacingPaths(spec);
  const found = changes(before, after).filter((change) => !isSameLocation(change, before, after));
  const kinds = found.map((change) => [change, kindOf(change, replacing, olds, after)] as const);
  if (kinds.length === 0) return NO_CHANGE;
  const replaced = kinds.filter(([, kind]) => kind.endsWith("_REPLACE"));
  const random = oldInputs[CREATE_BEFORE_DELETE];
  return {
    changes: "SOME",
    replaces: replaced.map(([change]) => pathOf(change)),
    diffs: [...new Set(found.map((change) => String(change.path[0])))],
    stables: [],
    deleteBeforeReplace: typeof random === "boolean" ? !random : replaced.length > 0,
    hasDetailed: true,
    detailed: Object.fromEntries(kinds.map(([change, kind]) => [pathOf(change), kind] as const)),
  };
}

const NO_CHANGE: DiffAnswer = {
  changes: "NONE",
  replaces: [],
  diffs: [],
  stables: [],
  deleteBeforeReplace: false,
  hasDetailed: false,
  detailed: {},
};

/** Inputs without the plugin's own marks and without wrappers. */
function compared(inputs: Properties): Properties {
  const own = Object.entries(inputs).filter(([name]) => !name.startsWith("__"));
  return mapValues(Object.fromEntries(own), unwrapDeep);
}

/** Inputs of before may lack the version that the state has. */
function withApiVersion(inputs: Properties, state: Properties): Properties {
  const version = inputs["azureApiVersion"] ?? state["azureApiVersion"];
  return version === undefined ? inputs : { ...inputs, azureApiVersion: version };
}

/** Paths, with `[]` for any position in a list, whose change replaces. */
function replacingPaths(spec: ResourceSpec): ReadonlySet<string> {
  const inBody = (members: Members, base: string): string[] =>
    Object.entries(members).flatMap(([name, property]) => [
      ...(property.forceNew === true ? [base + name] : []),
      ...inBody(property.members ?? {}, `${base}${name}.`),
      ...inBody(property.items?.members ?? {}, `${base}${name}[].`),
    ]);
  return new Set([...spec.parameters.map(({ name }) => name), ...inBody(spec.body, "")]);
}

function kindOf(
  change: Change,
  replacing: ReadonlySet<string>,
  state: Properties,
  news: Properties,
): DiffKind {
  const pattern = text(change, () => "[]");
  const [name = ""] = change.path;
  const isKnownAlready =
    change.kind === "ADD" && change.path.length === 1 && equal(state[name], news[name]);
  return replacing.has(pattern) && !isKnownAlready ? `${change.kind}_REPLACE` : change.kind;
}

/** Azure takes `West US 2` and `westus2` for the same place. */
function isSameLocation(change: Change, before: Properties, after: Properties): boolean {
  if (change.kind !== "UPDATE" || change.path.length !== 1 || change.path[0] !== "location") {
    return false;
  }
  return normalised(before["location"]) === normalised(after["location"]);
}

function normalised(location: PropertyValue | undefined): PropertyValue | undefined {
  return typeof location === "string" ? location.replaceAll(" ", "").toLowerCase() : location;
}

function pathOf(change: Change): string {
  return text(change, (position) => `[${position}]`);
}

function text(change: Change, position: (index: number) => string): string {
  return change.path.reduce<string>((path, part) => {
    if (typeof part === "number") return path + position(part);
    return path === "" ? part : `${path}.${part}`;
  }, "");
}
