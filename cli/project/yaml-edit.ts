// Edits one place of a YAML text and leaves every other byte as it is: comments, order, quotes, spaces, line ends.
// The yaml library says where things stand; what is written is spliced in there.
import type { Document, Node, Pair, YAMLMap } from "yaml";
import { isAlias, isMap, isScalar, isSeq, parseDocument, stringify } from "yaml";
import {
  cut,
  end,
  endOfLine,
  lineStart,
  restOfLine,
  spacesBefore,
  start,
  step,
  valueEnd,
  valueEndOfKey,
} from "./yaml-places";

/** Where a value stands: keys of maps, indices of lists. */
export type YamlPath = readonly (string | number)[];

/** The text cannot be edited at this place; the message says why, without a subject. */
export class YamlEditError extends Error {
  override readonly name = "YamlEditError";
}

/** Sets the value at a path; maps that are not there are made, lists are not. */
export function setYaml(text: string, path: YamlPath, value: unknown): string {
  const { node, rest, pair } = walk(parsed(text).contents, path);
  if (rest.length === 0) return replaceValue(text, node, value);
  if (rest.some((part) => typeof part === "number")) {
    throw new YamlEditError("has no such entry in this file; edit it where it is");
  }
  const nested = rest.slice(1).reduceRight((inner: unknown, key) => ({ [key]: inner }), value);
  const key = String(rest[0]);
  if (isMap(node) && node.items.length > 0) return insertPair(text, node, key, nested);
  const empty = node === null || (isMap(node) && !node.items.length) || isNull(node);
  if (empty && typeof rest[0] === "string") return fillPair(text, pair, node, key, nested);
  throw new YamlEditError(`has no place for ${key}`);
}

/** Removes a key with its value and its line's comment. The map must be in block style. */
export function removeYaml(text: string, path: YamlPath): string {
  const { rest, pair, map } = walk(parsed(text).contents, path);
  if (rest.length > 0 || pair === undefined || map === undefined) return text;
  if (map.flow === true || map.items.length === 1) throw new YamlEditError(BLOCK_ONLY);
  return cut(text, lineStart(text, start(pair.key)), endOfLine(text, end(pair)), "");
}

/** The comment on the line of a scalar, without its mark; "" when there is none. */
export function lineComment(text: string, path: YamlPath): string {
  const { node, rest } = walk(parsed(text).contents, path);
  if (rest.length > 0 || node === null) return "";
  return /^[ \t]*#[ \t]*(.*?)[ \t\r]*$/m.exec(restOfLine(text, valueEnd(node)))?.[1] ?? "";
}

/** Sets the comment on the line of a scalar; "" takes it away. The map must be in block style. */
export function setLineComment(text: string, path: YamlPath, comment: string): string {
  const { node, rest, map } = walk(parsed(text).contents, path);
  if (rest.length > 0 || node === null || map?.flow === true) throw new YamlEditError(BLOCK_ONLY);
  const from = valueEnd(node);
  const shown = comment === "" ? "" : ` # ${comment}`;
  return cut(text, from, from + restOfLine(text, from).length, shown);
}

const BLOCK_ONLY = "is written between braces, where this cannot be kept; write it one key a line";

interface Found {
  /** The value at the deepest place that is there. */
  readonly node: Node | null;
  /** What of the path is not there. */
  readonly rest: YamlPath;
  /** The pair that holds the value, and its map. */
  readonly pair?: Pair | undefined;
  readonly map?: YAMLMap | undefined;
}

function walk(root: Node | null, path: YamlPath): Found {
  let found: Found = { node: root, rest: path };
  for (const [depth, key] of path.entries()) {
    const { node } = found;
    const rest = path.slice(depth + 1);
    if (isSeq(node) && typeof key === "number" && node.items[key] !== undefined) {
      found = { node: node.items[key] as Node, rest };
      continue;
    }
    if (!isMap(node)) break;
    const pair = node.items.find((one) => isScalar(one.key) && one.key.value === key);
    if (pair === undefined) break;
    found = { node: pair.value as Node | null, rest, pair, map: node };
  }
  if (isAlias(found.node)) throw new YamlEditError("is an alias of another place; edit it by hand");
  return found;
}

function parsed(text: string): Document.Parsed {
  const document = parseDocument(text, { keepSourceTokens: true });
  const [error] = document.errors;
  if (error !== undefined) {
    // Without the excerpt of the text that follows the first line.
    throw new YamlEditError(`cannot be read: ${error.message.split("\n")[0] ?? ""}`);
  }
  return document;
}

function replaceValue(text: string, node: Node | null, value: unknown): string {
  if (node === null || !isScalar(node) || isNull(node)) {
    throw new YamlEditError("holds something else than one value; edit it by hand");
  }
  const like: Partial<Record<string, string>> = {
    QUOTE_DOUBLE: JSON.stringify(String(value)),
    QUOTE_SINGLE: `'${String(value).replaceAll("'", "''")}'`,
  };
  return cut(text, start(node), valueEnd(node), like[node.type ?? ""] ?? shown(value));
}

function insertPair(text: string, map: YAMLMap, key: string, value: unknown): string {
  const [first] = map.items;
  const last = map.items.at(-1);
  if (map.flow === true) return cut(text, end(last), end(last), `, ${flowPair(key, value)}`);
  const column = start(first?.key) - lineStart(text, start(first?.key));
  return insertLines(text, end(last), blockPair(text, key, value, column));
}

/** Puts the first pair into a map that is empty, written as `{}`, as null, or not written at all. */
function fillPair(
  text: string,
  holder: Pair | undefined,
  node: Node | null,
  key: string,
  value: unknown,
): string {
  if (holder === undefined) {
    const written = node === null ? text.length : valueEnd(node);
    return insertLines(text, written, blockPair(text, key, value, 0));
  }
  const from = start(holder.key);
  const column = from - lineStart(text, from);
  const written = node !== null && valueEnd(node) > start(node);
  // Without its `{}` or `null` and the space before it.
  const bare = written
    ? cut(text, start(node) - spacesBefore(text, start(node)), valueEnd(node), "")
    : text;
  const at = written ? start(node) - spacesBefore(text, start(node)) : valueEndOfKey(holder);
  return insertLines(bare, at, blockPair(text, key, value, column + step(text)));
}

function blockPair(text: string, key: string, value: unknown, column: number): string[] {
  const block = stringify({ [key]: value }, { ...STYLE, indent: step(text) });
  return block
    .trimEnd()
    .split("\n")
    .map((line) => " ".repeat(column) + line);
}

function flowPair(key: string, value: unknown): string {
  const flow = stringify({ [key]: value }, { ...STYLE, collectionStyle: "flow" });
  return flow.trim().replace(/^\{ /, "").replace(/ \}$/, "");
}

/** YAML 1.1, so that what an older reader takes for a date or a truth value is quoted. */
const STYLE = { version: "1.1", lineWidth: 0 } as const;

function shown(value: unknown): string {
  return stringify(value, STYLE).trimEnd();
}

function insertLines(text: string, after: number, lines: readonly string[]): string {
  const ending = text.includes("\r\n") ? "\r\n" : "\n";
  const at = endOfLine(text, after);
  const block = lines.join(ending);
  const open = at > 0 && text[at - 1] !== "\n";
  return cut(text, at, at, open ? `${ending}${block}` : `${block}${ending}`);
}

function isNull(node: Node | null): boolean {
  return isScalar(node) && node.value === null;
}
