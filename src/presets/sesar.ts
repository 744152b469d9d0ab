// SESAR (Secure Exchanges Send And Receive), the Windows service that archives secure mail.
// Replaces the vendor's pages "Update the Azure AD Client Secret key in SESAR" and
// "How to configure SESAR with Azure Active Directory?". What is known and not known: docs/presets.md.
import type { AutomaticPreset } from "./preset";

const FOLDER = "C:\\Secure Exchanges inc\\SESAR";

export const sesar: AutomaticPreset = {
  kind: "automatic",
  applicationName: "SESAR",
  permissions: ["Group.Read.All", "GroupMember.Read.All", "MailboxSettings.Read", "User.Read.All"],
  licenceGroup: "SecureExchanges_Licences",
  licenceMembers: ["Advanced", "Eco", "No_Licence", "Pro"],
  proof: { signIns: 5, boundSeconds: 600, consentSeconds: 180 },
  host: {
    interpreter: "powershell",
    scriptDirectory: "C:/ProgramData/Keyturn",
    serviceManager: "windows",
    // The console shows the first, the uninstaller the second.
    serviceNames: [
      "SESAR (Secure Exchanges Send And Receive)",
      "Secure Exchanges Send And Receive (SESAR)",
    ],
    startCommand: [],
    stopCommand: [],
    statusCommand: [],
    filePath: `${FOLDER}\\instance.json`,
    fileMode: "content",
    secretKey: "AzureAD_Secret",
    // Not published; assumed after the secret's key. Override them if the file says otherwise.
    clientIdKey: "AzureAD_ClientId",
    tenantIdKey: "AzureAD_TenantId",
    ownInstances: 1,
    otherInstances: 0,
    formerWriters: [],
    editBefore: "",
    editAfter: "",
    window: "trace",
    windowDaily: "",
    traceDirectory: FOLDER,
    tracePattern: "Trace_YYYY_M.log",
    tracePrefix: "Sync next lookup at ",
    traceSuffix: " ** You can stop the service before that time",
    traceInstances: [],
    // The vendor publishes no line for a failed sign-in.
    failurePatterns: [],
    // Nor one that it writes only when a sign-in succeeded.
    successPatterns: [],
    marginSeconds: 60,
    // A sync every five minutes: three of them.
    patienceSeconds: 900,
    stopTimeoutSeconds: 120,
    startTimeoutSeconds: 120,
    proofReencrypted: true,
    proofSyncLine: true,
    settleSeconds: 15,
    proofTimeoutSeconds: 600,
  },
};
