// The azuread provider takes endDateRelative and ignores it (hashicorp/terraform-provider-azuread issue 1424).
import { z } from "zod";
import { isPassword } from "../kinds";
import { isGiven } from "../reading";
import { defineRule } from "../rule";

export const passwordEndDateNotRelative = defineRule({
  id: "passwordEndDateNotRelative",
  severity: "high",
  level: "mandatory",
  fault: "An Entra password must not have a relative end date: the provider ignores it.",
  remedy: "Give endDate in its place.",
  config: z.object({}),
  resource(subject, { found }) {
    if (isPassword(subject) && isGiven(subject, "endDateRelative")) {
      found(subject, "endDateRelative must not be given; Graph's two years hold instead");
    }
  },
});
