// Text of others (a host, a server, a directory, the engine that prints theirs) made harmless where it is printed: no
// terminal obeys it, no pipeline takes a line of it for a command, no reader is misled by its direction, none is endless.

/** Characters that a line of others may have. */
const MOST_CHARACTERS = 4000;
/** Controls, formats (bidirectional marks among them), separators of lines, and halves of characters. */
const UNPRINTABLE = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/gu;
/** Azure Pipelines and GitHub Actions both look for these anywhere in a line. */
const LOGGING_COMMAND = /##(?=\s*(?:vso)?\s*\[)/gi;
/** GitHub Actions' workflow command: at a line's beginning, spaces aside. */
const WORKFLOW_COMMAND = /^(\s*):(?=:)/;
/** The shape of Entra's client secrets: nothing else has it. */
const CLIENT_SECRET = /(?<![\w~.-])[\w~.-]{3}\dQ~[\w~.-]{31,34}/g;

/** One line of others. What a terminal would obey is shown as `\u001b`, what a pipeline would, is taken apart. */
export function harmless(line: string, most = MOST_CHARACTERS): string {
  const shown = line
    .replaceAll("\t", " ")
    .replace(UNPRINTABLE, escaped)
    .replace(CLIENT_SECRET, "(a client secret, left out)")
    .replace(LOGGING_COMMAND, "# #")
    .replace(WORKFLOW_COMMAND, "$1: ");
  if (shown.length <= most) return shown;
  // Half a character at the cut is no character.
  return `${shown.slice(0, most).replace(/\p{Cs}$/u, "")}… (${shown.length - most} characters more)`;
}

/** Several lines of others; their ends stay. */
export function harmlessLines(text: string): string {
  return text
    .split(/\r?\n/)
    .map((line) => harmless(line))
    .join("\n");
}

/** Every text in a value of others, its keys left alone. */
export function harmlessValue<T>(value: T): T {
  if (typeof value === "string") return harmlessLines(value) as T;
  if (Array.isArray(value)) return value.map((one: unknown) => harmlessValue(one)) as T;
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, inner]) => [key, harmlessValue(inner as unknown)]),
  ) as T;
}

/** Makes a stream harmless, line by line: a command may come in two pieces. */
export class HarmlessStream {
  private rest = "";

  constructor(private readonly write: (text: string) => void) {}

  /** Takes the next piece; whole lines go on. */
  push(text: string): void {
    const lines = `${this.rest}${text}`.split("\n");
    this.rest = lines.pop() ?? "";
    for (const line of lines) this.write(`${harmless(line.replace(/\r$/, ""))}\n`);
  }

  /** Lets go what came after the last whole line. */
  end(): void {
    if (this.rest !== "") this.write(harmless(this.rest));
    this.rest = "";
  }
}

function escaped(character: string): string {
  const code = character.codePointAt(0) ?? 0;
  return code > 0xffff ? `\\u{${code.toString(16)}}` : `\\u${code.toString(16).padStart(4, "0")}`;
}
