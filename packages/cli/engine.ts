// One call of the engine's own command line. What it is given goes by standard input, never on the command line.
import { spawn } from "node:child_process";
import { text } from "node:stream/consumers";
import { harmlessLines } from "../../src/foreign-text";
import { UsageError } from "./usage-error";

const SHOWN_LINES = 60;

/** Where the engine runs, and in what environment. */
export interface EnginePlace {
  readonly workDir: string;
  /** Added to this process's environment. */
  readonly environment: Readonly<Record<string, string>>;
}

/**
 * The environment of an engine that we start, for what is to differ from this process's. Without an SSH agent: the command plugin
 * offers its keys to every host beside the configured one, and fails when a socket that is named there is dead.
 */
export function engineEnvironment<T extends EnginePlace["environment"]>(
  environment: T,
): T & { readonly SSH_AUTH_SOCK: string } {
  return { ...environment, SSH_AUTH_SOCK: "" };
}

/** An operation that the engine ended with an error; `output` is all it printed, made harmless: it prints what hosts say. */
export class EngineError extends Error {
  override readonly name = "EngineError";
  readonly output: string;
  constructor(operation: string, printed: string, cause: unknown) {
    const output = harmlessLines(printed);
    super(`pulumi ${operation} failed:\n${tail(output)}`, { cause });
    this.output = output;
  }
}

/** @returns what `pulumi <args>` printed. @throws EngineError with the engine's own words */
export async function runEngine(
  place: EnginePlace,
  args: readonly string[],
  input = "",
): Promise<string> {
  const child = spawn("pulumi", [...args, "--non-interactive"], {
    cwd: place.workDir,
    env: { ...process.env, ...engineEnvironment(place.environment) },
    stdio: ["pipe", "pipe", "pipe"],
  });
  const ended = new Promise<number | null>((resolve, reject) => {
    child.once("close", resolve).once("error", (error: NodeJS.ErrnoException) => {
      reject(error.code === "ENOENT" ? new UsageError(NO_ENGINE) : error);
    });
  });
  // An engine that ends before it has read its input says why itself.
  child.stdin.on("error", () => undefined);
  child.stdin.end(input);
  const [printed, errors, code] = await Promise.all([
    text(child.stdout),
    text(child.stderr),
    ended,
  ]);
  if (code !== 0) throw new EngineError(args.slice(0, 2).join(" "), errors, undefined);
  return printed;
}

const NO_ENGINE =
  "The program pulumi must be on PATH, but is not. Install Pulumi, or run `npm run keyturn -- …` in the clone, which sets it up.";

function tail(output: string): string {
  return output.trimEnd().split("\n").slice(-SHOWN_LINES).join("\n");
}
