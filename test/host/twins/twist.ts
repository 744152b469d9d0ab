// A twist: one thing that is otherwise in a situation. A situation is a list of them, so that a smaller one is a shorter list.
import fc from "fast-check";
import type { Scene } from "./scene";

export interface Twist {
  /** What it is about; situations whose smallest cases have the same kinds are told once. */
  readonly kind: string;
  readonly words: string;
  readonly apply: (scene: Scene) => void;
}

/** One of some things, each in words. */
export function oneOf<T>(
  kind: string,
  choices: Readonly<Record<string, T>>,
  apply: (scene: Scene, choice: T) => void,
): fc.Arbitrary<Twist> {
  return fc.constantFrom(...Object.keys(choices)).map((name) => ({
    kind: `${kind}: ${name}`,
    words: `${kind}: ${name}`,
    apply: (scene) => apply(scene, choices[name] as T),
  }));
}

/** The same thing with a value that is drawn. */
export function drawn<T>(
  kind: string,
  values: fc.Arbitrary<T>,
  apply: (scene: Scene, value: T) => void,
): fc.Arbitrary<Twist> {
  return values.map((value) => ({
    kind,
    words: `${kind}: ${shown(value)}`,
    apply: (scene) => apply(scene, value),
  }));
}

function shown(value: unknown): string {
  const text = JSON.stringify(value, (_, part: unknown) =>
    isBuffer(part) ? `bytes ${Buffer.from(part.data).toString("latin1")}` : part,
  );
  return text.length > 160 ? `${text.slice(0, 160)}… (${text.length})` : text;
}

function isBuffer(part: unknown): part is { type: "Buffer"; data: number[] } {
  return typeof part === "object" && part !== null && (part as { type?: string }).type === "Buffer";
}
