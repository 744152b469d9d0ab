// azuread.ApplicationRegistration: an application whose permissions, owners and roles are resources apart.
import type { Properties } from "../../provider/values";
import { INTERVAL_SECONDS } from "../consistency";
import { attempt } from "../diagnostics";
import { applicationName, objectIdOf } from "../ids";
import { child, flag, nullIfEmpty, text, texts, typed } from "../json";
import type { Operation } from "../operation";
import { defineResource } from "../resource";
import type { Field } from "../schema";
import { notEmpty, oneOf, resourceId } from "../validators";
import { SIGN_IN_AUDIENCE } from "./application-fields";
import { fromGraph } from "./application-wire";

const TEXT: Field = { kind: "string", mode: "optional" };
const SWITCH: Field = { kind: "bool", mode: "optional" };
const OUTPUT_TEXT: Field = { kind: "string", mode: "computed" };

export const applicationRegistration = defineResource({
  terraformType: "azuread_application_registration",
  fields: {
    clientId: OUTPUT_TEXT,
    description: TEXT,
    disabledByMicrosoft: OUTPUT_TEXT,
    displayName: { kind: "string", mode: "required", validate: notEmpty },
    groupMembershipClaims: {
      kind: "set",
      mode: "optional",
      validate: oneOf("All", "None", "ApplicationGroup", "DirectoryRole", "SecurityGroup"),
    },
    homepageUrl: TEXT,
    implicitAccessTokenIssuanceEnabled: SWITCH,
    implicitIdTokenIssuanceEnabled: SWITCH,
    logoutUrl: TEXT,
    marketingUrl: TEXT,
    notes: TEXT,
    objectId: OUTPUT_TEXT,
    privacyStatementUrl: TEXT,
    publisherDomain: OUTPUT_TEXT,
    requestedAccessTokenVersion: { kind: "int", mode: "optional", default: 2 },
    serviceManagementReference: TEXT,
    signInAudience: SIGN_IN_AUDIENCE,
    supportUrl: TEXT,
    termsOfServiceUrl: TEXT,
  },
  createMinutes: 10,
  create: async (planned, op) => {
    const made = await attempt("Could not create application", () =>
      op.graph.post("/v1.0/applications", toGraph(planned), op.once),
    );
    const objectId = text(made, "id");
    op.made(`/applications/${objectId}`);
    const displayName = text(planned, "displayName");
    await attempt("Failed to patch application after creating", () =>
      op.graph.patch(pathOf(objectId), typed("application", { displayName }), op.patient),
    );
    return `/applications/${objectId}`;
  },
  read,
  update: async (id, planned, _prior, op) => {
    const path = pathOf(objectIdOf(id));
    await op.locks.hold(path, () =>
      attempt(`Could not update ${applicationName(objectIdOf(id))}`, () =>
        op.graph.patch(path, toGraph(planned), op.once),
      ),
    );
  },
  delete: async (id, _state, op) => {
    const path = pathOf(objectIdOf(id));
    const name = applicationName(objectIdOf(id));
    await op.locks.hold(path, async () => {
      await attempt(`Deleting ${name}`, () => op.graph.delete(path, op.once), "id");
      await op.waitGone(path, `Waiting for deletion of ${name}`, INTERVAL_SECONDS);
    });
  },
  refuseImport: (id) => resourceId("Application", "applications")(id, "id"),
});

async function read(
  id: string,
  _state: Properties,
  op: Operation,
): Promise<Properties | undefined> {
  const objectId = objectIdOf(id);
  const found = await op.find(pathOf(objectId), `Retrieving ${applicationName(objectId)}`);
  if (found === undefined) return undefined;
  const whole = fromGraph(found);
  const web = child(whole, "web");
  const grant = child(web, "implicitGrant");
  return {
    clientId: text(whole, "clientId"),
    description: text(whole, "description"),
    disabledByMicrosoft: text(whole, "disabledByMicrosoft"),
    displayName: text(whole, "displayName"),
    groupMembershipClaims: texts(whole, "groupMembershipClaims"),
    homepageUrl: text(web, "homepageUrl"),
    implicitAccessTokenIssuanceEnabled: flag(grant, "accessTokenIssuanceEnabled"),
    implicitIdTokenIssuanceEnabled: flag(grant, "idTokenIssuanceEnabled"),
    logoutUrl: text(web, "logoutUrl"),
    marketingUrl: text(whole, "marketingUrl"),
    notes: text(whole, "notes"),
    objectId,
    privacyStatementUrl: text(whole, "privacyStatementUrl"),
    publisherDomain: text(whole, "publisherDomain"),
    requestedAccessTokenVersion: child(whole, "api")["requestedAccessTokenVersion"] ?? 1,
    serviceManagementReference: text(whole, "serviceManagementReference"),
    signInAudience: text(whole, "signInAudience"),
    supportUrl: text(whole, "supportUrl"),
    termsOfServiceUrl: text(whole, "termsOfServiceUrl"),
  };
}

/** Only what this resource manages: the rest of the application belongs to others. */
function toGraph(planned: Properties): Properties {
  const claims = texts(planned, "groupMembershipClaims");
  return typed("application", {
    api: { requestedAccessTokenVersion: planned["requestedAccessTokenVersion"] ?? 2 },
    description: nullIfEmpty(planned["description"]),
    displayName: text(planned, "displayName"),
    groupMembershipClaims: claims.length === 0 ? null : claims.join(","),
    info: {
      marketingUrl: nullIfEmpty(planned["marketingUrl"]),
      privacyStatementUrl: nullIfEmpty(planned["privacyStatementUrl"]),
      supportUrl: nullIfEmpty(planned["supportUrl"]),
      termsOfServiceUrl: nullIfEmpty(planned["termsOfServiceUrl"]),
    },
    notes: nullIfEmpty(planned["notes"]),
    serviceManagementReference: nullIfEmpty(planned["serviceManagementReference"]),
    signInAudience: text(planned, "signInAudience"),
    web: {
      homePageUrl: nullIfEmpty(planned["homepageUrl"]),
      implicitGrantSettings: {
        enableAccessTokenIssuance: flag(planned, "implicitAccessTokenIssuanceEnabled"),
        enableIdTokenIssuance: flag(planned, "implicitIdTokenIssuanceEnabled"),
      },
      logoutUrl: nullIfEmpty(planned["logoutUrl"]),
    },
  });
}

function pathOf(objectId: string): string {
  return `/v1.0/applications/${objectId}`;
}
