// A reading that several ask for and that is made once.

/** Reads when it is first asked, and gives the same to all. */
export function once<T>(read: () => Promise<T>): () => Promise<T> {
  let reading: Promise<T> | undefined;
  return () => (reading ??= read());
}
