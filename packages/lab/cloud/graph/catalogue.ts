// Every operation of Microsoft Graph that the lab serves, on v1.0 and on beta alike.
import { APP_ROLE_ASSIGNMENT_OPERATIONS } from "./app-role-assignments";
import { APPLICATION_OPERATIONS } from "./applications";
import { FEDERATED_CREDENTIAL_OPERATIONS } from "./federated-credentials";
import { GROUP_OPERATIONS } from "./groups";
import { MEMBER_OPERATIONS } from "./members";
import type { Operation } from "./operations";
import { OWNER_OPERATIONS } from "./owners";
import { PASSWORD_OPERATIONS } from "./passwords";
import { SERVICE_PRINCIPAL_OPERATIONS } from "./service-principals";
import { SIGN_IN_OPERATIONS } from "./sign-ins";
import { USER_OPERATIONS } from "./users";

export const OPERATIONS: readonly Operation[] = [
  ...APPLICATION_OPERATIONS,
  ...SERVICE_PRINCIPAL_OPERATIONS,
  ...PASSWORD_OPERATIONS,
  ...FEDERATED_CREDENTIAL_OPERATIONS,
  ...APP_ROLE_ASSIGNMENT_OPERATIONS,
  ...OWNER_OPERATIONS,
  ...GROUP_OPERATIONS,
  ...MEMBER_OPERATIONS,
  ...USER_OPERATIONS,
  ...SIGN_IN_OPERATIONS,
];
