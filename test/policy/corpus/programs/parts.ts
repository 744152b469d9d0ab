// What the programs of the corpus have in common: an application, and days from today.
import { Secret } from "@pulumi/azure-native/keyvault/secret";
import { Application } from "@pulumi/azuread/application";
import type { ApplicationArgs } from "@pulumi/azuread/application";
import { ApplicationPassword } from "@pulumi/azuread/applicationPassword";
import type { ApplicationPasswordArgs } from "@pulumi/azuread/applicationPassword";
import type { Input } from "@pulumi/pulumi";

const DAY_MS = 86_400_000;

/** The first moment of the day that many days from now, in whole seconds. */
export function inDays(days: number): string {
  const day = new Date(Date.now() + days * DAY_MS).toISOString().slice(0, 10);
  return `${day}T00:00:00Z`;
}

export const unixSeconds = (instant: string): number => Date.parse(instant) / 1000;

export function application(args: Partial<ApplicationArgs> = {}): Application {
  return new Application("application", { displayName: "Archive", ...args });
}

/** A password of its own application, with which nothing is wrong but for what is given. */
export function password(args: Partial<ApplicationPasswordArgs> = {}): ApplicationPassword {
  const applicationId = application().id;
  return new ApplicationPassword("password", { applicationId, endDate: inDays(300), ...args });
}

/** The password in the vault, with which nothing is wrong but for what is given. */
export function vaultSecret(
  held: ApplicationPassword,
  properties: Readonly<Record<string, unknown>> = {},
  tags: Record<string, Input<string>> = {
    CredentialId: held.keyId,
    ProviderAddress: held.applicationId,
    ValidityPeriodDays: "300",
  },
): Secret {
  return new Secret("secret", {
    resourceGroupName: "keyturn-lab",
    vaultName: "archive",
    secretName: "archive",
    properties: {
      value: held.value,
      contentType: "text/plain",
      attributes: { expires: unixSeconds(inDays(300)) },
      ...properties,
    },
    tags,
  });
}
