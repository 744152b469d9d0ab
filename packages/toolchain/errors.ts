// What may go wrong in set-up, each as one sentence: what, why, and what to do.

/** A failure of set-up that the person at the keyboard can do something about. */
export class ToolchainError extends Error {
  override readonly name = "ToolchainError";
}

/** Set-up was told to stop (Ctrl-C). */
export class Interrupted extends Error {
  override readonly name = "Interrupted";
  constructor() {
    super("Set-up was interrupted; nothing half-made was left. Run the command again to go on.");
  }
}

/** The system's code of an error, such as ENOSPC. */
export function errorCode(error: unknown): string | undefined {
  return error instanceof Error && "code" in error && typeof error.code === "string"
    ? error.code
    : undefined;
}

/** The text of anything that was thrown. */
export function errorText(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** Puts a file system's refusal while writing to folder into a sentence; other errors stay. */
export function writeError(error: unknown, folder: string): unknown {
  switch (errorCode(error)) {
    case "ENOSPC":
    case "EDQUOT":
      return new ToolchainError(
        `The disk is full: ${folder} could not be written. Free some space (a first build takes about 5 GB with Go's caches) and run again.`,
        { cause: error },
      );
    case "EACCES":
    case "EPERM":
    case "EROFS":
    case "ENOTDIR":
    case "EEXIST":
      return new ToolchainError(
        `${folder} cannot be written (${errorText(error)}). Make it writable, or set PULUMI_HOME to a folder that is, and run again.`,
        { cause: error },
      );
    case undefined:
    default:
      return error;
  }
}
