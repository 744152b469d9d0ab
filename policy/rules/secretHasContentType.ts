// Who finds a secret must be able to tell what it is without reading it.
import { z } from "zod";
import { contentTypeOf } from "../facts/vault-secrets";
import { isVaultSecret } from "../kinds";
import { defineRule } from "../rule";

export const secretHasContentType = defineRule({
  id: "secretHasContentType",
  severity: "low",
  level: "advisory",
  fault: "A Key Vault secret must have a content type.",
  remedy: "Give properties.contentType, such as text/plain.",
  config: z.object({}),
  resource(subject, { found }) {
    if (isVaultSecret(subject) && contentTypeOf(subject) === undefined) {
      found(subject, "a content type must be given, but is not");
    }
  },
});
