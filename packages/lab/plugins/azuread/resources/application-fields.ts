// The properties of an application.
import { FEATURE_FIELDS } from "../features";
import type { Field, Fields } from "../schema";
import { notEmpty, oneOf, rfc3339, uuid } from "../validators";

const TEXT: Field = { kind: "string", mode: "optional" };
const SWITCH: Field = { kind: "bool", mode: "optional" };
const REQUIRED_TEXT: Field = { kind: "string", mode: "required", validate: notEmpty };
const REQUIRED_ID: Field = { kind: "string", mode: "required", validate: uuid };
const OUTPUT_TEXT: Field = { kind: "string", mode: "computed" };
const OUTPUT_MAP: Field = { kind: "map", mode: "computed" };
const REDIRECT_URIS: Field = { kind: "set", mode: "optional" };

const CLAIM: Fields = {
  additionalProperties: { kind: "list", mode: "optional" },
  essential: SWITCH,
  name: REQUIRED_TEXT,
  source: TEXT,
};

const CLAIMS: Field = { kind: "blocks", mode: "optional", fields: CLAIM };

export const SIGN_IN_AUDIENCE: Field = {
  kind: "string",
  mode: "optional",
  default: "AzureADMyOrg",
  validate: oneOf(
    "AzureADMyOrg",
    "AzureADMultipleOrgs",
    "AzureADandPersonalMicrosoftAccount",
    "PersonalMicrosoftAccount",
  ),
};

const API: Fields = {
  knownClientApplications: { kind: "set", mode: "optional", validate: uuid },
  mappedClaimsEnabled: SWITCH,
  oauth2PermissionScopes: {
    kind: "blocks",
    unordered: true,
    mode: "optional",
    terraformName: "oauth2_permission_scope",
    fields: {
      adminConsentDescription: TEXT,
      adminConsentDisplayName: TEXT,
      enabled: { kind: "bool", mode: "optional", default: true },
      id: REQUIRED_ID,
      type: { kind: "string", mode: "optional", default: "User", validate: oneOf("Admin", "User") },
      userConsentDescription: TEXT,
      userConsentDisplayName: TEXT,
      value: TEXT,
    },
  },
  requestedAccessTokenVersion: { kind: "int", mode: "optional", default: 1 },
};

const APP_ROLE: Fields = {
  allowedMemberTypes: {
    kind: "set",
    mode: "required",
    validate: oneOf("Application", "User"),
  },
  description: REQUIRED_TEXT,
  displayName: REQUIRED_TEXT,
  enabled: { kind: "bool", mode: "optional", default: true },
  id: REQUIRED_ID,
  value: TEXT,
};

const REQUIRED_RESOURCE_ACCESS: Fields = {
  resourceAccesses: {
    kind: "blocks",
    mode: "required",
    terraformName: "resource_access",
    fields: {
      id: REQUIRED_ID,
      type: { kind: "string", mode: "required", validate: oneOf("Role", "Scope") },
    },
  },
  resourceAppId: { kind: "string", mode: "required", validate: uuid },
};

export const APPLICATION_FIELDS: Fields = {
  api: { kind: "block", mode: "optional", fields: API },
  appRoleIds: OUTPUT_MAP,
  appRoles: {
    kind: "blocks",
    unordered: true,
    mode: "optional",
    terraformName: "app_role",
    fields: APP_ROLE,
  },
  clientId: OUTPUT_TEXT,
  description: TEXT,
  deviceOnlyAuthEnabled: SWITCH,
  disabledByMicrosoft: OUTPUT_TEXT,
  displayName: REQUIRED_TEXT,
  fallbackPublicClientEnabled: SWITCH,
  featureTags: {
    kind: "blocks",
    mode: "optional+computed",
    conflictsWith: ["tags"],
    fields: FEATURE_FIELDS,
  },
  groupMembershipClaims: {
    kind: "set",
    mode: "optional",
    validate: oneOf("All", "None", "ApplicationGroup", "DirectoryRole", "SecurityGroup"),
  },
  identifierUris: { kind: "set", mode: "optional" },
  logoImage: TEXT,
  logoUrl: OUTPUT_TEXT,
  marketingUrl: TEXT,
  notes: TEXT,
  oauth2PermissionScopeIds: OUTPUT_MAP,
  oauth2PostResponseRequired: SWITCH,
  objectId: OUTPUT_TEXT,
  optionalClaims: {
    kind: "block",
    mode: "optional",
    fields: { accessTokens: CLAIMS, idTokens: CLAIMS, saml2Tokens: CLAIMS },
  },
  owners: { kind: "set", mode: "optional", validate: uuid },
  password: {
    kind: "block",
    mode: "optional",
    fields: {
      displayName: REQUIRED_TEXT,
      endDate: { kind: "string", mode: "optional+computed", validate: rfc3339 },
      keyId: OUTPUT_TEXT,
      startDate: { kind: "string", mode: "optional+computed", validate: rfc3339 },
      value: { kind: "string", mode: "computed", secret: true },
    },
  },
  preventDuplicateNames: { kind: "bool", mode: "optional", default: false },
  privacyStatementUrl: TEXT,
  publicClient: { kind: "block", mode: "optional", fields: { redirectUris: REDIRECT_URIS } },
  publisherDomain: OUTPUT_TEXT,
  requiredResourceAccesses: {
    kind: "blocks",
    unordered: true,
    mode: "optional",
    terraformName: "required_resource_access",
    fields: REQUIRED_RESOURCE_ACCESS,
  },
  serviceManagementReference: TEXT,
  signInAudience: SIGN_IN_AUDIENCE,
  singlePageApplication: {
    kind: "block",
    mode: "optional",
    fields: { redirectUris: REDIRECT_URIS },
  },
  supportUrl: TEXT,
  tags: { kind: "set", mode: "optional+computed", conflictsWith: ["featureTags"] },
  templateId: { kind: "string", mode: "optional+computed", forceNew: true, validate: uuid },
  termsOfServiceUrl: TEXT,
  web: {
    kind: "block",
    mode: "optional",
    fields: {
      homepageUrl: TEXT,
      implicitGrant: {
        kind: "block",
        mode: "optional",
        fields: { accessTokenIssuanceEnabled: SWITCH, idTokenIssuanceEnabled: SWITCH },
      },
      logoutUrl: TEXT,
      redirectUris: REDIRECT_URIS,
    },
  },
};
