// The part of OData's $filter that the directory understands: eq ne gt ge lt le, in, and or not, startsWith, any.
import { GraphError, unsupportedFilter } from "./errors";

type Value = string | number | boolean | null;
type Scope = Readonly<Record<string, unknown>>;
type Test = (scope: Scope) => boolean;

const TOKEN =
  /\s*(?:(?<text>'(?:[^']|'')*')|(?<date>\d{4}-\d\d-\d\dT[\d:.]+Z?)|(?<number>-?\d+(?:\.\d+)?(?![\w-]))|(?<word>[A-Za-z_][\w/]*)|(?<sign>[(),:]))/y;
const COMPARISONS = new Set(["eq", "ne", "gt", "ge", "lt", "le"]);

export function matchesFilter(filter: string, value: Scope, resource: string): boolean {
  return new Parser(filter, resource).parse()(value);
}

class Parser {
  private readonly tokens: string[];
  private at = 0;

  constructor(
    private readonly filter: string,
    private readonly resource: string,
  ) {
    this.tokens = this.tokenise();
  }

  parse(): Test {
    const test = this.or();
    if (this.at < this.tokens.length) throw this.invalid();
    return test;
  }

  private or(): Test {
    const tests = [this.and()];
    while (this.accept("or")) tests.push(this.and());
    return (scope) => tests.some((test) => test(scope));
  }

  private and(): Test {
    const tests = [this.unary()];
    while (this.accept("and")) tests.push(this.unary());
    return (scope) => tests.every((test) => test(scope));
  }

  private unary(): Test {
    if (this.accept("not")) {
      const test = this.unary();
      return (scope) => !test(scope);
    }
    if (this.accept("(")) {
      const test = this.or();
      this.expect(")");
      return test;
    }
    const name = this.next();
    if (name.toLowerCase() === "startswith" && this.accept("(")) return this.startsWith();
    if (name.toLowerCase().endsWith("/any") && this.accept("(")) return this.any(name);
    return this.comparison(name);
  }

  private startsWith(): Test {
    const name = this.next();
    this.expect(",");
    const start = String(this.literal()).toLowerCase();
    this.expect(")");
    return (scope) => {
      const value = this.property(scope, name);
      return typeof value === "string" && value.toLowerCase().startsWith(start);
    };
  }

  private any(name: string): Test {
    const variable = this.next();
    this.expect(":");
    const test = this.or();
    this.expect(")");
    const path = name.slice(0, -"/any".length);
    return (scope) => {
      const values = this.property(scope, path);
      return (
        Array.isArray(values) &&
        values.some((value: unknown) => test({ ...scope, [variable]: value }))
      );
    };
  }

  private comparison(name: string): Test {
    const operator = this.next().toLowerCase();
    if (operator === "in") {
      this.expect("(");
      const values = [this.literal()];
      while (this.accept(",")) values.push(this.literal());
      this.expect(")");
      return (scope) => values.some((value) => compare("eq", this.property(scope, name), value));
    }
    if (!COMPARISONS.has(operator)) throw this.invalid();
    const value = this.literal();
    return (scope) => compare(operator, this.property(scope, name), value);
  }

  private property(scope: Scope, path: string): unknown {
    let value: unknown = scope;
    for (const part of path.split("/")) {
      if (typeof value !== "object" || value === null) return undefined;
      const key = Object.keys(value).find((one) => one.toLowerCase() === part.toLowerCase());
      if (key === undefined) throw unsupportedFilter(path, this.resource);
      value = (value as Record<string, unknown>)[key];
    }
    return value;
  }

  private literal(): Value {
    const token = this.next();
    if (token.startsWith("'")) return token.slice(1, -1).replaceAll("''", "'");
    if (token === "true" || token === "false") return token === "true";
    if (token === "null") return null;
    if (/^-?\d+(?:\.\d+)?$/.test(token)) return Number(token);
    if (/^\d{4}-/.test(token)) return token;
    throw this.invalid();
  }

  private next(): string {
    const token = this.tokens[this.at++];
    if (token === undefined) throw this.invalid();
    return token;
  }

  private accept(word: string): boolean {
    if (this.tokens[this.at]?.toLowerCase() !== word) return false;
    this.at += 1;
    return true;
  }

  private expect(word: string): void {
    if (!this.accept(word)) throw this.invalid();
  }

  private tokenise(): string[] {
    const tokens: string[] = [];
    TOKEN.lastIndex = 0;
    const text = this.filter.trim();
    while (TOKEN.lastIndex < text.length) {
      const match = TOKEN.exec(text);
      if (match === null) throw this.invalid();
      tokens.push(match[0].trim());
    }
    return tokens;
  }

  private invalid(): GraphError {
    return new GraphError(400, "BadRequest", `Invalid filter clause: ${this.filter}`);
  }
}

/** The directory compares text without case. */
function compare(operator: string, actual: unknown, wanted: Value): boolean {
  const left = comparable(actual);
  const right = comparable(wanted);
  if (operator === "eq") return left === right;
  if (operator === "ne") return left !== right;
  if (left === null || right === null || typeof left !== typeof right) return false;
  if (operator === "gt") return left > right;
  if (operator === "ge") return left >= right;
  return operator === "lt" ? left < right : left <= right;
}

function comparable(value: unknown): Value {
  if (typeof value === "string") {
    return /^\d{4}-\d\d-\d\dT/.test(value) ? Date.parse(value) : value.toLowerCase();
  }
  return typeof value === "number" || typeof value === "boolean" ? value : null;
}
