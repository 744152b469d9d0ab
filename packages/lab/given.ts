// Options without the members that are undefined, as exactOptionalPropertyTypes wants them.

export type Given<T extends object> = { [K in keyof T]: Exclude<T[K], undefined> };

/** A copy without members that are undefined. */
export function given<T extends object>(options: T): Partial<Given<T>> {
  const entries = Object.entries(options).filter(([, value]) => value !== undefined);
  return Object.fromEntries(entries) as Partial<Given<T>>;
}
