// The vault's expiry is what Azure reminds of; another one than the password's reminds on the wrong day.
import { z } from "zod";
import { readInstant } from "../facts/instants";
import { expiryOf, passwordsIn } from "../facts/vault-secrets";
import { isVaultSecret } from "../kinds";
import { defineRule } from "../rule";

const text = (seconds: number): string =>
  new Date(seconds * 1000).toISOString().replace(".000Z", "Z");

export const secretExpiryMatchesPassword = defineRule({
  id: "secretExpiryMatchesPassword",
  severity: "medium",
  level: "mandatory",
  fault: "A Key Vault secret that holds an Entra password must expire when the password does.",
  remedy: "Compute both from the same end date.",
  config: z.object({}),
  stack(subjects, { found, each }) {
    each(subjects.filter(isVaultSecret), (subject) => {
      const passwords = passwordsIn(subject);
      if (passwords.length === 0) return;
      const expires = expiryOf(subject)?.toUnixInteger();
      if (expires === undefined) return;
      const ends = passwords.flatMap((password) => {
        const end = readInstant(password, "endDate")?.toUnixInteger();
        return end === undefined ? [] : [{ password, end }];
      });
      const [first] = ends;
      if (first === undefined || ends.some(({ end }) => end === expires)) return;
      const { password, end } = first;
      found(
        subject,
        `it must expire at ${text(end)} with ${password.name}, but does at ${text(expires)}`,
      );
    });
  },
});
