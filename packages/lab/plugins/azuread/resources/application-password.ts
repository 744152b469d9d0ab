// azuread.ApplicationPassword: one client secret of an application.
import { PASSWORD_INTERVAL_SECONDS } from "../consistency";
import { applicationName } from "../ids";
import { resourceId } from "../validators";
import { definePassword } from "./password";

export const applicationPassword = definePassword({
  terraformType: "azuread_application_password",
  holderInput: "applicationId",
  validateHolder: resourceId("Application", "applications"),
  collection: "applications",
  holderName: applicationName,
  createMinutes: 15,
  createIntervalSeconds: PASSWORD_INTERVAL_SECONDS,
});
