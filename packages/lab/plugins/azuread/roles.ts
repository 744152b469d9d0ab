// App roles and delegated scopes: as lists, and as maps from value to id.
import { flag, nullIfEmpty, text, texts } from "./json";
import type { Properties } from "../provider/values";

export function appRole(role: Properties): Properties {
  return {
    allowedMemberTypes: texts(role, "allowedMemberTypes"),
    description: text(role, "description"),
    displayName: text(role, "displayName"),
    enabled: flag(role, "isEnabled"),
    id: text(role, "id"),
    value: text(role, "value"),
  };
}

export function graphAppRole(role: Properties): Properties {
  return {
    allowedMemberTypes: texts(role, "allowedMemberTypes"),
    description: role["description"] ?? null,
    displayName: role["displayName"] ?? null,
    id: text(role, "id"),
    isEnabled: role["enabled"] !== false,
    value: nullIfEmpty(role["value"]),
  };
}

export function permissionScope(scope: Properties): Properties {
  return {
    adminConsentDescription: text(scope, "adminConsentDescription"),
    adminConsentDisplayName: text(scope, "adminConsentDisplayName"),
    enabled: flag(scope, "isEnabled"),
    id: text(scope, "id"),
    type: text(scope, "type"),
    userConsentDescription: text(scope, "userConsentDescription"),
    userConsentDisplayName: text(scope, "userConsentDisplayName"),
    value: text(scope, "value"),
  };
}

export function graphPermissionScope(scope: Properties): Properties {
  return {
    adminConsentDescription: nullIfEmpty(scope["adminConsentDescription"]),
    adminConsentDisplayName: nullIfEmpty(scope["adminConsentDisplayName"]),
    id: text(scope, "id"),
    isEnabled: scope["enabled"] !== false,
    type: scope["type"] ?? "User",
    userConsentDescription: nullIfEmpty(scope["userConsentDescription"]),
    userConsentDisplayName: nullIfEmpty(scope["userConsentDisplayName"]),
    value: nullIfEmpty(scope["value"]),
  };
}

/** Value to id, of those that have a value. */
export function idsByValue(list: readonly Properties[]): Properties {
  const pairs = list.map((each) => [text(each, "value"), text(each, "id")]);
  return Object.fromEntries(pairs.filter(([value]) => value !== "")) as Properties;
}
