// The pack's own settings: exceptions that are whole and in force, and no override of the day outside the lab.
import { isStack } from "../kinds";
import { defineRule } from "../rule";
import { exceptionSchema, isOver, problemsIn, settingsSchema } from "../settings";

/** Id of the rule whose configuration the pack as a whole reads. */
export const SETTINGS_RULE = "packSettings";

export const packSettings = defineRule({
  id: SETTINGS_RULE,
  severity: "high",
  level: "mandatory",
  fault:
    "The pack's settings must be whole: an exception names rule, resource, reason and end date.",
  remedy: "Mend the pack's configuration, or remove the exception.",
  config: settingsSchema,
  resource(subject, { config, today, rules, found, note }) {
    if (!isStack(subject)) return;
    if (config.today !== "" && !config.lab) found(subject, "today must be given on the lab only");
    for (const [index, given] of config.exceptions.entries()) {
      const parsed = exceptionSchema.safeParse(given);
      if (!parsed.success) {
        const wrong = problemsIn(parsed.error);
        found(subject, `exception ${index + 1} must be whole, but is not (${wrong})`);
        continue;
      }
      const { rule, resource, reason, until } = parsed.data;
      if (!rules.includes(rule)) {
        found(subject, `exception ${index + 1} must name a rule of the pack, got ${rule}`);
      } else if (isOver(parsed.data, today)) {
        found(
          subject,
          `the exception for ${rule} at ${resource} must be in force, but ended on ${until}`,
        );
      } else {
        note(
          subject,
          `exception in force until ${until}: ${rule} at ${resource}, because ${reason}`,
        );
      }
    }
  },
});
