// A licence group that is replaced or deleted takes every licence in it, and with No_Licence the users' logs, for good.
import { z } from "zod";
import { groupsWithLicences, licenceNames } from "../facts/licence-names";
import { isGroup, isLicenceGroups } from "../kinds";
import { isGiven, readText } from "../reading";
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
    // The parent has been looked at before it was made.
    each(groupsWithLicences(subjects, licenceGroup), (group) => {
      const name = readText(group, "displayName") ?? "";
      if (licenceMembers.includes(name) && !group.opts.protect) found(group, UNPROTECTED);
    });
  },
});
