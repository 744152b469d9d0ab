// Diff, the same for every resource of the plugin: what was given before against what is given now.
// A changed element of `triggers` is an update here; the SDK's own option makes a replacement of it.
import type { DiffAnswer, DiffKind, DiffRequest } from "../provider/stand-in";
import { changes, pathText, type Change } from "./changes";

/** Inputs whose arrival or departure as a whole replaces the resource. */
const REPLACING: ReadonlySet<string> = new Set(["triggers"]);

export function diff({ oldInputs, news }: DiffRequest): DiffAnswer {
  const found = changes(oldInputs, news);
  const detailed = Object.fromEntries(
    found.map((change) => [pathText(change.path), kindOf(change)] as const),
  );
  return {
    changes: found.length === 0 ? "NONE" : "SOME",
    replaces: roots(found.filter((change) => kindOf(change).endsWith("_REPLACE"))),
    diffs: roots(found),
    stables: [],
    deleteBeforeReplace: false,
    hasDetailed: true,
    detailed,
  };
}

function kindOf(change: Change): DiffKind {
  return change.path.length === 1 && REPLACING.has(String(change.path[0]))
    ? `${change.kind}_REPLACE`
    : change.kind;
}

function roots(list: readonly Change[]): string[] {
  return [...new Set(list.map((change) => String(change.path[0])))];
}
