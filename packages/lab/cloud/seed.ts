// Who and what is in the tenant when the lab starts: constants for every id, and the deploying identity's secret.
import { addPassword } from "./credentials";
import type { Directory } from "./directory";
import { grantAppRole } from "./mutations";
import { ARM_CLIENT_ID, GRAPH_CLIENT_ID, VAULT_CLIENT_ID } from "./resources";
import { GRAPH_APP_ROLES } from "./seed-roles";
import { seedUsers } from "./seed-users";

export const TENANT_ID = "7d3c5e2a-8f14-4b6c-9a57-0e1d2c3b4a59";
export const TENANT_NAME = "Keyturn Lab";
export const TENANT_DOMAIN = "keyturnlab.onmicrosoft.com";
export const SUBSCRIPTION_ID = "5b1f8c44-27d0-4c39-8e65-91a7f3d2b6c8";
export const RESOURCE_GROUP = "keyturn-lab";
export const GRAPH_OBJECT_ID = "31092f5a-514c-4a98-96ac-c2ba71e16a40";
export const ARM_OBJECT_ID = "8c1b9f7e-63d2-4d0a-b4f8-27e5a1c90d36";
export const VAULT_OBJECT_ID = "e2f4a6b8-1c3d-4e5f-8a7b-9c0d1e2f3a4b";
export const MICROSOFT_TENANT_ID = "f8cdef31-a31e-4b4a-93e4-5f571e91255a";

export const DEPLOYER_CLIENT_ID = "a4d7b3e9-52c8-4f16-8b0d-6e9f1a2c7d35";
export const DEPLOYER_APPLICATION_OBJECT_ID = "c9e2f5a1-7b84-4d63-9f20-3a8d6c1e5b47";
export const DEPLOYER_OBJECT_ID = "f1a6d8c3-94b7-4e52-a038-5c7e2d9b4f61";

/** The least Graph application permissions that the azuread provider's documentation names for our resources. */
export const DEPLOYER_GRAPH_ROLES = [
  "Application.Read.All",
  "Application.ReadWrite.OwnedBy",
  "AppRoleAssignment.ReadWrite.All",
  "Group.Create",
  "Group.Read.All",
] as const;

export interface Seed {
  readonly deployer: {
    readonly clientId: string;
    readonly servicePrincipalObjectId: string;
    readonly applicationObjectId: string;
    readonly clientSecret: string;
    readonly keyId: string;
  };
}

/** Made long before the lab starts, so that no consistency setting hides it. */
export function seedDirectory(directory: Directory): Seed {
  seedMicrosoft(directory);
  seedUsers(directory, TENANT_DOMAIN);
  const application = directory.createApplication(
    { displayName: "keyturn-deployer", signInAudience: "AzureADMyOrg" },
    { clientId: DEPLOYER_CLIENT_ID, applicationObjectId: DEPLOYER_APPLICATION_OBJECT_ID },
  );
  const principal = directory.createServicePrincipal(
    DEPLOYER_CLIENT_ID,
    { displayName: "keyturn-deployer", accountEnabled: true },
    { servicePrincipalObjectId: DEPLOYER_OBJECT_ID },
  );
  for (const role of DEPLOYER_GRAPH_ROLES) grantAppRole(directory, DEPLOYER_CLIENT_ID, role);
  const issued = addPassword(directory, application, {
    displayName: "lab",
    startDateTime: "2020-01-01T00:00:00Z",
    endDateTime: "2099-12-31T00:00:00Z",
  });
  const password = { ...issued, acceptedFrom: 0, acceptedEverywhereFrom: 0 };
  application.passwords.splice(0, 1, password);
  return {
    deployer: {
      clientId: DEPLOYER_CLIENT_ID,
      servicePrincipalObjectId: principal.servicePrincipalObjectId,
      applicationObjectId: application.applicationObjectId,
      clientSecret: password.value,
      keyId: password.keyId,
    },
  };
}

function seedMicrosoft(directory: Directory): void {
  const principals = [
    {
      clientId: GRAPH_CLIENT_ID,
      servicePrincipalObjectId: GRAPH_OBJECT_ID,
      displayName: "Microsoft Graph",
    },
    {
      clientId: ARM_CLIENT_ID,
      servicePrincipalObjectId: ARM_OBJECT_ID,
      displayName: "Windows Azure Service Management API",
    },
    {
      clientId: VAULT_CLIENT_ID,
      servicePrincipalObjectId: VAULT_OBJECT_ID,
      displayName: "Azure Key Vault",
    },
  ];
  for (const { clientId, servicePrincipalObjectId, displayName } of principals) {
    directory.createServicePrincipal(
      clientId,
      { displayName, accountEnabled: true, appOwnerOrganizationId: MICROSOFT_TENANT_ID },
      {
        servicePrincipalObjectId,
        firstParty: true,
        appRoles: clientId === GRAPH_CLIENT_ID ? GRAPH_APP_ROLES : [],
      },
    );
  }
}
