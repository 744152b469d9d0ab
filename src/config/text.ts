// A text that comes from a person is taken as it was written, or refused: one that was read in another encoding than its
// own has lost characters for good, and nobody would see it before the service reads it.
import { isUtf8 } from "node:buffer";
import type { Problem } from "../problems";

/** U+FFFD stands where a reader could not tell what stood there; half a character becomes one as soon as it is written. */
const LOST = /[\uFFFD\p{Cs}]/u;
/** Between the letters of UTF-16 read as UTF-8. */
const NUL = "\0";

/** The signs of a text that was read in another encoding than its own, as the predicate of a sentence; never the text. */
export function lostCharacter(text: string): string | undefined {
  const found = LOST.exec(text);
  if (found === null) return undefined;
  const character = found[0] === "\uFFFD" ? "U+FFFD" : "half a character";
  return (
    `must be the text as it was written, but has ${character} at ${placeOf(text, found.index)}: it was read in another ` +
    `encoding than its own, such as Windows-1252 or UTF-16 taken for UTF-8, and what stood there is lost. Give it anew, as UTF-8`
  );
}

/** {@link lostCharacter} of a file, which has no NUL either. */
export function fileTextProblem(text: string): string | undefined {
  const lost = lostCharacter(text);
  if (lost !== undefined) return lost;
  const at = text.indexOf(NUL);
  if (at < 0) return undefined;
  return `must be text in UTF-8, but has NUL at ${placeOf(text, at)}, as UTF-16 has. Give it anew, as UTF-8`;
}

/** A file's text, every character and line end as it is; or what is wrong with its bytes, with the encoding that they seem to have. */
export function textOf(
  bytes: Uint8Array,
): { readonly text: string } | { readonly problem: string } {
  const file = Buffer.from(bytes);
  const wide = wideEncoding(file);
  if (wide !== undefined) return { problem: `must be in UTF-8, but is in ${wide}. ${AS_UTF8}` };
  const text = file.toString("utf8");
  if (isUtf8(file)) {
    const problem = fileTextProblem(text);
    return problem === undefined ? { text } : { problem };
  }
  const place = placeOf(text, text.search(LOST));
  const problem = `must be in UTF-8, but is not at ${place}: it seems to be in Windows-1252, or in another encoding of one byte a character. ${AS_UTF8}`;
  return { problem };
}

const AS_UTF8 = "Save it anew as UTF-8, in the way that docs/commands.md shows";

/** UTF-16 by its mark, or by the bytes that are 0 in its ASCII characters. */
function wideEncoding(file: Buffer): string | undefined {
  const [first, second] = file;
  if (first === 0xff && second === 0xfe) return "UTF-16 (little-endian)";
  if (first === 0xfe && second === 0xff) return "UTF-16 (big-endian)";
  if (first !== 0 && second === 0) return "UTF-16 (little-endian, without a mark)";
  return first === 0 && second !== 0 && file.length > 1
    ? "UTF-16 (big-endian, without a mark)"
    : undefined;
}

/** A problem for each text in a value of the config, however deep, that has lost a character. */
export function lostCharacters(subject: string, value: unknown, remedy: string): Problem[] {
  if (typeof value === "string") {
    const rule = lostCharacter(value);
    return rule === undefined ? [] : [{ subject, rule, remedy }];
  }
  if (Array.isArray(value)) {
    return value.flatMap((one: unknown, index) =>
      lostCharacters(`${subject}[${index}]`, one, remedy),
    );
  }
  if (typeof value !== "object" || value === null) return [];
  return Object.entries(value).flatMap(([key, inner]) => {
    const rule = lostCharacter(key);
    const named = rule === undefined ? [] : [{ subject: `a key of ${subject}`, rule, remedy }];
    return [...named, ...lostCharacters(`${subject}.${key}`, inner, remedy)];
  });
}

/** As editors count, from one. */
function placeOf(text: string, index: number): string {
  const before = text.slice(0, index).split(/\r\n|\r|\n/);
  const column = Array.from(before.at(-1) ?? "").length + 1;
  return `line ${before.length}, column ${column}`;
}
