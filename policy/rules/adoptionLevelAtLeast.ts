// By whose word a secret counts as adopted, and the one before it as unused. The log comes hours later, so that a new adoption
// has some days to reach its level: a rule that stopped the run before would keep it from ever asking the log.
import { DateTime } from "luxon";
import { z } from "zod";
import { isCredential } from "../kinds";
import { read, readIndices, readText } from "../reading";
import { defineRule } from "../rule";

/** From the weakest to the strongest. */
const LEVELS = ["people", "host", "log"];

export const adoptionLevelAtLeast = defineRule({
  id: "adoptionLevelAtLeast",
  severity: "medium",
  level: "advisory",
  fault: "A credential's adoption must be proven at the level that is demanded.",
  remedy:
    "Give the consumers their addresses and have Entra's sign-in log readable; the output consumers says of each what was not seen.",
  config: z.object({
    minimum: z
      .enum(["any", "host", "log"])
      .default("any")
      .describe(
        "Whose word it takes: host (the host's proof), log (Entra's sign-in log) or any, which demands nothing.",
      ),
    graceDays: z
      .int()
      .min(0)
      .default(7)
      .describe("Days after an adoption in which it may still reach its level."),
  }),
  stack(subjects, { config: { minimum, graceDays }, today, found, note, each }) {
    if (minimum === "any") return;
    each(subjects.filter(isCredential), (subject) => {
      const unproven = readIndices(subject, "notProvenByLog").flatMap(
        (at) => readText(subject, "notProvenByLog", at) ?? [],
      );
      if (minimum === "log" && unproven.length > 0) {
        found(subject, `the release of ${unproven.join(", ")} is not proven by log`);
      }
      const level = read(subject, "adoptionLevel");
      if (level === undefined) {
        note(subject, "the level of its adoption is recorded by the next update");
        return;
      }
      // Empty while a consumer is not adopted.
      if (typeof level !== "string" || level === "") return;
      if (LEVELS.indexOf(level) >= LEVELS.indexOf(minimum)) return;
      const adoptedOn = readText(subject, "record", "history", "active", "adoptedOn") ?? "";
      const end = DateTime.fromISO(adoptedOn, { zone: "utc" }).plus({ days: graceDays });
      const told = `${minimum} is demanded, but its adoption${adoptedOn && ` of ${adoptedOn}`} is at level ${level}`;
      if (end.isValid && today <= end) note(subject, `${told}; it has until ${end.toISODate()}`);
      else found(subject, told);
    });
  },
});
