// Where things stand in a YAML text: offsets of values, pairs and lines, and the one way to change the text.
import type { Node, Pair, Scalar } from "yaml";
import { isMap, isSeq } from "yaml";

/** How far one level stands to the right of the one above, in the block map under the first key. */
export function step(text: string): number {
  return (
    /^[^\s#][^\r\n]*:[ \t]*(?:#[^\r\n]*)?\r?\n(?:[ \t]*(?:#[^\r\n]*)?\r?\n)*( +)\S/m.exec(text)?.[1]
      ?.length ?? 2
  );
}

/** Where a node begins. */
export function start(node: unknown): number {
  return (node as Scalar).range?.[0] ?? 0;
}

/** Where a value ends, before spaces and comment. */
export function valueEnd(node: Node): number {
  return node.range?.[1] ?? 0;
}

/** Where the key of a pair ends. */
export function valueEndOfKey(pair: Pair): number {
  return valueEnd(pair.key as Node);
}

/** Where a pair ends: after its value, or after its key when it has none. */
export function end(pair: Pair | undefined): number {
  if (pair === undefined) return 0;
  const value = pair.value as Node | null;
  return value === null ? valueEndOfKey(pair) : Math.max(contentEnd(value), valueEndOfKey(pair));
}

/** The end of the last thing written in a node; a block collection's own range takes in comments that follow. */
function contentEnd(node: Node): number {
  const items: readonly unknown[] =
    (isMap(node) || isSeq(node)) && node.flow !== true ? node.items : [];
  const last = items.at(-1);
  if (last === undefined) return valueEnd(node);
  return isMap(node) ? end(last as Pair) : contentEnd(last as Node);
}

/** The start of the line that holds an offset. */
export function lineStart(text: string, offset: number): number {
  return text.lastIndexOf("\n", offset - 1) + 1;
}

/** The start of the next line, or the end of the text. */
export function endOfLine(text: string, offset: number): number {
  if (offset > 0 && text[offset - 1] === "\n") return offset;
  const next = text.indexOf("\n", offset);
  return next === -1 ? text.length : next + 1;
}

/** The line from an offset on, without its end. */
export function restOfLine(text: string, offset: number): string {
  return /^[^\r\n]*/.exec(text.slice(offset))?.[0] ?? "";
}

/** How many spaces stand before an offset on its line. */
export function spacesBefore(text: string, offset: number): number {
  return /[ \t]*$/.exec(text.slice(lineStart(text, offset), offset))?.[0].length ?? 0;
}

/** The text with one stretch replaced. */
export function cut(text: string, from: number, to: number, put: string): string {
  return text.slice(0, from) + put + text.slice(to);
}
