// The stand-in for the vendor's plugin `azure-native` 3.28.0: the resources that Keyturn uses, over HTTPS.
// It is written after the plugin's public source and the SDK's declarations; nothing of it is recorded.
import type { StandIn } from "../provider/stand-in";
import { Azure } from "./azure";
import { readConfiguration } from "./client/configuration";
import { functions } from "./functions";
import { ArmResource } from "./resource";
import { secretExceptions } from "./secret-exceptions";
import { systemTopic, systemTopicEventSubscription } from "./specs/event-grid";
import { key, key2026, keyExceptions } from "./specs/key";
import { resourceGroup } from "./specs/resource-group";
import { roleAssignment } from "./specs/role-assignment";
import { secret, secret2026 } from "./specs/secret";
import { blobContainer, blobServiceProperties, storageAccount } from "./specs/storage";
import { vault, vault2026 } from "./specs/vault";

const VERSION = "3.28.0";

export function createAzureNativeStandIn(): StandIn<Azure> {
  return {
    name: "azure-native",
    version: VERSION,
    handshakeDetails: "method Handshake not implemented",
    configureAnswer: {
      acceptSecrets: false,
      supportsPreview: true,
      acceptResources: false,
      acceptOutputs: false,
      supportsAutonamingConfiguration: true,
    },
    resources: new Map([
      [resourceGroup.token, new ArmResource(resourceGroup)],
      [vault.token, new ArmResource(vault)],
      [vault2026.token, new ArmResource(vault2026)],
      [secret.token, new ArmResource(secret, secretExceptions)],
      [secret2026.token, new ArmResource(secret2026, secretExceptions)],
      [key.token, new ArmResource(key, keyExceptions)],
      [key2026.token, new ArmResource(key2026, keyExceptions)],
      [roleAssignment.token, new ArmResource(roleAssignment)],
      [systemTopic.token, new ArmResource(systemTopic)],
      [systemTopicEventSubscription.token, new ArmResource(systemTopicEventSubscription)],
      [storageAccount.token, new ArmResource(storageAccount)],
      [blobServiceProperties.token, new ArmResource(blobServiceProperties)],
      [blobContainer.token, new ArmResource(blobContainer)],
    ]),
    functions,
    configure: (args) => Azure.connect(readConfiguration(args)),
  };
}
