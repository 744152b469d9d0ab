// A vault secret without an expiry is one that nobody is reminded of.
import { z } from "zod";
import { expiryOf } from "../facts/vault-secrets";
import { isVaultSecret } from "../kinds";
import { defineRule } from "../rule";

export const secretHasExpiry = defineRule({
  id: "secretHasExpiry",
  severity: "medium",
  level: "mandatory",
  fault: "A Key Vault secret must expire.",
  remedy: "Give properties.attributes.expires in UNIX seconds; for a password, its own end date.",
  config: z.object({}),
  resource(subject, { found }) {
    if (isVaultSecret(subject) && expiryOf(subject) === undefined) {
      found(subject, "an expiry must be given, but is not");
    }
  },
});
