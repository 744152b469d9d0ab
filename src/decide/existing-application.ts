// Whether an application that exists can be adopted, and where its permissions and consents differ from what the
// product wants. They are people's business: listed, never changed.
import type { Problem } from "../problems";
import { allProblems } from "../problems";

/** What the directory says about the client id. */
export interface ApplicationReading {
  /** Undefined when no application of this tenant has the client id. */
  readonly application:
    | {
        readonly displayName: string;
        readonly signInAudience: string;
        /** Role ids of Microsoft Graph that it declares. */
        readonly declaredRoleIds: readonly string[];
        /** Object ids of its owners. */
        readonly ownerObjectIds: readonly string[];
      }
    | undefined;
  /** Undefined when it has no service principal in this tenant. */
  readonly principal: { readonly consentedRoleIds: readonly string[] } | undefined;
  /** Name of every application role of Microsoft Graph, by role id. */
  readonly roleNames: Readonly<Record<string, string>>;
  /** Object id of the identity that the program runs as. */
  readonly deployerObjectId: string;
}

/** One permission for which the application and the product do not agree. */
export interface PermissionDifference {
  readonly permission: string;
  /** Whether the product asks for it. */
  readonly wanted: boolean;
  /** Whether the application declares it. */
  readonly declared: boolean;
  /** Whether an administrator has consented to it. */
  readonly consented: boolean;
}

/** What adopting an application means: its permissions are compared with the preset's, and none is changed. */
export interface AdoptionPlan {
  readonly differences: readonly PermissionDifference[];
  /** The product's permissions that are consented: those that the proof reads with. */
  readonly consented: readonly string[];
  /** What a person should know. */
  readonly warnings: readonly string[];
}

/** For an application that this stack makes itself: there is nothing to compare. */
export const NO_ADOPTION: AdoptionPlan = { differences: [], consented: [], warnings: [] };

/** Compares an application that exists with what the preset needs of it. @throws Error that says why the application cannot be adopted */
export function planAdoption(
  clientId: string,
  permissions: readonly string[],
  reading: ApplicationReading,
): AdoptionPlan {
  const problems = applicationProblems(clientId, reading);
  if (problems.length > 0) {
    throw new Error(allProblems("The application cannot be adopted", problems));
  }
  const name = (roleId: string): string => reading.roleNames[roleId] ?? roleId;
  const declared = new Set(reading.application?.declaredRoleIds.map(name));
  const consented = new Set(reading.principal?.consentedRoleIds.map(name));
  const differences = [...new Set([...permissions, ...declared, ...consented])]
    .sort()
    .map((permission) => ({
      permission,
      wanted: permissions.includes(permission),
      declared: declared.has(permission),
      consented: consented.has(permission),
    }))
    .filter((one) => !(one.wanted && one.declared && one.consented));
  const owned = reading.application?.ownerObjectIds.includes(reading.deployerObjectId) === true;
  return {
    differences,
    consented: permissions.filter((permission) => consented.has(permission)),
    warnings: [
      ...differences.map((one) => differenceSentence(clientId, one)),
      ...(owned ? [] : [notOwned(clientId, reading.deployerObjectId)]),
    ],
  };
}

function applicationProblems(
  clientId: string,
  { application, principal }: ApplicationReading,
): Problem[] {
  const bad = (rule: string, remedy: string): Problem[] => [
    { subject: "applicationClientId", rule, given: clientId, remedy },
  ];
  if (application === undefined) {
    return principal === undefined
      ? bad(
          "must be the client id of an application of this tenant, and none has it",
          "Copy the Application (client) ID, not the object id, into Pulumi.<stack>.yaml; check tenantId.",
        )
      : bad(
          "must be the client id of an application that is registered in this tenant, but only its service principal is here",
          "Secrets are made where the application is registered: run a stack for that tenant, or register one here.",
        );
  }
  const audience = application.signInAudience;
  if (audience !== "AzureADMyOrg") {
    return bad(
      `must be a single-tenant application, but ${application.displayName} has the audience ${audience}`,
      `If nobody else signs in with it: az ad app update --id ${clientId} --sign-in-audience AzureADMyOrg`,
    );
  }
  if (principal !== undefined) return [];
  return bad(
    `must have a service principal, but ${application.displayName} has none in this tenant, so nobody can sign in with it`,
    `Make it: az ad sp create --id ${clientId}`,
  );
}

function differenceSentence(clientId: string, one: PermissionDifference): string {
  const { permission, wanted, declared, consented } = one;
  const is = (yes: boolean, word: string): string => (yes ? word : `not ${word}`);
  const has = `${is(declared, "declared")} and ${is(consented, "consented")}`;
  const about = wanted ? "the product asks for" : "the product does not ask for";
  const effect =
    wanted && !consented
      ? " The sign-in proof does not read with it; the service may miss it. Consent to it, or take it out of overrides.permissions."
      : "";
  return `permissions of the adopted application ${clientId}: ${about} ${permission}, which is ${has}. Nothing was changed.${effect}`;
}

function notOwned(clientId: string, deployerObjectId: string): string {
  return `the deploying identity ${deployerObjectId} is not an owner of the adopted application ${clientId}: with Application.ReadWrite.OwnedBy alone it may not issue secrets on it. Make it one: az ad app owner add --id ${clientId} --owner-object-id ${deployerObjectId}`;
}
