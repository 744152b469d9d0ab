// The components and the decisions that feed them, for anyone's own Pulumi program; docs/components.md shows one.
export { AppRegistration } from "./app-registration";
export { GRAPH_CLIENT_ID } from "../src/decide/graph-roles";
export type { AppRegistrationArgs } from "./app-registration";
export type { ManualArgs } from "./manual-hand-over";
export { Credential } from "./credential";
export type { CredentialArgs } from "./credential";
export { CredentialVault } from "./credential-vault";
export type { CredentialVaultArgs } from "./credential-vault";
export { EpochPassword } from "./epoch-password";
export type { EpochPasswordArgs } from "./epoch-password";
export { GraphPermissions } from "./graph-permissions";
export type { GraphPermissionsArgs } from "./graph-permissions";
export { HostUpdate } from "./host-update";
export type { HostUpdateArgs } from "./host-update";
export { LicenceGroups } from "./licence-groups";
export type { LicenceGroupsArgs } from "./licence-groups";
export { RotatedClientSecret } from "./rotated-client-secret";
export type { ConsumerArgs, RotatedClientSecretArgs } from "./rotated-client-secret";
export { SignInProof } from "./sign-in-proof";
export type { SignInProofArgs } from "./sign-in-proof";
export { VaultSecret } from "./vault-secret";
export type { VaultSecretArgs } from "./vault-secret";

export { issuedPasswords, parseHistory } from "../src/decide/history";
export type { History, IssuedPassword } from "../src/decide/history";
export { plan } from "../src/decide/plan";
export type { Plan } from "../src/decide/run-plan";
export type { Outcome } from "../src/decide/outcome";
export type { RunRecord } from "../src/decide/record";
export type { ScheduleConfig } from "../src/decide/schedule";
export { overlay, presetSchema } from "../src/presets/preset";
export type { HostPreset, Preset } from "../src/presets/preset";
export type {
  AutomaticConsumer,
  Confirmation,
  Connection,
  Consumer,
  ConsumerSecrets,
  ManualConsumer,
} from "../src/keyturn-config";
