// A password inside the Application cannot be rotated beside its successor, and fights with ApplicationPassword.
import { z } from "zod";
import { isApplication } from "../kinds";
import { readKeys } from "../reading";
import { defineRule } from "../rule";

export const passwordNotInline = defineRule({
  id: "passwordNotInline",
  severity: "high",
  level: "mandatory",
  fault: "An Entra application must not hold its password inline.",
  remedy: "Declare an ApplicationPassword for each epoch.",
  config: z.object({}),
  resource(subject, { found }) {
    if (!isApplication(subject)) return;
    for (const key of ["password", "passwords"]) {
      if (readKeys(subject, key).length > 0) found(subject, `${key} must not be given`);
    }
  },
});
