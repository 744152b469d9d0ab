// azuread.getUser: by user principal name, object id, mail, mail nickname or employee id.
import type { Properties } from "../../provider/values";
import { attempt, Diagnostic } from "../diagnostics";
import { child, flag, query, quoted, text, texts } from "../json";
import type { Operation } from "../operation";
import { defineFunction } from "./define";

/** Names that the provider and Graph share. */
const TEXTS = [
  "ageGroup",
  "city",
  "companyName",
  "consentProvidedForMinor",
  "country",
  "creationType",
  "department",
  "displayName",
  "employeeHireDate",
  "employeeId",
  "employeeType",
  "externalUserState",
  "faxNumber",
  "givenName",
  "jobTitle",
  "mail",
  "mailNickname",
  "mobilePhone",
  "officeLocation",
  "postalCode",
  "preferredLanguage",
  "state",
  "streetAddress",
  "surname",
  "usageLocation",
  "userPrincipalName",
  "userType",
] as const;

const ON_PREMISES = [
  "DistinguishedName",
  "DomainName",
  "ImmutableId",
  "SamAccountName",
  "SecurityIdentifier",
  "UserPrincipalName",
] as const;

const LISTS = ["businessPhones", "imAddresses", "otherMails", "proxyAddresses"] as const;

/** Arguments that a user is looked for by, as messages name them. */
const KEYS = [
  ["userPrincipalName", "user_principal_name", "UPN"],
  ["mail", "mail", "mail"],
  ["mailNickname", "mail_nickname", "mail nickname"],
  ["employeeId", "employee_id", "employee ID"],
] as const;

export const getUser = defineFunction("azuread:index/getUser:getUser", async (args, op) => {
  const user = await find(args, op);
  const objectId = text(user, "id");
  const manager = await op.find(`/v1.0/users/${objectId}/manager`, "Could not retrieve manager");
  const organisation = child(user, "employeeOrgData");
  return {
    ...(Object.fromEntries(TEXTS.map((name) => [name, text(user, name)])) as Properties),
    ...(Object.fromEntries(LISTS.map((name) => [name, texts(user, name)])) as Properties),
    ...(Object.fromEntries(
      ON_PREMISES.map((name) => [`onpremises${name}`, text(user, `onPremises${name}`)]),
    ) as Properties),
    accountEnabled: flag(user, "accountEnabled"),
    costCenter: text(organisation, "costCenter"),
    division: text(organisation, "division"),
    id: objectId,
    managerId: text(manager ?? {}, "id"),
    objectId,
    onpremisesSyncEnabled: flag(user, "onPremisesSyncEnabled"),
    showInAddressList: flag(user, "showInAddressList"),
  };
});

async function find(args: Properties, op: Operation): Promise<Properties> {
  const objectId = text(args, "objectId");
  if (objectId !== "") {
    const found = await op.find(`/v1.0/users/${objectId}`, `Retrieving user "${objectId}"`);
    if (found !== undefined) return found;
    throw new Diagnostic(`User not found with object ID: "${objectId}"`, { path: "object_id" });
  }
  const key = KEYS.find(([name]) => text(args, name) !== "");
  if (key === undefined) {
    throw new Diagnostic(
      "One of `object_id`, `user_principal_name`, `mail`, `mail_nickname` or `employee_id` must be supplied",
    );
  }
  const [name, path, label] = key;
  const value = text(args, name);
  const filter = query({ $filter: `${name} eq ${quoted(value)}` });
  const [found] = await attempt(`Finding user with ${label}: "${value}"`, () =>
    op.graph.list(`/v1.0/users${filter}`, op.once),
  );
  if (found !== undefined) return found;
  throw new Diagnostic(`User with ${label} "${value}" was not found`, { path });
}
