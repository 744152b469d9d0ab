// How late the emulated directory is, in lab seconds; tests and the control API change it at any time.

export interface DirectorySettings {
  /** Lab seconds from addPassword until the first replica accepts the secret. @default 3 */
  propagationSeconds: number;
  /** Further lab seconds in which replicas disagree: sign-ins succeed and fail in turn. @default 0 */
  replicaSpreadSeconds: number;
  /** Lab seconds for which a removed secret still signs in. @default 0 */
  removalDelaySeconds: number;
  /** Lab seconds until a created application, principal or group is found. @default 0 */
  objectDelaySeconds: number;
  /** Lab seconds until an added or removed member shows. @default 0 */
  memberDelaySeconds: number;
  /** Lab seconds until a sign-in shows in the sign-in log. @default 0 */
  signInLogDelaySeconds: number;
  /** The tenant has Entra ID P1: the sign-in log can be read. @default true */
  premiumLicence: boolean;
  /** Objects a page when the caller asks for no $top. @default 100 */
  pageSize: number;
}

export const DEFAULT_SETTINGS: DirectorySettings = {
  propagationSeconds: 3,
  replicaSpreadSeconds: 0,
  removalDelaySeconds: 0,
  objectDelaySeconds: 0,
  memberDelaySeconds: 0,
  signInLogDelaySeconds: 0,
  premiumLicence: true,
  pageSize: 100,
};
