// Carries out the control API's orders on the tenant.
import type { CloudContext } from "./cloud/context";
import { makeApplication, makeGroup, showGroups } from "./cloud/existing";
import {
  addForeignPassword,
  believeJob,
  addUserToGroup,
  grantAppRole,
  keyIdsOf,
  removePasswordOutOfBand,
  removeUserFromGroup,
  revokeAppRole,
  setAppManagementPolicy,
  setApplicationEnabled,
} from "./cloud/mutations";
import {
  DIRECTORY_ORDERS,
  type DirectoryOrderName,
  OrderRefused,
  readOrder,
} from "./control-orders";

/** Answers facts about what was done; never a secret value. */
export function carryOut(context: CloudContext, name: string, body: unknown): object {
  if (!isOrder(name)) {
    const known = Object.keys(DIRECTORY_ORDERS).join(", ");
    throw new OrderRefused(`The lab knows no order "${name}". It knows ${known}.`, 404);
  }
  try {
    return run(context, name, body);
  } catch (error) {
    if (error instanceof OrderRefused || !(error instanceof Error)) throw error;
    throw new OrderRefused(`The lab cannot do ${name}: ${error.message}`);
  }
}

function run({ directory }: CloudContext, name: DirectoryOrderName, body: unknown): object {
  switch (name) {
    case "remove-password": {
      const { clientId, keyId } = readOrder(DIRECTORY_ORDERS[name], body);
      removePasswordOutOfBand(directory, clientId, keyId);
      return { keyIds: keyIdsOf(directory, clientId) };
    }
    case "add-password": {
      const { clientId, displayName, endDateTime } = readOrder(DIRECTORY_ORDERS[name], body);
      const { keyId } = addForeignPassword(directory, clientId, {
        ...(displayName !== undefined && { displayName }),
        ...(endDateTime !== undefined && { endDateTime }),
      });
      return { keyId, keyIds: keyIdsOf(directory, clientId) };
    }
    case "add-federated-credential": {
      const { clientId, ...given } = readOrder(DIRECTORY_ORDERS[name], body);
      return { credentialId: believeJob(directory, clientId, given).credentialId };
    }
    case "grant-role": {
      const { clientId, role } = readOrder(DIRECTORY_ORDERS[name], body);
      return { assignmentId: grantAppRole(directory, clientId, role).assignmentId };
    }
    case "revoke-role": {
      const { clientId, role } = readOrder(DIRECTORY_ORDERS[name], body);
      return { revoked: revokeAppRole(directory, clientId, role) };
    }
    case "set-enabled": {
      const { clientId, enabled } = readOrder(DIRECTORY_ORDERS[name], body);
      setApplicationEnabled(directory, clientId, enabled);
      return { enabled };
    }
    case "add-member": {
      const { group, user } = readOrder(DIRECTORY_ORDERS[name], body);
      addUserToGroup(directory, group, user);
      return { group, user };
    }
    case "remove-member": {
      const { group, user } = readOrder(DIRECTORY_ORDERS[name], body);
      removeUserFromGroup(directory, group, user);
      return { group, user };
    }
    case "create-application":
      return makeApplication(directory, readOrder(DIRECTORY_ORDERS[name], body));
    case "create-group":
      return makeGroup(directory, readOrder(DIRECTORY_ORDERS[name], body));
    case "show-groups":
      return showGroups(directory, readOrder(DIRECTORY_ORDERS[name], body).group);
    case "set-policy": {
      const { isEnabled, passwordAddition, passwordMaxLifetime } = readOrder(
        DIRECTORY_ORDERS[name],
        body,
      );
      return setAppManagementPolicy(directory, {
        ...(isEnabled !== undefined && { isEnabled }),
        ...(passwordAddition !== undefined && { passwordAddition }),
        ...(passwordMaxLifetime !== undefined && { passwordMaxLifetime }),
      });
    }
  }
}

function isOrder(name: string): name is DirectoryOrderName {
  return Object.hasOwn(DIRECTORY_ORDERS, name);
}
