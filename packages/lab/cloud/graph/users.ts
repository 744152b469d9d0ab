// Users and their mailbox settings, the organisation, and directory objects of any type: read only.
import { namesOf } from "../endpoints";
import { TENANT_DOMAIN, TENANT_ID, TENANT_NAME } from "../seed";
import { GraphError, notFound } from "./errors";
import { userOf } from "./lookup";
import { type Operation, collection, entity } from "./operations";
import { objectShape, userShape } from "./shapes";

const READ = [
  "User.Read.All",
  "User.ReadWrite.All",
  "Directory.Read.All",
  "Directory.ReadWrite.All",
];
const MAILBOX = ["MailboxSettings.Read", "MailboxSettings.ReadWrite"];

export const USER_OPERATIONS: readonly Operation[] = [
  {
    method: "GET",
    path: "/users",
    doc: "user-list",
    permissions: ["User.ReadBasic.All", ...READ],
    handle: (call) => {
      const select = call.query["$filter"] === undefined ? call.query["$select"] : "*";
      const shapes = [...call.directory.users.values()].map((one) => userShape(one, select));
      return collection(call, "users", shapes, "User");
    },
  },
  {
    method: "GET",
    path: "/users/:id",
    doc: "user-get",
    permissions: READ,
    handle: (call) => entity(call, "users", userShape(userOf(call), call.query["$select"])),
  },
  {
    method: "GET",
    path: "/users/:id/mailboxSettings",
    doc: "user-get-mailboxsettings",
    permissions: MAILBOX,
    refusal: () => {
      const text = "Access is denied. Check credentials and try again.";
      return new GraphError(403, "ErrorAccessDenied", text);
    },
    handle: (call) => {
      const user = userOf(call);
      const answer = entity(call, "users", user.mailboxSettings);
      const context = `${namesOf(call.context.endpoints).graphUrl}/${call.version}/$metadata#users('${user.userObjectId}')/mailboxSettings`;
      return { ...answer, body: { ...(answer.body as object), "@odata.context": context } };
    },
  },
  {
    method: "GET",
    path: "/organization",
    doc: "organization-list",
    permissions: ["Organization.Read.All", "Directory.Read.All", "Directory.ReadWrite.All"],
    handle: (call) => collection(call, "organization", [ORGANISATION], "Organization"),
  },
  {
    method: "GET",
    path: "/directoryObjects/:id",
    doc: "directoryobject-get",
    permissions: [...READ, "Application.Read.All", "Group.Read.All", "Application.ReadWrite.All"],
    handle: (call) => {
      const id = call.params["id"] ?? "";
      const shape = objectShape(id, call.directory, call.version, call.query["$select"]);
      if (shape === undefined) throw notFound(id);
      return entity(call, "directoryObjects", shape);
    },
  },
];

const ORGANISATION = {
  id: TENANT_ID,
  deletedDateTime: null,
  displayName: TENANT_NAME,
  countryLetterCode: "CA",
  createdDateTime: "2024-01-15T08:00:00Z",
  preferredLanguage: "en",
  tenantType: "AAD",
  verifiedDomains: [
    {
      capabilities: "Email, OfficeCommunicationsOnline",
      isDefault: true,
      isInitial: true,
      name: TENANT_DOMAIN,
      type: "Managed",
    },
  ],
};
