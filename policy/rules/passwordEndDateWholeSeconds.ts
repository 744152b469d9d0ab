// The provider stores an end date without its fraction, so a fraction is a difference, and a new password, in each run.
import { z } from "zod";
import { isPassword } from "../kinds";
import { readText } from "../reading";
import { defineRule } from "../rule";

const WHOLE_SECONDS = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(Z|[+-]\d{2}:\d{2})$/;

export const passwordEndDateWholeSeconds = defineRule({
  id: "passwordEndDateWholeSeconds",
  severity: "medium",
  level: "mandatory",
  fault: "An Entra password's end date must be in whole seconds.",
  remedy: "Write it as 2027-05-01T00:00:00Z; with a fraction it is replaced in every run.",
  config: z.object({}),
  resource(subject, { found }) {
    if (!isPassword(subject)) return;
    const text = readText(subject, "endDate");
    if (text !== undefined && !WHOLE_SECONDS.test(text)) {
      found(subject, `endDate must be YYYY-MM-DDTHH:MM:SSZ, got ${shown(text)}`);
    }
  },
});

/** An end date is no secret; anything that is not made of a date's characters is not shown. */
function shown(text: string): string {
  return /^[\dTZ:.+-]{1,40}$/.test(text) ? text : "a text that is no instant";
}
