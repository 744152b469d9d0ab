// A licence group that is replaced or deleted takes every licence in it, and with No_Licence the users' logs, for good.
import { z } from "zod";
import { licenceNames, looksLike } from "../facts/licence-names";
import { isGroup, isLicenceGroups } from "../kinds";
import { ifSeen, isGiven, readText } from "../reading";
import { defineRule } from "../rule";

const UNPROTECTED = "it must be protected, but is not";

export const licenceGroupsProtected = defineRule({
  id: "licenceGroupsProtected",
  severity: "critical",
  level: "mandatory",
  fault: "Licence groups must be protected from deletion.",
  remedy: "Set the option protect.",
  config: z.object(licenceNames),
  resource(subject, { config: { licenceGroup }, found }) {
    const ours = isLicenceGroups(subject) && isGiven(subject, "licenceGroup");
    const parent = isGroup(subject) && readText(subject, "displayName") === licenceGroup;
    if ((ours || parent) && !subject.opts.protect) found(subject, UNPROTECTED);
  },
  stack(subjects, { config: { licenceGroup, licenceMembers }, found, each }) {
    const groups = subjects.filter(isGroup);
    const licences = groups.some((group) =>
      looksLike(ifSeen(() => readText(group, "displayName")) ?? "", licenceGroup),
    );
    if (!licences) return;
    // The parent has been looked at before it was made.
    each(groups, (group) => {
      const name = readText(group, "displayName") ?? "";
      if (licenceMembers.includes(name) && !group.opts.protect) found(group, UNPROTECTED);
    });
  },
});
