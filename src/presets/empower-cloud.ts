// empower in the empower Cloud: the vendor's support puts the secret in.
// Replaces the vendor's page "Replace the Client Secret for Microsoft Entra ID", for those who use the empower Cloud.
// Known: Support tells the customer before the secret ends, takes the new one by a one-time link (the page names One Time
// Pass and SnapPass) and puts it in. The page deletes the former secret before Support has the new one; Keyturn keeps it
// until the adoption is confirmed and the overlap is over.
// Not known: how fast Support is; whether it says when it is done; the Graph permissions of the registration.
import type { ManualPreset } from "./preset";

export const empowerCloud: ManualPreset = {
  kind: "handover",
  applicationName: "empower",
  // The page publishes none. State yours in overrides.permissions: each is then consented and read with.
  permissions: [],
  licenceGroup: "",
  licenceMembers: [],
  proof: { signIns: 5, boundSeconds: 600, consentSeconds: 180 },
  handOver: {
    recipient: "empower Support",
    steps: [
      "Send empower Support the one-time link and ask them to put in the new client secret. Do not open it yourself: it opens once.",
      "Wait until Support says that it is in.",
      "Sign in to empower once.",
    ],
    // Support may take days to open it; what nobody opened in two weeks is made again.
    linkSeconds: 1_209_600,
  },
};
