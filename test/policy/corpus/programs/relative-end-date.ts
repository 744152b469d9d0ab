// The mistake: a relative end date, which the provider ignores.
import { ApplicationPassword } from "@pulumi/azuread/applicationPassword";
import { application } from "./parts";

const applicationId = application().id;
// eslint-disable-next-line @typescript-eslint/no-deprecated -- that is the mistake
new ApplicationPassword("password", { applicationId, endDateRelative: "4320h" });
