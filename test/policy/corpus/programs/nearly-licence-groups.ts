// The mistake: a licence group whose name only looks right.
import { Group } from "@pulumi/azuread/group";

for (const displayName of ["SecureExchanges_Licences", "No_Licence", "pro"]) {
  new Group(displayName, { displayName, securityEnabled: true }, { protect: true });
}
