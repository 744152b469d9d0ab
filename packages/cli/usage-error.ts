// What the person at the command line must put right.

/** A wrong use of the command line, or a state that forbids what was asked; nothing was changed. */
export class UsageError extends Error {
  override readonly name = "UsageError";
}
