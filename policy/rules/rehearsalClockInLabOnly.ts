// A clock that can be moved decides when secrets go; outside the lab it must be the machine's.
// What makes a lab is the pack's setting lab, which the rehearsal gives and no pipeline does.
import { z } from "zod";
import { isCredential } from "../kinds";
import { read } from "../reading";
import { defineRule } from "../rule";

export const rehearsalClockInLabOnly = defineRule({
  id: "rehearsalClockInLabOnly",
  severity: "critical",
  level: "mandatory",
  fault: "The clock must be overridden on the lab only.",
  remedy: "Remove rehearsalClock from Pulumi.<stack>.yaml.",
  config: z.object({}),
  resource(subject, { lab, found }) {
    if (isCredential(subject) && !lab && read(subject, "rehearsalClock") === true) {
      found(subject, "rehearsalClock must be false outside the lab");
    }
  },
});
