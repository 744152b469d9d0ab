// The tags by which Microsoft's own rotation function, and a person, find the password behind a vault secret.
import { z } from "zod";
import { passwordsIn, tagNamesOf } from "../facts/vault-secrets";
import { isVaultSecret } from "../kinds";
import { defineRule } from "../rule";

export const secretHasRotationTags = defineRule({
  id: "secretHasRotationTags",
  severity: "low",
  level: "advisory",
  fault: "A Key Vault secret that holds an Entra password must say which one in its tags.",
  remedy: "Set the tags from the password's key id and application.",
  config: z.object({
    tags: z
      .array(z.string())
      .default(["CredentialId", "ProviderAddress", "ValidityPeriodDays"])
      .describe("Names of the tags that must be there."),
  }),
  stack(subjects, { config, found, each }) {
    each(subjects.filter(isVaultSecret), (subject) => {
      if (passwordsIn(subject).length === 0) return;
      const names = tagNamesOf(subject);
      const missing = config.tags.filter((tag) => !names.includes(tag));
      if (missing.length > 0) found(subject, `the tags must hold ${missing.join(", ")}`);
    });
  },
});
