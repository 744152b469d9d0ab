// empower on own hosting (Corporate Cloud or on-premises), by empower GmbH.
// Replaces the vendor's page "Replace the Client Secret for Microsoft Entra ID", for those who host it themselves.
// Known: the Backend Installer in configure mode, a wizard of five sections, takes the secret; it must have the version of
// the installed backend ("Install the empower Backend (Version >= 9.7)"). The page deletes the former secret before the
// service has the new one; Keyturn keeps it until the adoption is confirmed and the overlap is over.
// Not known: a switch, an answer file or an unattended mode of the installer; the file and key that hold the secret; the
// names of the services; whether Configure restarts them; the Graph permissions of the registration.
import type { ManualPreset } from "./preset";

export const empowerSelfHosted: ManualPreset = {
  kind: "assisted",
  applicationName: "empower",
  // The page publishes none. State yours in overrides.permissions: each is then consented and read with.
  permissions: [],
  licenceGroup: "",
  licenceMembers: [],
  proof: { signIns: 5, boundSeconds: 600, consentSeconds: 180 },
  handOver: {
    recipient: "the administrator of the empower backend",
    steps: [
      "On the empower server, start the empower Backend Installer that has the version of the installed backend.",
      "Choose the mode Configure and go through the wizard to the settings of Microsoft Entra ID.",
      "Replace the client secret by the new value, with no space, quotation mark or line break.",
      "Leave everything else as it is and finish the wizard.",
      "Sign in to empower once.",
    ],
    linkSeconds: 604_800,
  },
};
