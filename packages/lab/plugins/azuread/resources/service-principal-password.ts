// azuread.ServicePrincipalPassword: one secret of a service principal.
import { INTERVAL_SECONDS } from "../consistency";
import { servicePrincipalName } from "../ids";
import { resourceId } from "../validators";
import { definePassword } from "./password";

export const servicePrincipalPassword = definePassword({
  terraformType: "azuread_service_principal_password",
  holderInput: "servicePrincipalId",
  validateHolder: resourceId("Service Principal", "servicePrincipals"),
  collection: "servicePrincipals",
  holderName: servicePrincipalName,
  createMinutes: 5,
  createIntervalSeconds: INTERVAL_SECONDS,
});
