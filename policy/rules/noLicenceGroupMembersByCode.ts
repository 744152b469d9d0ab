// Who has a licence is people's business. A user that code puts into No_Licence loses his logs for good.
import { z } from "zod";
import { groupsWithLicences, licenceNames } from "../facts/licence-names";
import { isGroup, isGroupMember, sourcesOf } from "../kinds";
import { readIndices, readText } from "../reading";
import { defineRule } from "../rule";

export const noLicenceGroupMembersByCode = defineRule({
  id: "noLicenceGroupMembersByCode",
  severity: "critical",
  level: "mandatory",
  fault: "Nobody may be put into a licence group by code.",
  remedy: "Leave the members to people; only the member groups belong to the parent group by code.",
  config: z.object({
    ...licenceNames,
    forbidden: z
      .string()
      .default("No_Licence")
      .describe("Display name of the group whose members lose what they have."),
  }),
  resource(subject, { config: { licenceGroup, forbidden }, found }) {
    if (!isGroup(subject)) return;
    const name = readText(subject, "displayName") ?? "";
    if (![licenceGroup, forbidden].includes(name)) return;
    if (readIndices(subject, "members").length > 0) {
      found(
        subject,
        `members of ${name} must not be given: the list takes out whoever is not in it`,
      );
    }
  },
  stack(subjects, { config: { licenceGroup, licenceMembers, forbidden }, found, each }) {
    const ofLicences = groupsWithLicences(subjects, licenceGroup);
    each(subjects.filter(isGroupMember), (member) => {
      const [group] = sourcesOf(member, "groupObjectId").filter(isGroup);
      if (group === undefined) return;
      const name = readText(group, "displayName") ?? "";
      const person = !sourcesOf(member, "memberObjectId").some(isGroup);
      if (name === forbidden) {
        found(member, `nothing must be put into ${name} by code`);
      } else if (
        person &&
        ofLicences.includes(group) &&
        [licenceGroup, ...licenceMembers].includes(name)
      ) {
        found(member, `no person must be put into ${name} by code`);
      }
    });
  },
});
