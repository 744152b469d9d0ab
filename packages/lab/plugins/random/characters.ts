// Random text out of chosen kinds of characters, with a least number of each.
import { shuffled, type Source } from "./source";

const SPECIAL = "!@#$%&*()-_=+[]{}<>:?";

export interface TextRule {
  readonly length: number;
  readonly lower: boolean;
  readonly numeric: boolean;
  readonly special: boolean;
  readonly upper: boolean;
  readonly minLower: number;
  readonly minNumeric: number;
  readonly minSpecial: number;
  readonly minUpper: number;
  readonly overrideSpecial?: string | undefined;
}

export function randomText(rule: TextRule, source: Source): string {
  const special = rule.overrideSpecial ?? SPECIAL;
  const kinds = [
    { characters: "abcdefghijklmnopqrstuvwxyz", wanted: rule.lower, least: rule.minLower },
    { characters: "0123456789", wanted: rule.numeric, least: rule.minNumeric },
    { characters: special, wanted: rule.special, least: rule.minSpecial },
    { characters: "ABCDEFGHIJKLMNOPQRSTUVWXYZ", wanted: rule.upper, least: rule.minUpper },
  ];
  const any = kinds.map((kind) => (kind.wanted ? kind.characters : "")).join("");
  const needed = kinds.flatMap((kind) => pick(kind.characters, kind.least, source));
  return shuffled([...needed, ...pick(any, rule.length - needed.length, source)], source).join("");
}

function pick(characters: string, count: number, source: Source): string[] {
  return Array.from({ length: Math.max(0, count) }, () =>
    characters.charAt(source(characters.length)),
  );
}
