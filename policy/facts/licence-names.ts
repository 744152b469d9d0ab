// The groups by which Secure Exchanges gives licences, byte for byte as the vendor's help page writes them.
import { z } from "zod";
import { isGroup } from "../kinds";
import { ifSeen, readText } from "../reading";
import type { StackSubject } from "../rule";

export const licenceNames = {
  licenceGroup: z
    .string()
    .default("SecureExchanges_Licences")
    .describe("Display name of the parent group."),
  licenceMembers: z
    .array(z.string())
    .default(["Advanced", "Eco", "No_Licence", "Pro"])
    .describe("Display names of its member groups."),
};

/** The same name to a person who does not look closely. */
export function looksLike(name: string, wanted: string): boolean {
  const loose = (text: string): string => text.toLowerCase().replaceAll(/[^a-z0-9]/g, "");
  return loose(name) === loose(wanted);
}

/**
 * The groups of a stack that has the parent group or one that looks like it; none of another stack, where "Pro" and
 * "Eco" may be anything.
 */
export function groupsWithLicences(
  subjects: readonly StackSubject[],
  licenceGroup: string,
): StackSubject[] {
  const groups = subjects.filter(isGroup);
  const isParent = (group: StackSubject): boolean =>
    looksLike(ifSeen(() => readText(group, "displayName")) ?? "", licenceGroup);
  return groups.some(isParent) ? groups : [];
}
