// An Entra password without an end date gets Graph's own: two years.
import { z } from "zod";
import { isPassword } from "../kinds";
import { readText } from "../reading";
import { defineRule } from "../rule";

export const passwordHasEndDate = defineRule({
  id: "passwordHasEndDate",
  severity: "high",
  level: "mandatory",
  fault: "An Entra password must have an end date.",
  remedy: "Give endDate, a pure function of the epoch; without it Graph takes two years.",
  config: z.object({}),
  resource(subject, { found }) {
    if (isPassword(subject) && readText(subject, "endDate") === undefined) {
      found(subject, "endDate must be given, but is not");
    }
  },
});
