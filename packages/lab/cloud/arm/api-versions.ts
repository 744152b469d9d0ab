// The versions of its API in which ARM serves a type, by the lab's clock. The lists are those of Microsoft's public
// specifications, as @pulumi/azure-native 3.28.0 names them; a version that has ended is one that ARM does not know.
import { ArmError } from "./errors";

const KEY_VAULT = [
  "2016-10-01",
  "2018-02-14",
  "2018-02-14-preview",
  "2019-09-01",
  "2020-04-01-preview",
  "2021-04-01-preview",
  "2021-06-01-preview",
  "2021-10-01",
  "2021-11-01-preview",
  "2022-02-01-preview",
  "2022-07-01",
  "2022-11-01",
  "2023-02-01",
  "2023-07-01",
  "2024-04-01-preview",
  "2024-11-01",
  "2024-12-01-preview",
  "2025-05-01",
  "2026-02-01",
  "2026-03-01-preview",
];
const SYSTEM_TOPICS = [
  "2020-04-01-preview",
  "2020-10-15-preview",
  "2021-06-01-preview",
  "2021-10-15-preview",
  "2021-12-01",
  "2022-06-15",
  "2023-06-01-preview",
  "2023-12-15-preview",
  "2024-06-01-preview",
  "2024-12-15-preview",
  "2025-02-15",
  "2025-04-01-preview",
  "2025-07-15-preview",
  "2025-11-15-preview",
];

const BLOB_SERVICES = [
  "2018-07-01",
  "2018-11-01",
  "2019-04-01",
  "2019-06-01",
  "2020-08-01-preview",
  "2021-01-01",
  "2021-02-01",
  "2021-04-01",
  "2021-06-01",
  "2021-08-01",
  "2021-09-01",
  "2022-05-01",
  "2022-09-01",
  "2023-01-01",
  "2023-04-01",
  "2023-05-01",
  "2024-01-01",
  "2025-01-01",
];
const LATER_STORAGE = ["2025-06-01", "2025-08-01", "2026-04-01"];

/** By resource type, oldest first. */
export const API_VERSIONS = {
  "Microsoft.Authorization/roleAssignments": [
    "2015-07-01",
    "2017-10-01-preview",
    "2018-01-01-preview",
    "2018-09-01-preview",
    "2020-03-01-preview",
    "2020-04-01-preview",
    "2020-08-01-preview",
    "2020-10-01-preview",
    "2022-04-01",
  ],
  "Microsoft.Authorization/roleDefinitions": [
    "2015-07-01",
    "2018-01-01-preview",
    "2022-04-01",
    "2022-05-01-preview",
  ],
  "Microsoft.EventGrid/systemTopics": SYSTEM_TOPICS,
  "Microsoft.EventGrid/systemTopics/eventSubscriptions": SYSTEM_TOPICS,
  "Microsoft.KeyVault/deletedVaults": KEY_VAULT,
  "Microsoft.KeyVault/vaults": ["2015-06-01", ...KEY_VAULT],
  // Keys came to Resource Manager later than vaults and secrets.
  "Microsoft.KeyVault/vaults/keys": KEY_VAULT.slice(KEY_VAULT.indexOf("2019-09-01")),
  "Microsoft.KeyVault/vaults/secrets": KEY_VAULT,
  "Microsoft.Resources/resourceGroups": [
    "2015-11-01",
    "2016-02-01",
    "2016-07-01",
    "2016-09-01",
    "2017-05-10",
    "2018-02-01",
    "2018-05-01",
    "2019-03-01",
    "2019-05-01",
    "2019-05-10",
    "2019-07-01",
    "2019-08-01",
    "2019-10-01",
    "2020-06-01",
    "2020-08-01",
    "2020-10-01",
    "2021-01-01",
    "2021-04-01",
    "2022-09-01",
    "2023-07-01",
    "2024-03-01",
    "2024-07-01",
    "2024-11-01",
    "2025-03-01",
    "2025-04-01",
  ],
  "Microsoft.Resources/subscriptions": [
    "2015-11-01",
    "2016-06-01",
    "2018-06-01",
    "2019-06-01",
    "2019-10-01",
    "2019-11-01",
    "2020-01-01",
    "2021-01-01",
    "2021-04-01",
    "2022-12-01",
  ],
  "Microsoft.Storage/storageAccounts": [
    "2015-05-01-preview",
    "2015-06-15",
    "2016-01-01",
    "2016-05-01",
    "2016-12-01",
    "2017-06-01",
    "2017-10-01",
    "2018-02-01",
    "2018-03-01-preview",
    ...BLOB_SERVICES,
    ...LATER_STORAGE,
  ],
  "Microsoft.Storage/storageAccounts/blobServices": BLOB_SERVICES,
  "Microsoft.Storage/storageAccounts/blobServices/containers": [
    "2018-02-01",
    "2018-03-01-preview",
    ...BLOB_SERVICES,
    ...LATER_STORAGE,
  ],
} as const satisfies Readonly<Record<string, readonly string[]>>;

export type ArmType = keyof typeof API_VERSIONS;

/** From when on versions before another one are no longer served. Source of Key Vault's: Azure/azure-cli#34020. */
const ENDS = [
  { namespace: "Microsoft.KeyVault", before: "2026-02-01", from: new Date("2027-02-27T00:00:00Z") },
];

/** The versions that a type is served in at an instant. */
export function servedVersions(type: ArmType, now: Date): readonly string[] {
  const ended = ENDS.filter((end) => type.startsWith(`${end.namespace}/`) && now >= end.from);
  return API_VERSIONS[type].filter((version) => ended.every(({ before }) => version >= before));
}

/** @throws ArmError for a version that the type does not have, or no longer */
export function requireApiVersion(type: ArmType, apiVersion: string, now: Date): void {
  const supported = servedVersions(type, now);
  if (supported.includes(apiVersion.toLowerCase())) return;
  const name = type.slice(type.indexOf("/") + 1);
  throw new ArmError(
    400,
    "NoRegisteredProviderFound",
    `No registered resource provider found for API version '${apiVersion}' for type '${name}'. The supported api-versions are '${supported.join(", ")}'.`,
  );
}
