// The pipelines' identity: an application without a secret, for which the jobs' own identity tokens stand, and its consents.
import { AppRoleAssignment } from "@pulumi/azuread/appRoleAssignment";
import { Application } from "@pulumi/azuread/application";
import { ApplicationFederatedIdentityCredential } from "@pulumi/azuread/applicationFederatedIdentityCredential";
import { getServicePrincipalOutput } from "@pulumi/azuread/getServicePrincipal";
import { ServicePrincipal } from "@pulumi/azuread/servicePrincipal";

/** Of Microsoft Graph, as docs/rights.md of Keyturn lists them; with AuditLog.Read.All the sign-in log is read too. */
export const GRAPH_ROLES = [
  "Application.Read.All",
  "Application.ReadWrite.OwnedBy",
  "AppRoleAssignment.ReadWrite.All",
  "Group.Create",
  "Group.Read.All",
];

const GRAPH = "00000003-0000-0000-c000-000000000000";
const GITHUB = "https://token.actions.githubusercontent.com";
const AUDIENCE = "api://AzureADTokenExchange";

/** Whose token stands for the identity; Entra compares both to the letter. */
export interface TrustedJob {
  readonly name: string;
  readonly issuer: string;
  readonly subject: string;
}

export interface Systems {
  /** "owner/repository" */
  readonly gitHubRepository: string | undefined;
  /** On GitHub each stack's job runs in an environment of the stack's name. */
  readonly stacks: readonly string[];
  /** As the service connection's page shows both. */
  readonly azureIssuer: string | undefined;
  readonly azureSubject: string | undefined;
}

/** @throws Error that says what is missing */
export function trustedJobs(systems: Systems): TrustedJob[] {
  const { gitHubRepository, stacks, azureIssuer, azureSubject } = systems;
  if ((azureIssuer === undefined) !== (azureSubject === undefined)) {
    throw new Error("azureIssuer and azureSubject belong together; one of them is not set.");
  }
  const gitHub =
    gitHubRepository === undefined
      ? []
      : stacks.map((stack) => ({
          name: `github-${stack}`,
          issuer: GITHUB,
          subject: `repo:${gitHubRepository}:environment:${stack}`,
        }));
  const azure =
    azureIssuer === undefined || azureSubject === undefined
      ? []
      : [{ name: "azure-pipelines", issuer: azureIssuer, subject: azureSubject }];
  const jobs = [...gitHub, ...azure];
  if (jobs.length > 0) return jobs;
  throw new Error("Nobody could sign in: set gitHubRepository, or azureIssuer and azureSubject.");
}

export function pipelineIdentity(
  displayName: string,
  jobs: readonly TrustedJob[],
  graphRoles: readonly string[],
): { application: Application; principal: ServicePrincipal } {
  const graph = getServicePrincipalOutput({ clientId: GRAPH });
  const roleId = (role: string) =>
    graph.appRoleIds.apply((ids) => {
      const found = ids[role];
      if (found === undefined) throw new Error(`Microsoft Graph has no permission ${role}.`);
      return found;
    });
  const application = new Application("pipeline", {
    displayName,
    signInAudience: "AzureADMyOrg",
    requiredResourceAccesses: [
      {
        resourceAppId: GRAPH,
        resourceAccesses: graphRoles.map((role) => ({ id: roleId(role), type: "Role" })),
      },
    ],
  });
  const principal = new ServicePrincipal("pipeline", { clientId: application.clientId });
  for (const { name, issuer, subject } of jobs) {
    new ApplicationFederatedIdentityCredential(name, {
      applicationId: application.id,
      displayName: name,
      issuer,
      subject,
      audiences: [AUDIENCE],
    });
  }
  for (const role of graphRoles) {
    new AppRoleAssignment(role, {
      appRoleId: roleId(role),
      principalObjectId: principal.objectId,
      resourceObjectId: graph.objectId,
    });
  }
  return { application, principal };
}
