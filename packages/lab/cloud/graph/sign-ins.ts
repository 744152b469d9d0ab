// The sign-in log of service principals (beta) and the tenant's default app management policy.
import { z } from "zod";
import { Duration } from "luxon";
import type { Directory } from "../directory";
import type { AppManagementPolicy, SignInRecord } from "../directory-records";
import { GRAPH_CLIENT_ID } from "../resources";
import { TENANT_ID } from "../seed";
import { badRequest } from "./errors";
import { GraphError } from "./errors";
import { type GraphCall, type Operation, collection, entity, noContent } from "./operations";
import { APP_POLICY_ID } from "./passwords";

const Restriction = z.looseObject({
  restrictionType: z.string(),
  maxLifetime: z.string().nullable().optional(),
});
const PolicyBody = z.looseObject({
  isEnabled: z.boolean().optional(),
  applicationRestrictions: z
    .looseObject({ passwordCredentials: z.array(Restriction).optional() })
    .optional(),
});

export const SIGN_IN_OPERATIONS: readonly Operation[] = [
  {
    method: "GET",
    path: "/auditLogs/signIns",
    doc: "signin-list",
    permissions: ["AuditLog.Read.All"],
    refusal: () => {
      const text = "Calling principal does not have required MSGraph permissions AuditLog.Read.All";
      return new GraphError(403, "Authentication_MSGraphPermissionMissing", text);
    },
    handle: (call) => {
      if (!call.directory.settings.premiumLicence) throw unlicensed();
      const wanted = call.query["$filter"]?.includes("servicePrincipal") === true;
      const shapes = wanted && call.version === "beta" ? shown(call).map(signInShape) : [];
      return collection(call, "auditLogs/signIns", shapes, "SignIn");
    },
  },
  {
    method: "GET",
    path: "/reports/appCredentialSignInActivities",
    doc: "reportroot-list-appcredentialsigninactivities",
    permissions: ["AuditLog.Read.All"],
    handle: (call) => {
      if (!call.directory.settings.premiumLicence) throw unlicensed();
      if (call.version !== "beta") throw badRequest(NO_SEGMENT);
      const set = "reports/appCredentialSignInActivities";
      return collection(call, set, activityShapes(call), "AppCredentialSignInActivity");
    },
  },
  {
    method: "GET",
    path: "/policies/defaultAppManagementPolicy",
    doc: "tenantappmanagementpolicy-get",
    permissions: ["Policy.Read.All", "Policy.ReadWrite.ApplicationConfiguration"],
    handle: (call) => {
      const shape = policyShape(call.directory.appManagementPolicy);
      return entity(call, "policies/defaultAppManagementPolicy", shape);
    },
  },
  {
    method: "PATCH",
    path: "/policies/defaultAppManagementPolicy",
    doc: "tenantappmanagementpolicy-update",
    permissions: ["Policy.Read.All and Policy.ReadWrite.ApplicationConfiguration"],
    handle: (call) => {
      call.directory.appManagementPolicy = updatedPolicy(call.directory, call.body);
      return noContent;
    },
  },
];

const NO_SEGMENT = "Resource not found for the segment 'appCredentialSignInActivities'.";

function unlicensed(): GraphError {
  const text = "Neither tenant is B2C or tenant doesn't have premium license";
  return new GraphError(403, "Authentication_RequestFromNonPremiumTenantOrB2CTenant", text);
}

/** The last success with each password, as far as the log has it yet. */
function activityShapes(call: GraphCall): Record<string, unknown>[] {
  const last = new Map<string, SignInRecord>();
  for (const one of shown(call)) {
    if (one.ok && one.keyId !== undefined && !last.has(one.keyId)) last.set(one.keyId, one);
  }
  return [...last].map(([keyId, record]) => activityShape(call.directory, keyId, record));
}

function activityShape(
  directory: Directory,
  keyId: string,
  record: SignInRecord,
): Record<string, unknown> {
  const application = directory.applicationByClientId(record.clientId);
  const password = application?.passwords.find((one) => one.keyId === keyId);
  return {
    id: Buffer.from(`${keyId}|application`).toString("base64"),
    appId: record.clientId,
    appObjectId: application?.applicationObjectId ?? null,
    createdDateTime: password?.startDateTime ?? null,
    credentialOrigin: "application",
    expirationDateTime: password?.endDateTime ?? null,
    keyId,
    keyType: "clientSecret",
    keyUsage: "sign",
    resourceId: GRAPH_CLIENT_ID,
    servicePrincipalObjectId: record.servicePrincipalObjectId ?? null,
    signInActivity: { lastSignInDateTime: record.at, lastSignInRequestId: record.signInId },
  };
}

/** Newest first, as far as the log has them yet. */
function shown(call: GraphCall): SignInRecord[] {
  const { signIns, settings } = call.directory;
  const before = call.directory.now() - settings.signInLogDelaySeconds * 1000;
  return signIns.filter((one) => Date.parse(one.at) <= before).reverse();
}

function signInShape(record: SignInRecord): Record<string, unknown> {
  return {
    id: record.signInId,
    createdDateTime: record.at,
    userDisplayName: null,
    userPrincipalName: null,
    appId: record.clientId,
    appDisplayName: record.displayName,
    ipAddress: record.ipAddress,
    userAgent: record.userAgent,
    clientCredentialType:
      record.federatedCredentialId === undefined ? "clientSecret" : "federatedIdentityCredential",
    federatedCredentialId: record.federatedCredentialId ?? "",
    correlationId: record.correlationId,
    isInteractive: false,
    signInEventTypes: ["servicePrincipal"],
    servicePrincipalId: record.servicePrincipalObjectId ?? null,
    servicePrincipalName: record.displayName,
    servicePrincipalCredentialKeyId: record.keyId ?? null,
    servicePrincipalCredentialThumbprint: "",
    resourceDisplayName: record.resource,
    resourceId: GRAPH_CLIENT_ID,
    resourceTenantId: TENANT_ID,
    status: {
      errorCode: record.errorCode,
      failureReason: record.failureReason,
      additionalDetails: null,
    },
  };
}

function policyShape(policy: AppManagementPolicy): Record<string, unknown> {
  const from = { restrictForAppsCreatedAfterDateTime: "2019-01-01T10:37:00Z" };
  const passwordCredentials = [
    ...(policy.passwordAddition
      ? [{ restrictionType: "passwordAddition", maxLifetime: null, ...from }]
      : []),
    ...(policy.passwordMaxLifetime === undefined
      ? []
      : [
          { restrictionType: "passwordLifetime", maxLifetime: policy.passwordMaxLifetime, ...from },
        ]),
  ];
  return {
    id: APP_POLICY_ID,
    displayName: "Default app management tenant policy",
    description:
      "Default tenant policy that enforces app management restrictions on applications and service principals.",
    isEnabled: policy.isEnabled,
    applicationRestrictions: { passwordCredentials, keyCredentials: [] },
    servicePrincipalRestrictions: { passwordCredentials: [], keyCredentials: [] },
  };
}

function updatedPolicy(directory: Directory, body: unknown): AppManagementPolicy {
  const parsed = PolicyBody.safeParse(body);
  if (!parsed.success) throw badRequest("Invalid value specified for property 'isEnabled'.");
  const { isEnabled = directory.appManagementPolicy.isEnabled, applicationRestrictions } =
    parsed.data;
  const restrictions = applicationRestrictions?.passwordCredentials;
  if (restrictions === undefined) return { ...directory.appManagementPolicy, isEnabled };
  const lifetime = restrictions.find(
    (one) => one.restrictionType === "passwordLifetime",
  )?.maxLifetime;
  if (typeof lifetime === "string" && !Duration.fromISO(lifetime).isValid) {
    throw badRequest("Invalid value specified for property 'maxLifetime'.");
  }
  return {
    isEnabled,
    passwordAddition: restrictions.some((one) => one.restrictionType === "passwordAddition"),
    ...(typeof lifetime === "string" && { passwordMaxLifetime: lifetime }),
  };
}
