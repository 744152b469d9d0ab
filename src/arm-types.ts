// The types of Azure Resource Manager that Keyturn asks for, each with its API version, and the ends of versions that
// Microsoft has announced: a retirement is a line in each. docs/design/api-versions.md says why, and a test holds the code to it.

interface ArmTypeFacts {
  /** The version that every request of ours names. */
  readonly apiVersion: string;
  /** Module and type in the token of the engine's resource; none where we only read. */
  readonly resource?: string;
  /** Whether the token names the version. Without it the version is the one that @pulumi/azure-native takes by itself. */
  readonly isNamed?: true;
}

const KEY_VAULT = "2026-02-01";
const EVENT_GRID = "2025-02-15";

/** By resource type; no end is announced of any version here but those of `ANNOUNCED_ENDS`. */
export const ARM_TYPES = {
  "Microsoft.Authorization/roleAssignments": {
    apiVersion: "2022-04-01",
    resource: "authorization:RoleAssignment",
  },
  "Microsoft.EventGrid/systemTopics": {
    apiVersion: EVENT_GRID,
    resource: "eventgrid:SystemTopic",
  },
  "Microsoft.EventGrid/systemTopics/eventSubscriptions": {
    apiVersion: EVENT_GRID,
    resource: "eventgrid:SystemTopicEventSubscription",
  },
  "Microsoft.KeyVault/locations/deletedVaults": { apiVersion: KEY_VAULT },
  "Microsoft.KeyVault/vaults": {
    apiVersion: KEY_VAULT,
    resource: "keyvault:Vault",
    isNamed: true,
  },
  "Microsoft.KeyVault/vaults/secrets": {
    apiVersion: KEY_VAULT,
    resource: "keyvault:Secret",
    isNamed: true,
  },
  "Microsoft.Resources/resourceGroups": { apiVersion: "2024-03-01" },
  "Microsoft.Resources/subscriptions": { apiVersion: "2022-12-01" },
} as const satisfies Readonly<Record<string, ArmTypeFacts>>;

export type ArmType = keyof typeof ARM_TYPES;
/** A type of which the engine holds resources. */
export type ArmResourceType = {
  [T in ArmType]: (typeof ARM_TYPES)[T] extends { readonly resource: string } ? T : never;
}[ArmType];

export interface AnnouncedEnd {
  /** Of the resource provider. */
  readonly namespace: string;
  /** Every version before this one ends. */
  readonly before: string;
  /** The first day, in UTC, on which they are no longer served. */
  readonly day: string;
}

export const ANNOUNCED_ENDS: readonly AnnouncedEnd[] = [
  // Microsoft Learn, "Prepare for Key Vault API version 2026-02-01 and later".
  { namespace: "Microsoft.KeyVault", before: "2026-02-01", day: "2027-02-27" },
];

const PACKAGE = "azure-native";

/** The token under which resources of a type are declared. */
export function tokenOf(type: ArmResourceType): string {
  const facts: ArmTypeFacts & { readonly resource: string } = ARM_TYPES[type];
  const [module = "", name = ""] = facts.resource.split(":");
  const version = facts.isNamed ? `/v${facts.apiVersion.replaceAll("-", "")}` : "";
  return `${PACKAGE}:${module}${version}:${name}`;
}

/** The token that the SDK's own class has, and that of every release before the version was named. */
export function defaultTokenOf(type: ArmResourceType): string {
  return `${PACKAGE}:${ARM_TYPES[type].resource}`;
}

/** The type of a token with whatever version in it; undefined for what is none of ours. */
export function armTypeOf(token: string): ArmResourceType | undefined {
  const bare = token.replace(/\/v\d{8}(preview)?:/, ":");
  return (Object.keys(ARM_TYPES) as ArmType[])
    .filter((type): type is ArmResourceType => "resource" in ARM_TYPES[type])
    .find((type) => defaultTokenOf(type) === bare);
}
