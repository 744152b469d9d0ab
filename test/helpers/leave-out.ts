// A test that cannot run here is left out with its reason, which the reporter names.

/** Leaves the running test out. */
export function leaveOut(context: Mocha.Context, reason: string): never {
  const { test } = context;
  if (test !== undefined) test.title += ` (not run: ${reason})`;
  return context.skip();
}
