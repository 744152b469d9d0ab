// The mistake: no end date, so that Graph takes two years.
import { ApplicationPassword } from "@pulumi/azuread/applicationPassword";
import { application } from "./parts";

new ApplicationPassword("password", { applicationId: application().id, displayName: "archive" });
