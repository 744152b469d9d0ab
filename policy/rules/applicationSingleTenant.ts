// An application that another tenant can sign in to is a door that nobody here guards.
import { z } from "zod";
import { isApplication } from "../kinds";
import { readText } from "../reading";
import { defineRule } from "../rule";

export const applicationSingleTenant = defineRule({
  id: "applicationSingleTenant",
  severity: "high",
  level: "mandatory",
  fault: "An Entra application must be for its own tenant.",
  remedy: "Set signInAudience to AzureADMyOrg.",
  config: z.object({
    audiences: z
      .array(z.string())
      .default(["AzureADMyOrg"])
      .describe("Values of signInAudience that are allowed."),
  }),
  resource(subject, { config: { audiences }, found }) {
    if (!isApplication(subject)) return;
    // Absent means AzureADMyOrg to the provider.
    const audience = readText(subject, "signInAudience") ?? "AzureADMyOrg";
    if (!audiences.includes(audience)) {
      found(subject, `signInAudience must be ${audiences.join(" or ")}, but is not`);
    }
  },
});
