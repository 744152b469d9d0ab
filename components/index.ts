// The components and the decisions that feed them, for anyone's own Pulumi program; docs/components.md shows one.
export { AppRegistration, GRAPH_CLIENT_ID } from "./app-registration";
export type { AppRegistrationArgs } from "./app-registration";
export type { PeopleArgs } from "./by-people";
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
export { SignInProof } from "./sign-in-proof";
export type { SignInProofArgs } from "./sign-in-proof";
export { VaultSecret } from "./vault-secret";
export type { VaultSecretArgs } from "./vault-secret";

export { issuedPasswords, parseHistory } from "./pure/history";
export type { History, IssuedPassword } from "./pure/history";
export { plan } from "./pure/plan";
export type { Plan } from "./pure/plan";
export type { Outcome } from "./pure/manual";
export type { RunRecord } from "./pure/record";
export type { ScheduleSettings } from "./pure/schedule";
export { overlay, presetSchema } from "./pure/preset";
export type { HostPreset, Preset } from "./pure/preset";
export type {
  AutomaticConsumer,
  Confirmation,
  Connection,
  Consumer,
  ConsumerSecrets,
  ManualConsumer,
} from "./pure/settings";
