// Files that a command left, chosen by path patterns, as assets.
// `*` stops at a slash, `**` does not, `!` takes files out again; rules apply in order.
import { createHash } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { join, matchesGlob, relative, sep } from "node:path";

import { ASSET_SIGNATURE, SIGNATURE_KEY } from "../../provider/values";
import type { Properties } from "../../provider/values";

/** Paths relative to `dir`, each with its file as an asset. */
export function globAssets(dir: string, patterns: readonly string[]): Properties {
  const files = readdirSync(dir, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => relative(dir, join(entry.parentPath, entry.name)).split(sep).join("/"))
    .sort();
  return Object.fromEntries(
    files
      .filter((file) => isChosen(file, patterns))
      .map((file) => [file, fileAsset(join(dir, file))]),
  );
}

function isChosen(file: string, patterns: readonly string[]): boolean {
  return patterns.reduce((chosen, pattern) => {
    const excludes = pattern.startsWith("!");
    return matches(file, excludes ? pattern.slice(1) : pattern) ? !excludes : chosen;
  }, false);
}

/** The vendor's `**` also stands beside other characters (`**.js`); here it matches any path. */
function matches(file: string, pattern: string): boolean {
  if (!/\*\*[^/]|[^/]\*\*/.test(pattern)) return matchesGlob(file, pattern);
  const source = pattern
    .split(/(\*\*|\*|\?)/)
    .map((part) => {
      if (part === "**") return ".*";
      if (part === "*") return "[^/]*";
      return part === "?" ? "[^/]" : part.replace(/[.+^${}()|[\]\\]/g, "\\$&");
    })
    .join("");
  return new RegExp(`^${source}$`).test(file);
}

function fileAsset(path: string): Properties {
  const hash = createHash("sha256").update(readFileSync(path)).digest("hex");
  return { [SIGNATURE_KEY]: ASSET_SIGNATURE, path, hash, text: "", uri: "" };
}
