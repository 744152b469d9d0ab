// A change of a stack's config, in the engine's words, and what a change may not do to the rest of the file. Pure.
import { isDeepStrictEqual } from "node:util";
import { Lexer, parse } from "yaml";

/** One value to set: nothing secret, since it goes on the engine's command line. */
export interface ConfigChange {
  /** The bare key, and the place inside its value. */
  readonly path: readonly [string, ...(string | number)[]];
  readonly value: string | number;
}

/** The config by bare key, as the engine reads it. */
type Read = Readonly<Record<string, unknown>>;

/** The path as `pulumi config set --path` takes it: `consumers[0]["retry"]`. */
export function pathText([key, ...inner]: ConfigChange["path"]): string {
  return key + inner.map((part) => `[${JSON.stringify(part)}]`).join("");
}

/** For a person who makes the change by hand: `consumers[0].retry: 1`. */
export function changeText({ path: [key, ...inner], value }: ConfigChange): string {
  const place = inner.map((part) => (typeof part === "number" ? `[${part}]` : `.${part}`)).join("");
  return `${key}${place}: ${typeof value === "number" ? value : JSON.stringify(value)}`;
}

/** The keys that the engine does not read as they were before, with the changes made. */
export function misread(before: Read, changes: readonly ConfigChange[], after: Read): string[] {
  const expected = changes.reduce<Read>(
    (config, { path, value }) =>
      // The engine hands on a scalar of the first level as a text.
      put(config, path, path.length === 1 ? String(value) : value) as Read,
    before,
  );
  return [...new Set([...Object.keys(expected), ...Object.keys(after)])].filter(
    (key) => !isDeepStrictEqual(expected[key], after[key]),
  );
}

function put(node: unknown, [part, ...rest]: readonly unknown[], value: unknown): unknown {
  const copy = (Array.isArray(node) ? [...(node as unknown[])] : { ...(node as object) }) as Record<
    string,
    unknown
  >;
  const key = String(part);
  copy[key] = rest.length === 0 ? value : put(copy[key], rest, value);
  return copy;
}

/** What of the file's text is lost, in words; its layout and the quotes of scalars may change. */
export function lossesOf(before: string, after: string): string[] {
  return [
    ...lossesBesideSecrets(before, after),
    ...(isDeepStrictEqual(encrypted(before), encrypted(after)) ? [] : [AN_ENCRYPTED_VALUE]),
  ];
}

const AN_ENCRYPTED_VALUE = "an encrypted value";

/** {@link lossesOf}, where `most` encrypted values were to be set anew. */
export function lossesBut(most: number, before: string, after: string): string[] {
  const now = encrypted(after);
  const gone = encrypted(before).filter((value) => !now.includes(value));
  return [
    ...lossesBesideSecrets(before, after),
    ...(gone.length > most ? [AN_ENCRYPTED_VALUE] : []),
  ];
}

function lossesBesideSecrets(before: string, after: string): string[] {
  const kept: readonly (readonly [what: string, of: (text: string) => unknown])[] = [
    ["its comments", (text) => tokens(text, "#")],
    ["its anchors", (text) => tokens(text, "&", "*")],
    ["what stands beside config", beside],
  ];
  return kept.filter(([, of]) => !isDeepStrictEqual(of(before), of(after))).map(([what]) => what);
}

function tokens(text: string, ...marks: readonly string[]): string[] {
  return [...new Lexer().lex(text)].filter((token) => marks.includes(token.charAt(0)));
}

function beside(text: string): unknown {
  const { config, ...rest } = (parse(text) ?? {}) as Readonly<Record<string, unknown>>;
  return config === undefined ? {} : rest;
}

function encrypted(text: string): string[] {
  return [...text.matchAll(/\bsecure: *(\S+)/g)].map(([, value]) => value ?? "").sort();
}
