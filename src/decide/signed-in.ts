// Whether the deploying identity is signed in where the config says: in another tenant the application, its consents and its
// groups would be made, and protected, beside the right ones.
import type { KeyturnConfig } from "../keyturn-config";
import type { Problem } from "../problems";

/** Where one plugin is signed in; undefined what it does not say. */
export interface SignedIn {
  /** The plugin, by its name. */
  readonly plugin: "azuread" | "azure-native";
  readonly tenantId: string | undefined;
  readonly subscriptionId?: string | undefined;
}

/** What the config calls otherwise than where the plugins are signed in. */
export function signedInProblems(
  config: Pick<KeyturnConfig, "tenantId" | "subscriptionId">,
  plugins: readonly SignedIn[],
): Problem[] {
  return plugins.flatMap(({ plugin, ...found }) => {
    const other = (key: "tenantId" | "subscriptionId"): boolean =>
      !!found[key] && found[key].toLowerCase() !== config[key].toLowerCase();
    const problem = (key: "tenantId" | "subscriptionId", remedy: string): Problem => ({
      subject: key,
      rule: `must be the one that the plugin ${plugin} is signed in to, which is ${found[key] ?? ""}`,
      given: config[key],
      remedy,
    });
    const { tenantId, subscriptionId } = config;
    return [
      ...(other("tenantId")
        ? [
            problem(
              "tenantId",
              `Sign in to the right one (az login --tenant ${tenantId}, or ARM_TENANT_ID), or correct it in Pulumi.<stack>.yaml.`,
            ),
          ]
        : []),
      ...(other("subscriptionId")
        ? [
            problem(
              "subscriptionId",
              `Choose the right one (az account set --subscription ${subscriptionId}, or ARM_SUBSCRIPTION_ID), or correct it in Pulumi.<stack>.yaml.`,
            ),
          ]
        : []),
    ];
  });
}
