// What Graph takes in the body of each write: the writable properties and their types.
import { z } from "zod";

const text = z.string().nullable();
const flag = z.boolean().nullable();
const guid = z.guid();
const texts = z.array(z.string());
const instant = z.iso.datetime({ offset: true });
const bound = z.array(z.string());

const permissionScope = z.strictObject({
  adminConsentDescription: text.optional(),
  adminConsentDisplayName: text.optional(),
  id: guid,
  isEnabled: flag.optional(),
  origin: text.optional(),
  type: text.optional(),
  userConsentDescription: text.optional(),
  userConsentDisplayName: text.optional(),
  value: text.optional(),
});

const appRole = z.strictObject({
  allowedMemberTypes: texts,
  description: z.string(),
  displayName: z.string(),
  id: guid,
  isEnabled: flag.optional(),
  origin: text.optional(),
  value: text.optional(),
});

/** The writable properties of an application. */
export const Application = z.strictObject({
  addIns: z.array(z.unknown()).optional(),
  api: z
    .strictObject({
      acceptMappedClaims: flag.optional(),
      knownClientApplications: z.array(guid).optional(),
      oauth2PermissionScopes: z.array(permissionScope).optional(),
      preAuthorizedApplications: z.array(z.unknown()).optional(),
      requestedAccessTokenVersion: z
        .union([z.literal(1), z.literal(2)])
        .nullable()
        .optional(),
    })
    .optional(),
  appRoles: z.array(appRole).optional(),
  defaultRedirectUri: text.optional(),
  description: text.optional(),
  displayName: z.string().min(1).max(256).optional(),
  groupMembershipClaims: text.optional(),
  identifierUris: texts.optional(),
  info: z
    .strictObject({
      logoUrl: text.optional(),
      marketingUrl: text.optional(),
      privacyStatementUrl: text.optional(),
      supportUrl: text.optional(),
      termsOfServiceUrl: text.optional(),
    })
    .optional(),
  isDeviceOnlyAuthSupported: flag.optional(),
  isFallbackPublicClient: flag.optional(),
  keyCredentials: z.array(z.unknown()).optional(),
  notes: text.optional(),
  oauth2RequirePostResponse: flag.optional(),
  optionalClaims: z
    .strictObject({
      accessToken: z.array(z.unknown()).optional(),
      idToken: z.array(z.unknown()).optional(),
      saml2Token: z.array(z.unknown()).optional(),
    })
    .nullable()
    .optional(),
  "owners@odata.bind": bound.optional(),
  parentalControlSettings: z.unknown().optional(),
  passwordCredentials: z.array(z.unknown()).optional(),
  publicClient: z.strictObject({ redirectUris: texts.optional() }).optional(),
  requiredResourceAccess: z
    .array(
      z.strictObject({
        resourceAccess: z.array(z.strictObject({ id: guid, type: z.enum(["Role", "Scope"]) })),
        resourceAppId: guid,
      }),
    )
    .optional(),
  samlMetadataUrl: text.optional(),
  serviceManagementReference: text.optional(),
  servicePrincipalLockConfiguration: z.unknown().optional(),
  signInAudience: z
    .enum([
      "AzureADMyOrg",
      "AzureADMultipleOrgs",
      "AzureADandPersonalMicrosoftAccount",
      "PersonalMicrosoftAccount",
    ])
    .optional(),
  spa: z.strictObject({ redirectUris: texts.optional() }).optional(),
  tags: texts.optional(),
  tokenEncryptionKeyId: guid.nullable().optional(),
  web: z
    .strictObject({
      homePageUrl: text.optional(),
      implicitGrantSettings: z
        .strictObject({
          enableAccessTokenIssuance: flag.optional(),
          enableIdTokenIssuance: flag.optional(),
        })
        .optional(),
      logoutUrl: text.optional(),
      redirectUriSettings: z.array(z.unknown()).optional(),
      redirectUris: texts.optional(),
    })
    .optional(),
});

export const ServicePrincipal = z.strictObject({
  accountEnabled: flag.optional(),
  addIns: z.array(z.unknown()).optional(),
  alternativeNames: texts.optional(),
  appId: guid.optional(),
  appRoleAssignmentRequired: flag.optional(),
  description: text.optional(),
  displayName: z.string().optional(),
  homepage: text.optional(),
  keyCredentials: z.array(z.unknown()).optional(),
  loginUrl: text.optional(),
  logoutUrl: text.optional(),
  notes: text.optional(),
  notificationEmailAddresses: texts.optional(),
  "owners@odata.bind": bound.optional(),
  passwordCredentials: z.array(z.unknown()).optional(),
  preferredSingleSignOnMode: text.optional(),
  preferredTokenSigningKeyThumbprint: text.optional(),
  replyUrls: texts.optional(),
  samlSingleSignOnSettings: z.strictObject({ relayState: text.optional() }).nullable().optional(),
  servicePrincipalNames: texts.optional(),
  servicePrincipalType: text.optional(),
  tags: texts.optional(),
  tokenEncryptionKeyId: guid.nullable().optional(),
});

export const Group = z.strictObject({
  allowExternalSenders: flag.optional(),
  autoSubscribeNewMembers: flag.optional(),
  classification: text.optional(),
  description: text.optional(),
  displayName: z.string().min(1).max(256).optional(),
  groupTypes: texts.optional(),
  hideFromAddressLists: flag.optional(),
  hideFromOutlookClients: flag.optional(),
  isAssignableToRole: flag.optional(),
  mailEnabled: z.boolean().optional(),
  mailNickname: z
    .string()
    .max(64)
    .regex(/^[\x21\x23-\x27\x2A\x2B\x2D-\x39\x3D\x3F\x41-\x5A\x5E-\x7E]+$/)
    .optional(),
  "members@odata.bind": bound.optional(),
  membershipRule: text.optional(),
  membershipRuleProcessingState: text.optional(),
  "owners@odata.bind": bound.optional(),
  preferredDataLocation: text.optional(),
  preferredLanguage: text.optional(),
  resourceBehaviorOptions: texts.optional(),
  resourceProvisioningOptions: texts.optional(),
  securityEnabled: z.boolean().optional(),
  theme: text.optional(),
  uniqueName: text.optional(),
  visibility: text.optional(),
  writebackConfiguration: z.unknown().optional(),
});

export const AppRoleAssignment = z.strictObject({
  appRoleId: guid,
  principalId: guid,
  resourceId: guid,
});

export const AddPassword = z.strictObject({
  passwordCredential: z
    .strictObject({
      customKeyIdentifier: text.optional(),
      displayName: text.optional(),
      endDateTime: instant.nullable().optional(),
      startDateTime: instant.nullable().optional(),
    })
    .optional(),
});

export const RemovePassword = z.strictObject({ keyId: guid });

export const FederatedIdentityCredential = z.strictObject({
  name: z.string().min(1).max(120).optional(),
  issuer: z.string().min(1).max(600).optional(),
  subject: z.string().min(1).max(600).optional(),
  audiences: z.array(z.string().min(1).max(600)).length(1).optional(),
  description: text.optional(),
});

export const Reference = z.strictObject({ "@odata.id": z.string() });
