// What cmd.exe and the program behind it make of a command line, as far as a lab's host needs: variables, double quotes, words.
// See "Parsing C command-line arguments" of Microsoft's C++ documentation for the words.

/** What cmd.exe gives a meaning to outside double quotes, and this look-alike does not. */
const OPERATORS = /[&|<>^()]/;

/** A command line that the look-alike does not take, and why. */
export class UnknownToCmd extends Error {}

/**
 * The program and its arguments. Single quotes, `$` and `;` mean nothing; `%NAME%` is put in wherever it stands, also within
 * double quotes, and left as it is where no such variable is set.
 * @throws UnknownToCmd for an operator outside double quotes, and for an empty line
 */
export function wordsOf(
  line: string,
  environment: Readonly<Record<string, string | undefined>>,
): readonly [string, ...string[]] {
  const values = new Map(
    Object.entries(environment).map(([name, value]) => [name.toLowerCase(), value]),
  );
  const expanded = line.replace(
    /%([^%=]+)%/g,
    (whole, name: string) => values.get(name.toLowerCase()) ?? whole,
  );
  const operator = OPERATORS.exec(expanded.replace(/"[^"]*("|$)/g, ""));
  if (operator !== null) {
    throw new UnknownToCmd(
      `cmd.exe gives a meaning of its own to "${operator[0]}" outside double quotes.`,
    );
  }
  const [program, ...args] = words(expanded);
  if (program === undefined) throw new UnknownToCmd("There is no command.");
  return [program, ...args];
}

/** Words apart at blanks outside double quotes; before a quote, two backslashes are one and an odd one makes it a character. */
function words(line: string): string[] {
  const all: string[] = [];
  let word: string | undefined;
  let quoted = false;
  for (const [part] of line.matchAll(/(?:\\*")|\\+|[\s\S]/g)) {
    if (part.endsWith('"')) {
      const backslashes = part.length - 1;
      word = (word ?? "") + "\\".repeat(Math.floor(backslashes / 2));
      if (backslashes % 2 === 1) word += '"';
      else quoted = !quoted;
    } else if (!quoted && /^[ \t]$/.test(part)) {
      if (word !== undefined) all.push(word);
      word = undefined;
    } else {
      word = (word ?? "") + part;
    }
  }
  return word === undefined ? all : [...all, word];
}
