// Federated identity credentials of applications: whose token stands for the application. Read by Graph and by the sign-in.
import { randomUUID } from "node:crypto";
import type { ApplicationRecord, FederatedCredentialRecord } from "./directory-records";

export type FederatedCredential = Omit<FederatedCredentialRecord, "credentialId">;

/** Graph takes no more for one application. */
export const MOST_CREDENTIALS = 20;

export function addFederatedCredential(
  application: ApplicationRecord,
  given: FederatedCredential,
): FederatedCredentialRecord {
  const record = { credentialId: randomUUID(), ...given };
  application.federatedCredentials.push(record);
  return record;
}

/** By id or by name, as Graph's paths name one. */
export function federatedCredentialOf(
  application: ApplicationRecord,
  key: string,
): FederatedCredentialRecord | undefined {
  return application.federatedCredentials.find(
    ({ credentialId, name }) => credentialId === key.toLowerCase() || name === key,
  );
}
