// An application in Graph's words and in the provider's.
import { featureTags } from "../features";
import { child, flag, nullIfEmpty, objects, text, texts, typed } from "../json";
import { appRole, graphAppRole, graphPermissionScope, idsByValue, permissionScope } from "../roles";
import type { Properties } from "../../provider/values";

/** The body of a creation or an update: every property that the provider manages. */
export function toGraph(planned: Properties, tags: readonly string[]): Properties {
  const api = child(planned, "api");
  const web = child(planned, "web");
  const grant = child(web, "implicitGrant");
  const claims = texts(planned, "groupMembershipClaims");
  return typed("application", {
    api: {
      acceptMappedClaims: flag(api, "mappedClaimsEnabled"),
      knownClientApplications: texts(api, "knownClientApplications"),
      oauth2PermissionScopes: objects(api, "oauth2PermissionScopes").map(graphPermissionScope),
      requestedAccessTokenVersion: api["requestedAccessTokenVersion"] ?? 1,
    },
    appRoles: objects(planned, "appRoles").map(graphAppRole),
    description: nullIfEmpty(planned["description"]),
    displayName: text(planned, "displayName"),
    groupMembershipClaims: claims.length === 0 ? null : claims.join(","),
    identifierUris: texts(planned, "identifierUris"),
    info: {
      marketingUrl: nullIfEmpty(planned["marketingUrl"]),
      privacyStatementUrl: nullIfEmpty(planned["privacyStatementUrl"]),
      supportUrl: nullIfEmpty(planned["supportUrl"]),
      termsOfServiceUrl: nullIfEmpty(planned["termsOfServiceUrl"]),
    },
    isDeviceOnlyAuthSupported: flag(planned, "deviceOnlyAuthEnabled"),
    isFallbackPublicClient: flag(planned, "fallbackPublicClientEnabled"),
    notes: nullIfEmpty(planned["notes"]),
    optionalClaims: graphClaims(child(planned, "optionalClaims")),
    publicClient: { redirectUris: texts(child(planned, "publicClient"), "redirectUris") },
    requiredResourceAccess: objects(planned, "requiredResourceAccesses").map((each) => ({
      resourceAccess: objects(each, "resourceAccesses").map((access) => ({
        id: text(access, "id"),
        type: text(access, "type"),
      })),
      resourceAppId: text(each, "resourceAppId"),
    })),
    serviceManagementReference: nullIfEmpty(planned["serviceManagementReference"]),
    signInAudience: text(planned, "signInAudience"),
    spa: { redirectUris: texts(child(planned, "singlePageApplication"), "redirectUris") },
    tags: [...tags],
    web: {
      homePageUrl: nullIfEmpty(web["homepageUrl"]),
      implicitGrantSettings: {
        enableAccessTokenIssuance: flag(grant, "accessTokenIssuanceEnabled"),
        enableIdTokenIssuance: flag(grant, "idTokenIssuanceEnabled"),
      },
      logoutUrl: nullIfEmpty(web["logoutUrl"]),
      redirectUris: texts(web, "redirectUris"),
    },
  });
}

/** All that an application's own object says, nested as the resource has it. */
export function fromGraph(application: Properties): Properties {
  const api = child(application, "api");
  const info = child(application, "info");
  const scopes = objects(api, "oauth2PermissionScopes");
  const tags = texts(application, "tags");
  return {
    api: {
      knownClientApplications: texts(api, "knownClientApplications"),
      mappedClaimsEnabled: flag(api, "acceptMappedClaims"),
      oauth2PermissionScopes: scopes.map(permissionScope),
      requestedAccessTokenVersion: api["requestedAccessTokenVersion"] ?? 1,
    },
    appRoleIds: idsByValue(objects(application, "appRoles")),
    appRoles: objects(application, "appRoles").map(appRole),
    clientId: text(application, "appId"),
    description: text(application, "description"),
    deviceOnlyAuthEnabled: flag(application, "isDeviceOnlyAuthSupported"),
    disabledByMicrosoft: text(application, "disabledByMicrosoftStatus"),
    displayName: text(application, "displayName"),
    fallbackPublicClientEnabled: flag(application, "isFallbackPublicClient"),
    featureTags: featureTags(tags),
    groupMembershipClaims: text(application, "groupMembershipClaims")
      .split(",")
      .filter((each) => each !== ""),
    identifierUris: texts(application, "identifierUris"),
    logoUrl: text(info, "logoUrl"),
    marketingUrl: text(info, "marketingUrl"),
    notes: text(application, "notes"),
    oauth2PermissionScopeIds: idsByValue(scopes),
    objectId: text(application, "id"),
    optionalClaims: fromGraphClaims(child(application, "optionalClaims")),
    privacyStatementUrl: text(info, "privacyStatementUrl"),
    publicClient: { redirectUris: texts(child(application, "publicClient"), "redirectUris") },
    publisherDomain: text(application, "publisherDomain"),
    requiredResourceAccesses: objects(application, "requiredResourceAccess").map((each) => ({
      resourceAccesses: objects(each, "resourceAccess").map((access) => ({
        id: text(access, "id"),
        type: text(access, "type"),
      })),
      resourceAppId: text(each, "resourceAppId"),
    })),
    serviceManagementReference: text(application, "serviceManagementReference"),
    signInAudience: text(application, "signInAudience"),
    singlePageApplication: { redirectUris: texts(child(application, "spa"), "redirectUris") },
    supportUrl: text(info, "supportUrl"),
    tags,
    termsOfServiceUrl: text(info, "termsOfServiceUrl"),
    web: fromGraphWeb(child(application, "web")),
  };
}

function fromGraphWeb(web: Properties): Properties {
  const grant = child(web, "implicitGrantSettings");
  return {
    homepageUrl: text(web, "homePageUrl"),
    implicitGrant: {
      accessTokenIssuanceEnabled: flag(grant, "enableAccessTokenIssuance"),
      idTokenIssuanceEnabled: flag(grant, "enableIdTokenIssuance"),
    },
    logoutUrl: text(web, "logoutUrl"),
    redirectUris: texts(web, "redirectUris"),
  };
}

/** Kinds of token: the provider's name to Graph's. */
const CLAIM_KINDS = {
  accessTokens: "accessToken",
  idTokens: "idToken",
  saml2Tokens: "saml2Token",
} as const;

function graphClaims(claims: Properties): Properties {
  const given = Object.entries(CLAIM_KINDS).filter(([name]) => objects(claims, name).length > 0);
  return Object.fromEntries(
    given.map(([name, graphName]) => [
      graphName,
      objects(claims, name).map((claim) => ({
        additionalProperties: texts(claim, "additionalProperties"),
        essential: flag(claim, "essential"),
        name: text(claim, "name"),
        source: nullIfEmpty(claim["source"]),
      })),
    ]),
  );
}

function fromGraphClaims(claims: Properties): Properties {
  return Object.fromEntries(
    Object.entries(CLAIM_KINDS).map(([name, graphName]) => [
      name,
      objects(claims, graphName).map((claim) => ({
        additionalProperties: texts(claim, "additionalProperties"),
        essential: flag(claim, "essential"),
        name: text(claim, "name"),
        source: text(claim, "source"),
      })),
    ]),
  );
}
