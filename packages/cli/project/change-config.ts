// Changes Pulumi.<stack>.yaml. The engine's own `pulumi config` writes, into a copy; the copy takes the file's place only
// if the engine reads from it what was meant and nothing that a person wrote is lost.
import {
  existsSync,
  mkdtempSync,
  readFileSync,
  realpathSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { diffLines } from "diff";
import { withProgress } from "../progress";
import { UsageError } from "../usage-error";
import { type ConfigChange, changeText, lossesOf, misread } from "./config-change";
import type { Project } from "./project";
import type { StackReading } from "./read-stack";

/**
 * @param reading what the engine read of the file, as it is now
 * @returns the lines that changed, for a person to review
 * @throws UsageError when the file cannot be changed without damage; it is then as it was
 */
export function changeConfig(
  reading: Pick<StackReading, "project" | "config">,
  changes: readonly ConfigChange[],
): Promise<string> {
  return withProgress("Writing the config", async () => {
    const { project, config } = reading;
    const { name, before, after } = await rewriteConfig(project, {
      change: (copy) => project.stack.setConfig(changes, copy),
      losses: async (copy, before, after) => [
        ...misread(config, changes, await project.stack.config(project.name, copy)).map(
          (key) => `the meaning of ${key}`,
        ),
        ...lossesOf(before, after),
      ],
      otherwise: `Write by hand, below config:\n${changes.map((one) => `  ${changeText(one)}`).join("\n")}`,
    });
    return [`${name}:`, ...changedLines(before, after)].join("\n");
  });
}

/** How a config file is changed. */
export interface Rewriting {
  /** Changes a copy of the file. */
  readonly change: (copy: string) => Promise<void>;
  /** What the copy has lost by that, in words; `before` and `after` are its texts. */
  readonly losses: (copy: string, before: string, after: string) => Promise<readonly string[]>;
  /** What to do when something is lost. */
  readonly otherwise: string;
}

/** Changes a copy of the stack's config file, and puts it into the file's place unless something is lost. */
export async function rewriteConfig(
  project: Project,
  { change, losses, otherwise }: Rewriting,
): Promise<{ readonly name: string; readonly before: string; readonly after: string }> {
  const path = fileOf(project);
  const given = readFileSync(path, "utf8");
  const lineEnd = given.includes("\r\n") ? "\r\n" : "\n";
  const before = given.replaceAll(lineEnd, "\n");
  const folder = mkdtempSync(join(tmpdir(), "keyturn-config-"));
  try {
    const copy = join(folder, basename(path));
    writeFileSync(copy, before, { mode: 0o600 });
    await change(copy);
    const after = readFileSync(copy, "utf8");
    const wrong = await losses(copy, before, after);
    if (wrong.length > 0) {
      throw new UsageError(
        `${path} is left as it was: \`pulumi config set\` would not keep ${wrong.join(", ")}. ${otherwise}`,
      );
    }
    if (readFileSync(path, "utf8") !== given) {
      throw new UsageError(
        `${path} was changed by somebody else meanwhile, and is left so. Try again.`,
      );
    }
    writeWhole(path, after.replaceAll("\n", lineEnd));
    return { name: basename(path), before, after };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** The file itself, also where a link stands in its place. */
function fileOf({ configPath }: Project): string {
  if (existsSync(configPath)) return realpathSync(configPath);
  throw new UsageError(
    `${configPath} must be there, but is not. Give the stack's name with --stack and the project's folder with --dir.`,
  );
}

/** Beside, then renamed over: the file is at every instant the one or the other. */
export function writeWhole(path: string, text: string): void {
  const beside = `${path}.${process.pid}.part`;
  const mode = statSync(path, { throwIfNoEntry: false })?.mode;
  writeFileSync(beside, text, mode === undefined ? {} : { mode });
  renameSync(beside, path);
}

function changedLines(before: string, after: string): string[] {
  return diffLines(before, after)
    .filter(({ added, removed }) => added || removed)
    .flatMap(({ added, value }) =>
      value
        .replace(/\n$/, "")
        .split("\n")
        .map((line) => `  ${added ? "+" : "-"} ${line}`.trimEnd()),
    );
}
