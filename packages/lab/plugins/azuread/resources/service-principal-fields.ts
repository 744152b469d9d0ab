// The properties of a service principal.
import { FEATURE_FIELDS } from "../features";
import type { Field, Fields } from "../schema";
import { notEmpty, oneOf, uuid } from "../validators";

const TEXT: Field = { kind: "string", mode: "optional" };
const OUTPUT_TEXT: Field = { kind: "string", mode: "computed" };
const OUTPUT_LIST: Field = { kind: "list", mode: "computed" };
const OUTPUT_MAP: Field = { kind: "map", mode: "computed" };

export const SERVICE_PRINCIPAL_FIELDS: Fields = {
  accountEnabled: { kind: "bool", mode: "optional", default: true },
  alternativeNames: { kind: "set", mode: "optional", validate: notEmpty },
  appRoleAssignmentRequired: { kind: "bool", mode: "optional" },
  appRoleIds: OUTPUT_MAP,
  appRoles: { kind: "blocks", mode: "computed", fields: {} },
  applicationTenantId: OUTPUT_TEXT,
  clientId: { kind: "string", mode: "required", forceNew: true, validate: uuid },
  description: TEXT,
  displayName: OUTPUT_TEXT,
  featureTags: {
    kind: "blocks",
    mode: "optional+computed",
    conflictsWith: ["features", "tags"],
    fields: FEATURE_FIELDS,
  },
  features: {
    kind: "blocks",
    mode: "optional+computed",
    conflictsWith: ["featureTags", "tags"],
    fields: {
      customSingleSignOnApp: { kind: "bool", mode: "optional" },
      enterpriseApplication: { kind: "bool", mode: "optional" },
      galleryApplication: { kind: "bool", mode: "optional" },
      visibleToUsers: { kind: "bool", mode: "optional", default: true },
    },
  },
  homepageUrl: OUTPUT_TEXT,
  loginUrl: TEXT,
  logoutUrl: OUTPUT_TEXT,
  notes: TEXT,
  notificationEmailAddresses: { kind: "set", mode: "optional", validate: notEmpty },
  oauth2PermissionScopeIds: OUTPUT_MAP,
  oauth2PermissionScopes: { kind: "blocks", mode: "computed", fields: {} },
  objectId: OUTPUT_TEXT,
  owners: { kind: "set", mode: "optional", validate: uuid },
  preferredSingleSignOnMode: {
    kind: "string",
    mode: "optional",
    validate: oneOf("", "notSupported", "oidc", "password", "saml"),
  },
  redirectUris: OUTPUT_LIST,
  samlMetadataUrl: OUTPUT_TEXT,
  samlSingleSignOn: {
    kind: "block",
    mode: "optional",
    fields: { relayState: { kind: "string", mode: "optional", validate: notEmpty } },
  },
  servicePrincipalNames: OUTPUT_LIST,
  signInAudience: OUTPUT_TEXT,
  tags: { kind: "set", mode: "optional+computed", conflictsWith: ["features", "featureTags"] },
  type: OUTPUT_TEXT,
  useExisting: { kind: "bool", mode: "optional" },
};
