// CI Sync (CI Synchronizer) agent by Syncfish: the client secret of its Azure source connection.
// Replaces the vendor's page "How-to - Update an expired client secret for Azure source connection".
// Known: the secret is not in a file. The agent keeps it in the Windows Credential Store, and appsettings.json holds a
// reference to it ("How-to - Migrate an on-premise CI Sync Agent to another server"). The agent has an app registration
// of its own, unrelated to this one, which can use a certificate instead of a secret.
// Not known: a command line or an interface of the Config Utility; the service's name; the entry's name in the store;
// what the "Yes" after Setup & Test does; whether Save restarts the service; the Graph permissions of the registration.
import type { ManualPreset } from "./preset";

export const ciSync: ManualPreset = {
  kind: "assisted",
  applicationName: "CI Sync (EE) Agent Connector for Azure",
  // The page publishes none. State yours in overrides.permissions: each is then consented and read with.
  permissions: [],
  licenceGroup: "",
  licenceMembers: [],
  proof: { signIns: 5, boundSeconds: 600, consentSeconds: 180 },
  handOver: {
    recipient: "the administrator of the CI Sync Agent Server",
    steps: [
      "On the CI Sync Agent Server, start the program CISynchronizerAgent Config Utility.",
      "Open the tab Source Systems and double-click the Azure connection.",
      "Replace the client secret by the new value, with no space, quotation mark or line break.",
      "Click Setup & Test, and then Yes.",
      "Click Save.",
    ],
    linkSeconds: 604_800,
  },
};
