// The text of a stack's file with the answers in it. What a person or the engine wrote there stays as it is.
import { type Document, type Pair, Scalar, YAMLMap, isMap, isScalar, parseDocument } from "yaml";
import { diffLines } from "diff";
import { CONFIG_KEYS } from "../../../src/config/keys";
import { UsageError } from "../usage-error";
import {
  type AnswerName,
  type Answers,
  NEW_APPLICATION,
  type Named,
  groupsIn,
  groupsText,
  hostOf,
} from "./questions";

/** The keys of the config that the answers decide. */
type Key =
  | "name"
  | "preset"
  | "tenantId"
  | "subscriptionId"
  | "vaultResourceGroup"
  | "applicationClientId"
  | "existingGroups"
  | "anchor"
  | "consumers";

const KEY_OF: Readonly<Partial<Record<AnswerName, Key>>> = {
  name: "name",
  preset: "preset",
  tenant: "tenantId",
  subscription: "subscriptionId",
  resourceGroup: "vaultResourceGroup",
  application: "applicationClientId",
  groups: "existingGroups",
  anchor: "anchor",
};
const COMMENT_WIDTH = 110;

/** A stack's file with what was added to it. */
export interface StackFile {
  readonly text: string;
  /** The keys that were not there before. */
  readonly added: readonly string[];
}

/** What a stack's file says already. */
export interface Said {
  readonly answers: Answers;
  /** Whether it has consumers. */
  readonly consumers: boolean;
}

/** Reads what the file says, as answers. @throws UsageError where it is no YAML map */
export function answersIn(text: string, namespace: string): Said {
  const config = configOf(documentOf(text));
  const read = (key: Key): unknown => config?.get(`${namespace}:${key}`);
  const found = Object.entries(KEY_OF).flatMap(([name, key]) => {
    const value = read(key);
    if (key === "applicationClientId" && value === "") return [[name, NEW_APPLICATION]];
    if (key === "existingGroups" && isMap(value)) return [[name, groupsText(namedIn(value))]];
    return typeof value === "string" ? [[name, value]] : [];
  });
  const answers = Object.fromEntries(found) as Answers;
  return { answers, consumers: read("consumers") !== undefined };
}

/**
 * Adds the answers that the file does not have. @param given text of the file; empty where there is none
 * @throws UsageError when a line that is there would not stay as it is
 */
export function withAnswers(given: string, namespace: string, answers: Answers): StackFile {
  const lineEnd = given.includes("\r\n") ? "\r\n" : "\n";
  const before = given.replaceAll("\r\n", "\n");
  const document = documentOf(before);
  const present = configOf(document);
  const config = present ?? new YAMLMap();
  if (present === undefined) document.set("config", config);
  const added: string[] = [];
  for (const [key, value] of Object.entries(valuesOf(answers))) {
    const name = `${namespace}:${key}`;
    if (config.has(name)) continue;
    config.items.push(pairOf(document, name, value, CONFIG_KEYS[key as Key].meaning));
    added.push(key);
  }
  if (added.length === 0) return { text: given, added };
  config.flow = false;
  const after = document.toString({ lineWidth: 0 });
  const lost = diffLines(before, after).filter(
    ({ removed, value }) => removed && !EMPTY_CONFIG.test(value),
  );
  if (lost.length > 0) {
    throw new UsageError(
      `The stack's file is left as it was: adding to it would not keep ${lost.map(({ value }) => JSON.stringify(value.trim())).join(", ")}. Write these keys there yourself: ${added.join(", ")}.`,
    );
  }
  return { text: after.replaceAll("\n", lineEnd), added };
}

/** A config without a key gives way, and so does a last line's missing end. */
const EMPTY_CONFIG = /^config: *(\{ *\})?\n*$/;

function valuesOf(answers: Answers): Partial<Record<Key, unknown>> {
  const { application, consumer } = answers;
  // Said in so many words, so that nobody is asked again.
  const clientId = application === NEW_APPLICATION ? "" : application;
  const plain = Object.entries(KEY_OF).flatMap(([name, key]) => {
    const value = name === "application" ? clientId : answers[name as AnswerName];
    return value === undefined || name === "groups" ? [] : [[key, value]];
  });
  const groups = answers.groups === undefined ? undefined : groupsIn(answers.groups);
  return {
    ...(Object.fromEntries(plain) as Partial<Record<Key, unknown>>),
    ...(groups && { existingGroups: Object.fromEntries(groups.map(({ id, name }) => [name, id])) }),
    ...(consumer !== undefined && { consumers: [consumerOf(consumer, answers)] }),
  };
}

function namedIn(map: YAMLMap): Named[] {
  return Object.entries(map.toJSON() as Record<string, unknown>).map(([name, id]) => ({
    name,
    id: String(id),
  }));
}

function consumerOf(name: string, { preset, ...answers }: Answers): object {
  const { host, user, hostKey, filePath } = answers;
  if (host === undefined) return { name };
  const isDefault = filePath === hostOf(preset)?.filePath;
  return {
    name,
    connection: { host, user, hostKey },
    ...(!isDefault && { overrides: { filePath } }),
  };
}

function pairOf(document: Document, name: string, value: unknown, meaning: string): Pair {
  const pair = document.createPair(name, value);
  const key = isScalar(pair.key) ? pair.key : new Scalar(name);
  key.commentBefore = wrapped(meaning)
    .map((line) => ` ${line}`)
    .join("\n");
  pair.key = key;
  // The engine's YAML takes a bare date for an instant.
  if (isScalar(pair.value) && typeof value === "string" && /^\d/.test(value)) {
    pair.value.type = Scalar.QUOTE_DOUBLE;
  }
  return pair;
}

function wrapped(text: string): string[] {
  const lines: string[] = [];
  for (const word of text.split(" ")) {
    const last = lines.at(-1);
    if (last === undefined || last.length + word.length >= COMMENT_WIDTH) lines.push(word);
    else lines[lines.length - 1] = `${last} ${word}`;
  }
  return lines;
}

function documentOf(text: string): Document {
  const document = parseDocument(text);
  const [error] = document.errors;
  if (error !== undefined) {
    throw new UsageError(`The stack's file must be YAML, but is not: ${error.message}`);
  }
  if (document.contents !== null && !isMap(document.contents)) {
    throw new UsageError("The stack's file must be a YAML map, but is not.");
  }
  return document;
}

function configOf(document: Document): YAMLMap | undefined {
  const config = document.contents === null ? undefined : document.get("config");
  if (config === undefined || config === null) return undefined;
  if (isMap(config)) return config;
  throw new UsageError("config: in the stack's file must be a map, but is not.");
}
