// Text as the vendor's plugin (a Go program) writes it, for errors that a user may search for.
// Only what its errors need: quoted strings and system errors.

const ESCAPES: Readonly<Record<string, string>> = {
  "\u0007": "\\a",
  "\b": "\\b",
  "\f": "\\f",
  "\n": "\\n",
  "\r": "\\r",
  "\t": "\\t",
  "\v": "\\v",
  "\\": "\\\\",
  '"': '\\"',
};

/** A string as Go's `%q` prints it. */
export function goQuote(text: string): string {
  const escaped = Array.from(text, (character) => {
    const known = ESCAPES[character];
    if (known !== undefined) return known;
    const point = character.codePointAt(0) ?? 0;
    if (point < 0x20 || point === 0x7f) return `\\x${point.toString(16).padStart(2, "0")}`;
    if (point === 0xfffd) return "\ufffd";
    if (!/\p{C}|\p{Z}/u.test(character) || character === " ") return character;
    return point > 0xffff
      ? `\\U${point.toString(16).padStart(8, "0")}`
      : `\\u${point.toString(16).padStart(4, "0")}`;
  });
  return `"${escaped.join("")}"`;
}

const SYSTEM_ERRORS: Readonly<Record<string, string>> = {
  ENOENT: "no such file or directory",
  EACCES: "permission denied",
  ENOTDIR: "not a directory",
  EISDIR: "is a directory",
  ENOEXEC: "exec format error",
  E2BIG: "argument list too long",
  ECONNREFUSED: "connect: connection refused",
  ECONNRESET: "read: connection reset by peer",
  EHOSTUNREACH: "connect: no route to host",
  ENETUNREACH: "connect: network is unreachable",
};

/** The text of a system error, by its code. */
export function systemErrorText(error: unknown): string {
  const code = (error as { readonly code?: unknown } | null)?.code;
  const text = typeof code === "string" ? SYSTEM_ERRORS[code] : undefined;
  return text ?? (error instanceof Error ? error.message : String(error));
}
