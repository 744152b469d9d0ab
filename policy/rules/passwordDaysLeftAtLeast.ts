// An application whose latest password ends soon is one that nobody rotates. Judged by application, so that a retiring
// password may come to its end and a late run may still rotate.
import { z } from "zod";
import { dayText, daysBetween, readInstant } from "../facts/instants";
import { isPassword, sourcesOf } from "../kinds";
import { ifSeen, readText } from "../reading";
import type { StackSubject } from "../rule";
import { defineRule } from "../rule";

export const passwordDaysLeftAtLeast = defineRule({
  id: "passwordDaysLeftAtLeast",
  severity: "high",
  level: "mandatory",
  fault: "Some Entra password of an application must have days left.",
  remedy: "Rotate now; look for why the scheduled run did not.",
  config: z.object({
    minimumDays: z.int().min(0).default(30).describe("Days left of the latest password, at least."),
  }),
  stack(subjects, { config: { minimumDays }, today, found, each }) {
    const byApplication = new Map<string, StackSubject[]>();
    for (const password of subjects.filter(isPassword)) {
      const application = applicationOf(password);
      byApplication.set(application, [...(byApplication.get(application) ?? []), password]);
    }
    for (const passwords of byApplication.values()) {
      each(passwords.slice(0, 1), () => {
        const ends = passwords.flatMap((subject) => {
          const end = readInstant(subject, "endDate");
          return end === undefined ? [] : [{ subject, end }];
        });
        const [latest] = ends.toSorted((a, b) => b.end.toMillis() - a.end.toMillis());
        if (latest === undefined) return;
        const days = daysBetween(today, latest.end);
        if (days >= minimumDays) return;
        const left = days < 0 ? `it ended on ${dayText(latest.end)}` : `it has ${days}`;
        found(
          latest.subject,
          `the latest password must have ${minimumDays} days left, but ${left}`,
        );
      });
    }
  },
});

function applicationOf(password: StackSubject): string {
  const [source] = sourcesOf(password, "applicationId", "servicePrincipalId");
  const known = ["applicationId", "servicePrincipalId"].map((key) =>
    ifSeen(() => readText(password, key)),
  );
  return source?.urn ?? known.find((id) => id !== undefined) ?? password.urn;
}
