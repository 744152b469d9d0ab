// Names for pets: adverbs, one adjective, one animal. The plugin's own lists are longer.
import type { Source } from "./source";

const ADVERBS = ["firmly", "gently", "briefly", "calmly", "kindly", "neatly", "really", "widely"];
const ADJECTIVES = [
  "social",
  "brave",
  "clever",
  "eager",
  "fond",
  "gentle",
  "keen",
  "quiet",
  "sunny",
];
const ANIMALS = [
  "coral",
  "badger",
  "cricket",
  "donkey",
  "finch",
  "gecko",
  "heron",
  "otter",
  "wren",
];

export function petWords(length: number, source: Source): string[] {
  const one = (list: readonly string[]): string => list[source(list.length)] ?? "";
  return Array.from({ length }, (_, index) => {
    if (index === length - 1) return one(ANIMALS);
    return one(index === length - 2 ? ADJECTIVES : ADVERBS);
  });
}
