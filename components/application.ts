// The application of a credential: made here with its consents, or one that exists.
import type * as pulumi from "@pulumi/pulumi";
import { output } from "@pulumi/pulumi";
import type { LostAnswers } from "../src/observe/lost-answers";
import { AppRegistration } from "./app-registration";
import { ExistingApplication } from "./existing-application";
import { GraphPermissions } from "./graph-permissions";

export interface ApplicationArgs {
  /** Display name of an application that is made. */
  readonly displayName: string;
  /** Microsoft Graph application permissions, by name. */
  readonly permissions: readonly string[];
  /** Client id of one that exists; empty makes one. */
  readonly clientId: string;
  /** Object ids of the owners, beside whoever makes it. @default none */
  readonly owners?: readonly string[];
  /** The permissions that one that exists has consent for. */
  readonly consented: readonly string[];
  /** What of it exists and is not in the state. @default nothing */
  readonly lost?: LostAnswers;
}

/** What a credential wants to know of its application. */
export interface DeclaredApplication {
  readonly applicationResourceId: pulumi.Output<string>;
  readonly clientId: pulumi.Output<string>;
  /** The permissions, once they are consented. */
  readonly consented: pulumi.Output<readonly string[]>;
}

/** Declares one or the other. */
export function declareApplication(name: string, args: ApplicationArgs): DeclaredApplication {
  const { displayName, permissions, clientId, owners, consented, lost } = args;
  if (clientId !== "") {
    const found = new ExistingApplication(name, { clientId });
    const { applicationResourceId } = found;
    return { applicationResourceId, clientId: found.clientId, consented: output(consented) };
  }
  const registration = new AppRegistration(name, {
    displayName,
    permissions,
    ...(owners && { owners }),
    existingPrincipal: lost?.principal,
  });
  const granted = new GraphPermissions(`${name}-graph`, {
    permissions,
    ...(lost && { existingConsents: lost.consents }),
    graphRoleIds: registration.graphRoleIds,
    servicePrincipalObjectId: registration.servicePrincipalObjectId,
    graphServicePrincipalObjectId: registration.graphServicePrincipalObjectId,
  });
  const { applicationResourceId } = registration;
  return { applicationResourceId, clientId: registration.clientId, consented: granted.consented };
}
