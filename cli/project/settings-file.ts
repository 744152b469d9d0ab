// Pulumi.<stack>.yaml as the commands edit it: one key at a time, every other byte kept, written whole or not at all.
import {
  existsSync,
  readFileSync,
  realpathSync,
  renameSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { basename } from "node:path";
import { parseDocument } from "yaml";
import { UsageError } from "../usage-error";
import { changedLines } from "./changed-lines";
import {
  YamlEditError,
  type YamlPath,
  lineComment,
  removeYaml,
  setLineComment,
  setYaml,
} from "./yaml-edit";

/** A settings file in memory; nothing is written before `save`. */
export class SettingsFile {
  private readonly before: string;
  private readonly path: string;
  private text: string;

  /** @param project namespace of the keys */
  constructor(
    path: string,
    private readonly project: string,
  ) {
    if (!existsSync(path)) {
      throw new UsageError(
        `${path} must be there, but is not. Give the stack's name with --stack and the project's folder with --dir.`,
      );
    }
    // Not the link, when the file is one.
    this.path = realpathSync(path);
    this.before = readFileSync(this.path, "utf8");
    this.text = this.before;
  }

  /** Whether the file says the key itself, instead of leaving it to a default. */
  has(key: string): boolean {
    return parseDocument(this.text).hasIn(["config", this.keyAsWritten(key)]);
  }

  /** Sets a key, or a place inside it. */
  set(key: string, value: unknown, within: YamlPath = []): void {
    this.edit(key, (path) => setYaml(this.text, [...path, ...within], value));
  }

  remove(key: string): void {
    this.edit(key, (path) => removeYaml(this.text, path));
  }

  /** The comment beside a key's value. */
  comment(key: string): string {
    return lineComment(this.text, ["config", this.keyAsWritten(key)]);
  }

  setComment(key: string, comment: string): void {
    this.edit(key, (path) => setLineComment(this.text, path, comment));
  }

  /** Writes the file beside and renames it over. */
  save(): void {
    this.write(this.text);
  }

  /** Puts back what was there. */
  restore(): void {
    this.write(this.before);
  }

  /** The lines that changed, for a person to review. */
  diff(): string {
    const changes = changedLines(this.before, this.text).map((line) => `  ${line}`);
    return [`${basename(this.path)}:`, ...changes].join("\n");
  }

  private edit(key: string, change: (path: YamlPath) => string): void {
    try {
      this.text = change(["config", this.keyAsWritten(key)]);
    } catch (error) {
      if (!(error instanceof YamlEditError)) throw error;
      throw new UsageError(`${this.path}: ${this.project}:${key} ${error.message}.`);
    }
  }

  /** The engine takes a key with the project's name, with `config:` after it, or bare. */
  private keyAsWritten(key: string): string {
    const file = parseDocument(this.text);
    const forms = [`${this.project}:${key}`, `${this.project}:config:${key}`, key];
    return forms.find((form) => file.hasIn(["config", form])) ?? `${this.project}:${key}`;
  }

  private write(text: string): void {
    const beside = `${this.path}.${process.pid}.part`;
    writeFileSync(beside, text, { mode: statSync(this.path).mode });
    renameSync(beside, this.path);
  }
}
