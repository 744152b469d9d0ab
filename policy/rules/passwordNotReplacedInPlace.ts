// rotateWhenChanged removes the predecessor in the run that makes the successor: no overlap, no proof, no way back.
import { z } from "zod";
import { isPassword } from "../kinds";
import { isGiven } from "../reading";
import { defineRule } from "../rule";

export const passwordNotReplacedInPlace = defineRule({
  id: "passwordNotReplacedInPlace",
  severity: "high",
  level: "mandatory",
  fault: "An Entra password must not be replaced in place by a clock or a trigger.",
  remedy:
    "Give each epoch a resource of its own; remove the former one only after its successor is proven at the service.",
  config: z.object({}),
  resource(subject, { found }) {
    if (isPassword(subject) && isGiven(subject, "rotateWhenChanged")) {
      found(subject, "rotateWhenChanged must not be given: the predecessor goes in the same run");
    }
  },
});
