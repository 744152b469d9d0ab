// Which situations are drawn: a few twists each. Most are looked at by check, or refused: an apply costs ten times as much.
import fc from "fast-check";
import { applyTwists, hostTwists, sessionTwists } from "./host-twists";
import { inputTwists } from "./input-twists";
import type { Twist } from "./twist";

const check: Twist = {
  kind: "check",
  words: "the mode is check",
  apply: (scene) => void (scene.mode = "check"),
};

const some = (twists: readonly fc.Arbitrary<Twist>[], least: number, most: number) =>
  fc.array(fc.oneof(...twists), { minLength: least, maxLength: most });

/** A situation: check mode for most, then what is otherwise. */
export const situations: fc.Arbitrary<readonly Twist[]> = fc.oneof(
  { weight: 8, arbitrary: some(hostTwists, 1, 4).map((twists) => [check, ...twists]) },
  { weight: 6, arbitrary: some(inputTwists, 1, 3).map((twists) => [check, ...twists]) },
  {
    weight: 2,
    arbitrary: some([...inputTwists, ...hostTwists], 1, 4).map((twists) => [check, ...twists]),
  },
  { weight: 2, arbitrary: some([...hostTwists, ...applyTwists], 1, 3) },
  {
    weight: 1,
    arbitrary: fc
      .tuple(some(sessionTwists, 1, 2), some(hostTwists, 0, 2))
      .map(([session, twists]) => [check, ...session, ...twists]),
  },
);
