// Secure Exchanges finds its licence groups by name, byte for byte; a name that only looks right gives no licence.
import { z } from "zod";
import { groupsWithLicences, licenceNames, looksLike } from "../facts/licence-names";
import { isLicenceGroups } from "../kinds";
import { readIndices, readText } from "../reading";
import { defineRule } from "../rule";

export const licenceGroupsExact = defineRule({
  id: "licenceGroupsExact",
  severity: "high",
  level: "mandatory",
  fault: "Licence groups must have the product's names, byte for byte.",
  remedy: "Take the names from the vendor's help page.",
  config: z.object(licenceNames),
  resource(subject, { config, found }) {
    if (!isLicenceGroups(subject)) return;
    const parent = readText(subject, "licenceGroup");
    if (parent === undefined) return;
    const members = readIndices(subject, "licenceMembers").map((index) =>
      readText(subject, "licenceMembers", index),
    );
    const given = [parent, ...members.toSorted()];
    const wanted = [config.licenceGroup, ...config.licenceMembers.toSorted()];
    if (given.join("\n") !== wanted.join("\n")) {
      found(subject, `the names must be ${wanted.join(", ")}, but are not`);
    }
  },
  stack(subjects, { config: { licenceGroup, licenceMembers }, found, each }) {
    each(groupsWithLicences(subjects, licenceGroup), (group) => {
      const name = readText(group, "displayName") ?? "";
      const wanted = [licenceGroup, ...licenceMembers].find((each) => looksLike(name, each));
      if (wanted !== undefined && wanted !== name) {
        found(group, `the name must be ${wanted}, got ${name}`);
      }
    });
  },
});
