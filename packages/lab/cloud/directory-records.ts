// What the emulated directory holds. Instants in milliseconds are lab time.

export interface PasswordRecord {
  readonly keyId: string;
  readonly displayName: string | null;
  readonly customKeyIdentifier: string | null;
  readonly startDateTime: string;
  readonly endDateTime: string;
  /** First three characters of the value. */
  readonly hint: string;
  /** The secret itself, in memory only, so that sign-ins can be checked and leaks searched for. */
  readonly value: string;
  readonly issuedAt: number;
  /** From here on the first replica accepts it. */
  readonly acceptedFrom: number;
  /** From here on every replica accepts it. */
  readonly acceptedEverywhereFrom: number;
  /** Removed from the application: no read shows it any more. */
  removedAt?: number;
  /** Sign-ins refuse it from here on; at or after `removedAt`. */
  refusedFrom?: number;
}

/** Whose identity token stands for an application; each of issuer, subject and audience must be the same to the letter. */
export interface FederatedCredentialRecord {
  readonly credentialId: string;
  readonly name: string;
  issuer: string;
  subject: string;
  audiences: readonly string[];
  description: string | null;
}

/** What an application and its service principal have in common. */
export interface CredentialHolder {
  readonly passwords: PasswordRecord[];
  readonly ownerObjectIds: Set<string>;
  /** Graph properties as last written, provider spelling. */
  readonly properties: Record<string, unknown>;
  readonly createdAt: number;
  readonly visibleFrom: number;
}

export interface ApplicationRecord extends CredentialHolder {
  readonly applicationObjectId: string;
  readonly clientId: string;
  readonly federatedCredentials: FederatedCredentialRecord[];
  deletedAt?: number;
}

export interface AppRole {
  readonly id: string;
  readonly value: string;
  readonly displayName: string;
  readonly description: string;
  readonly isEnabled: boolean;
  readonly allowedMemberTypes: readonly string[];
  readonly origin: string;
}

export interface ServicePrincipalRecord extends CredentialHolder {
  readonly servicePrincipalObjectId: string;
  readonly clientId: string;
  /** Microsoft's own: read-only, and never deleted. */
  readonly firstParty: boolean;
  /** Roles of a first-party resource; a tenant application's roles are on the application. */
  readonly appRoles: readonly AppRole[];
}

export interface AppRoleAssignmentRecord {
  readonly assignmentId: string;
  readonly appRoleId: string;
  readonly principalId: string;
  readonly resourceId: string;
  readonly createdAt: number;
}

export interface MembershipRecord {
  readonly memberObjectId: string;
  readonly visibleFrom: number;
  /** Removed: gone from reads from here on. */
  goneFrom?: number;
}

export interface GroupRecord {
  readonly groupObjectId: string;
  readonly properties: Record<string, unknown>;
  readonly ownerObjectIds: Set<string>;
  readonly memberships: MembershipRecord[];
  readonly createdAt: number;
  readonly visibleFrom: number;
}

export interface UserRecord {
  readonly userObjectId: string;
  readonly properties: Record<string, unknown>;
  readonly mailboxSettings: Record<string, unknown>;
}

/** One attempt at the token endpoint. */
export interface SignInRecord {
  readonly signInId: string;
  readonly at: string;
  readonly clientId: string;
  readonly ok: boolean;
  /** 0 for a success, else the number in AADSTSnnn. */
  readonly errorCode: number;
  readonly failureReason: string;
  /** The password that matched, expired ones too. */
  readonly keyId?: string;
  /** The federated credential that was fulfilled. */
  readonly federatedCredentialId?: string;
  readonly servicePrincipalObjectId?: string;
  readonly displayName: string;
  readonly resource: string;
  readonly ipAddress: string;
  readonly userAgent: string;
  readonly correlationId: string;
}

export interface AppManagementPolicy {
  isEnabled: boolean;
  /** addPassword is refused altogether. */
  passwordAddition: boolean;
  /** ISO-8601 cap on a new password's life; none when absent. */
  passwordMaxLifetime?: string;
}

/** The display name of anything that has one, "" otherwise. */
export function displayNameOf(
  record: { readonly properties: Record<string, unknown> } | undefined,
): string {
  const name = record?.properties["displayName"];
  return typeof name === "string" ? name : "";
}
