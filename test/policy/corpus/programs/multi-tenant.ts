// The mistake: an application for every tenant.
import { application } from "./parts";

application({ signInAudience: "AzureADMultipleOrgs" });
