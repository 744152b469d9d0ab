// The mistake: a licence group that a slip deletes.
import { Group } from "@pulumi/azuread/group";

new Group("licences", { displayName: "SecureExchanges_Licences", securityEnabled: true });
