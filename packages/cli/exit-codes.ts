// What a command's end says to whoever started it; docs/commands.md has the same table.

export const EXIT = {
  /** What was asked is done, or was so already. */
  done: 0,
  /** It was tried and failed; the message says what is left. */
  failed: 1,
  /** The command line is wrong or the stack's state forbids it; nothing was changed. */
  refused: 2,
  /** An audit found what a mandatory rule forbids, or a check of the doctor's fails. */
  violated: 3,
} as const;
