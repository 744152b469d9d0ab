// The groups by which Secure Exchanges gives licences, byte for byte as the vendor's help page writes them.
import { z } from "zod";

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
