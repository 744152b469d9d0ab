// An application that Graph showed, in the words of the resources that the policy pack's rules look at; and which of
// those a stack has too, so that its own resources answer for them.
import type { Existing } from "../../../policy/evaluate";
import {
  isAppRoleAssignment,
  isApplication,
  isPassword,
  isServicePrincipal,
} from "../../../policy/kinds";
import type { FoundApplication } from "./application";

const TYPES = {
  application: "azuread:index/application:Application",
  principal: "azuread:index/servicePrincipal:ServicePrincipal",
  assignment: "azuread:index/appRoleAssignment:AppRoleAssignment",
  ofApplication: "azuread:index/applicationPassword:ApplicationPassword",
  ofPrincipal: "azuread:index/servicePrincipalPassword:ServicePrincipalPassword",
} as const;

/** @returns the application, its service principal, what that was granted, and the client secrets of both */
export function subjectsOf(found: FoundApplication): Existing[] {
  const { clientId, displayName, principal } = found;
  return [
    subject(TYPES.application, displayName, {
      displayName,
      clientId,
      ...(found.signInAudience && { signInAudience: found.signInAudience }),
      requiredResourceAccesses: found.declares.map(({ resourceAppId, resourceAccess }) => ({
        resourceAppId,
        resourceAccesses: resourceAccess,
      })),
    }),
    ...found.credentials.map(({ of, keyId, displayName: name, startDate, endDate }) => {
      const ours = of === "application";
      return subject(
        ours ? TYPES.ofApplication : TYPES.ofPrincipal,
        [name, keyId].filter(Boolean).join(" "),
        {
          ...(ours
            ? { applicationId: `/applications/${found.objectId}` }
            : { servicePrincipalId: `/servicePrincipals/${principal?.objectId ?? ""}` }),
          keyId,
          displayName: name,
          startDate,
          endDate,
        },
      );
    }),
    ...(principal === undefined
      ? []
      : [
          subject(TYPES.principal, `${displayName} service principal`, {
            clientId,
            objectId: principal.objectId,
          }),
          ...principal.assignments.map(({ appRoleId, resourceId }) =>
            subject(TYPES.assignment, `${displayName} role ${appRoleId}`, {
              appRoleId,
              principalObjectId: principal.objectId,
              resourceObjectId: resourceId,
            }),
          ),
        ]),
  ];
}

/** URNs of the subjects from Graph that a stack manages: the stack's own resources answer for them. */
export function managedTwins(
  fromGraph: readonly Existing[],
  stack: readonly Existing[],
): Set<string> {
  const managed = new Set(stack.flatMap((one) => identityOf(one) ?? []));
  return new Set(
    fromGraph.filter((one) => managed.has(identityOf(one) ?? "")).map(({ urn }) => urn),
  );
}

/** What Entra knows a resource by, whoever describes it. */
function identityOf(subject: Existing): string | undefined {
  const { keyId, clientId, principalObjectId, appRoleId, resourceObjectId } = subject.outputs;
  if (isPassword(subject)) return ["password", keyId].join(" ");
  if (isApplication(subject)) return ["application", clientId].join(" ");
  if (isServicePrincipal(subject)) return ["principal", clientId].join(" ");
  if (isAppRoleAssignment(subject))
    return [principalObjectId, appRoleId, resourceObjectId].join(" ");
  return undefined;
}

function subject(type: string, name: string, props: Existing["props"]): Existing {
  return {
    type,
    name,
    urn: `urn:pulumi:entra::audit::${type}::${name}`,
    props,
    outputs: props,
    opts: { protect: false },
    propertyDependencies: {},
  };
}
