// A service principal in Graph's words and in the provider's; the function reads it in the same words.
import { isObject, type Properties } from "../../provider/values";
import { featureTags, formerFeatures } from "../features";
import { child, flag, nullIfEmpty, objects, text, texts, typed } from "../json";
import { appRole, idsByValue, permissionScope } from "../roles";

/** What both a creation and an update send. */
export function toGraph(planned: Properties, tags: readonly string[]): Properties {
  const saml = child(planned, "samlSingleSignOn");
  const relayState = text(saml, "relayState");
  return typed("servicePrincipal", {
    accountEnabled: planned["accountEnabled"] !== false,
    alternativeNames: texts(planned, "alternativeNames"),
    appRoleAssignmentRequired: flag(planned, "appRoleAssignmentRequired"),
    description: nullIfEmpty(planned["description"]),
    loginUrl: nullIfEmpty(planned["loginUrl"]),
    notes: nullIfEmpty(planned["notes"]),
    notificationEmailAddresses: texts(planned, "notificationEmailAddresses"),
    preferredSingleSignOnMode: nullIfEmpty(planned["preferredSingleSignOnMode"]),
    samlSingleSignOnSettings: relayState === "" ? {} : { relayState },
    tags: [...tags],
  });
}

/** @param beta the same object as the beta endpoint gives it */
export function fromGraph(principal: Properties, beta: Properties): Properties {
  const appId = text(principal, "appId");
  const tags = texts(principal, "tags");
  const scopes = objects(principal, "oauth2PermissionScopes");
  return {
    accountEnabled: flag(principal, "accountEnabled"),
    alternativeNames: texts(principal, "alternativeNames"),
    appRoleAssignmentRequired: flag(principal, "appRoleAssignmentRequired"),
    appRoleIds: idsByValue(objects(principal, "appRoles")),
    appRoles: objects(principal, "appRoles").map(appRole),
    applicationTenantId: text(principal, "appOwnerOrganizationId"),
    clientId: appId,
    description: text(principal, "description"),
    displayName: text(principal, "displayName"),
    featureTags: featureTags(tags),
    features: formerFeatures(tags),
    homepageUrl: text(principal, "homepage"),
    loginUrl: text(principal, "loginUrl"),
    logoutUrl: text(principal, "logoutUrl"),
    notes: text(principal, "notes"),
    notificationEmailAddresses: texts(principal, "notificationEmailAddresses"),
    oauth2PermissionScopeIds: idsByValue(scopes),
    oauth2PermissionScopes: scopes.map(permissionScope),
    objectId: text(principal, "id"),
    preferredSingleSignOnMode: text(principal, "preferredSingleSignOnMode"),
    redirectUris: texts(principal, "replyUrls"),
    samlMetadataUrl: text(beta, "samlMetadataUrl"),
    servicePrincipalNames: texts(principal, "servicePrincipalNames").filter(
      (each) => each.toLowerCase() !== appId.toLowerCase(),
    ),
    signInAudience: text(principal, "signInAudience"),
    tags,
    type: text(principal, "servicePrincipalType"),
  };
}

/** Settings of SAML sign-on; null where Graph has none. */
export function samlSingleSignOn(principal: Properties): Properties | null {
  const settings = principal["samlSingleSignOnSettings"];
  return isObject(settings) ? { relayState: text(settings, "relayState") } : null;
}
