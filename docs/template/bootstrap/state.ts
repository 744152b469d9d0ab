// Where the pipelines keep their state: a container without keys, whose versions bring a state back, and a key that opens its
// secrets, in a vault of its own. Neither can be deleted by a mistake here.
import { ResourceGroup } from "@pulumi/azure-native/resources/resourceGroup";
import { BlobContainer } from "@pulumi/azure-native/storage/blobContainer";
import { BlobServiceProperties } from "@pulumi/azure-native/storage/blobServiceProperties";
import { StorageAccount } from "@pulumi/azure-native/storage/storageAccount";
import { getVersion } from "@pulumi/azure-native/utilities";
import {
  CustomResource,
  type CustomResourceOptions,
  type Input,
  type Output,
} from "@pulumi/pulumi";

const DAYS_TO_BRING_BACK = 90;
const KEY_BITS = 3072;

/** At the version of Key Vault's API that Keyturn asks for; the SDK's own classes name one that ends on 27 February 2027. */
class KeyVaultResource extends CustomResource {
  declare readonly name: Output<string>;
  declare readonly keyUriWithVersion: Output<string>;

  constructor(
    kind: "Vault" | "Key",
    name: string,
    inputs: Readonly<Record<string, unknown>>,
    opts: CustomResourceOptions,
  ) {
    const answered = { name: undefined, ...(kind === "Key" && { keyUriWithVersion: undefined }) };
    const own = { version: getVersion(), ...opts };
    super(`azure-native:keyvault/v20260201:${kind}`, name, { ...inputs, ...answered }, own);
  }
}

export interface StateStoreArgs {
  readonly resourceGroup: string;
  /** Of 3 to 24 lower-case letters and digits, and nobody else's in all of Azure. */
  readonly account: string;
  /** Nobody else's in all of Azure either. */
  readonly vault: string;
  readonly location: string;
  readonly tenantId: Input<string>;
}

export function stateStore(args: StateStoreArgs): {
  account: StorageAccount;
  container: BlobContainer;
  key: KeyVaultResource;
} {
  const { location, tenantId } = args;
  const group = new ResourceGroup("state", { resourceGroupName: args.resourceGroup, location });
  const here = { resourceGroupName: group.name };
  const account = new StorageAccount(
    "state",
    {
      ...here,
      accountName: args.account,
      location,
      kind: "StorageV2",
      sku: { name: "Standard_ZRS" },
      allowBlobPublicAccess: false,
      // Whoever reads or writes signs in: there is no key that could be lost.
      allowSharedKeyAccess: false,
      minimumTlsVersion: "TLS1_2",
    },
    { protect: true },
  );
  new BlobServiceProperties("state", {
    ...here,
    accountName: account.name,
    blobServicesName: "default",
    isVersioningEnabled: true,
    deleteRetentionPolicy: { enabled: true, days: DAYS_TO_BRING_BACK },
  });
  const container = new BlobContainer(
    "state",
    { ...here, accountName: account.name, containerName: "state" },
    { protect: true },
  );
  const vault = new KeyVaultResource(
    "Vault",
    "state",
    {
      ...here,
      vaultName: args.vault,
      location,
      properties: {
        tenantId,
        sku: { family: "A", name: "standard" },
        enableRbacAuthorization: true,
        enableSoftDelete: true,
        softDeleteRetentionInDays: DAYS_TO_BRING_BACK,
        enablePurgeProtection: true,
      },
    },
    { protect: true },
  );
  const key = new KeyVaultResource(
    "Key",
    "state",
    {
      ...here,
      vaultName: vault.name,
      keyName: "state",
      properties: { kty: "RSA", keySize: KEY_BITS },
    },
    { protect: true },
  );
  return { account, container, key };
}
