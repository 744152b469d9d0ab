// The cultures that PowerShell is held to: what .NET makes of numbers, dates and letters changes with them, what the scripts
// write must not. A shell has none; on Windows a culture is the account's, not the environment's.
import { ALL_SHELLS, type Interpreter } from "./interpreters";

/** Each with what it has of its own. */
const CULTURES = [
  "tr-TR", // a dotless i: "FILE" in lower case is no "file"
  "ar-SA", // the calendar of Umm al-Qura, another decimal sign, right to left
  "th-TH", // the Buddhist calendar, 543 years ahead
  "fr-CA", // a decimal comma, "3 h 30 min" for a time
  "fa-IR", // the Persian calendar, another decimal sign, right to left
] as const;

/** One pass over a table of cases on an interpreter: its cases are dealt in turn among the cultures that the pass has. */
export class Pass {
  constructor(private readonly interpreters: readonly Interpreter[]) {}

  /** For titles. */
  get name(): string {
    const { name, culture } = this.of(0);
    return this.interpreters.length > 1 || culture === undefined
      ? name
      : `${name} under ${culture}`;
  }

  get absent(): string | undefined {
    return this.of(0).absent;
  }

  /** Who has the case of an index. */
  of(index: number): Interpreter {
    const found = this.interpreters[index % this.interpreters.length];
    if (found === undefined) throw new Error("A pass has at least one interpreter.");
    return found;
  }

  /** What the title of a case adds where the pass has several cultures. */
  culture(index: number): string {
    const { culture } = this.of(index);
    return this.interpreters.length > 1 && culture !== undefined ? ` (under ${culture})` : "";
  }
}

/** One pass in which PowerShell has every culture and none; `npm run test:host` has a whole one for each. */
export function passesOf(interpreter: Interpreter): readonly Pass[] {
  if (interpreter.language !== "PowerShell" || process.platform === "win32")
    return [new Pass([interpreter])];
  const all = [interpreter, ...CULTURES.map((culture) => under(culture, interpreter))];
  return ALL_SHELLS ? all.map((one) => new Pass([one])) : [new Pass(all)];
}

function under(culture: string, interpreter: Interpreter): Interpreter {
  return {
    ...interpreter,
    culture,
    environment: { LC_ALL: `${culture.replace("-", "_")}.UTF-8` },
  };
}
