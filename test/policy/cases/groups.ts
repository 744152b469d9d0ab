// Cases of the rules about licence groups.
import { type Given, UNKNOWN } from "../../helpers/policy-run";
import { casesOf, group } from "./case";

const PARENT = "SecureExchanges_Licences";
const MEMBERS = ["Advanced", "Eco", "No_Licence", "Pro"];
const component = (inputs: Given["inputs"] = {}, rest: Partial<Given> = {}): Given => ({
  type: "keyturn:index:LicenceGroups",
  name: "licences",
  inputs: { licenceGroup: PARENT, licenceMembers: MEMBERS, ...inputs },
  protect: true,
  ...rest,
});
const all = [group(PARENT), ...MEMBERS.map((name) => group(name))];
const member = (into: string, from: Given["from"] = {}): Given => ({
  type: "azuread:index/groupMember:GroupMember",
  name: "member",
  inputs: { groupObjectId: UNKNOWN, memberObjectId: UNKNOWN },
  from: { groupObjectId: [`group-${into}`], ...from },
});

export const groupCases = [
  ...casesOf(
    "licenceGroupsExact",
    ["passing", "is silent about the vendor's names", [component(), ...all]],
    ["passing", "is silent about groups of another kind", [group("pro"), group("eco")]],
    [
      "passing",
      "is silent about a product without licence groups",
      [component({ licenceGroup: "" })],
    ],
    [
      "failing",
      "finds a name in other letters",
      [group(PARENT), group("No_licence")],
      [/the name must be No_Licence, got No_licence/],
    ],
    [
      "failing",
      "finds a parent in other letters",
      [group("SecureExchanges Licences")],
      [/the name must be SecureExchanges_Licences, got SecureExchanges Licences/],
    ],
    [
      "failing",
      "finds a component that leaves one out",
      [component({ licenceMembers: ["Advanced", "Eco", "Pro"] })],
      [/names must be SecureExchanges_Licences, Advanced, Eco, No_Licence, Pro, but are not/],
    ],
    [
      "unknown",
      "notes a name that is not known yet",
      [group(PARENT), group(UNKNOWN, { name: "unnamed" })],
      [/^unnamed: displayName is not known/],
    ],
  ),
  ...casesOf(
    "licenceGroupsProtected",
    ["passing", "is silent about protected groups", [component(), ...all]],
    ["passing", "is silent about groups of another kind", [group("Pro", { protect: false })]],
    [
      "failing",
      "finds an unprotected parent",
      [group(PARENT, { protect: false })],
      [/^group-SecureExchanges_Licences: it must be protected/],
    ],
    [
      "failing",
      "finds an unprotected member group",
      [group(PARENT), group("No_Licence", { protect: false })],
      [/^group-No_Licence: it must be protected/],
    ],
    [
      "failing",
      "finds an unprotected component",
      [component({}, { protect: false })],
      [/^licences: it must be protected/],
    ],
    [
      "unknown",
      "notes a name that is not known yet",
      [group(UNKNOWN, { name: "unnamed" })],
      [/displayName is not known/],
    ],
  ),
  ...casesOf(
    "noLicenceGroupMembersByCode",
    [
      "passing",
      "is silent about member groups in the parent",
      [...all, member(PARENT, { memberObjectId: ["group-Pro"] })],
    ],
    ["passing", "is silent about groups of another kind", [group("Staff"), member("Staff")]],
    [
      "failing",
      "finds whatever is put into No_Licence",
      [...all, member("No_Licence", { memberObjectId: ["group-Pro"] })],
      [/nothing must be put into No_Licence/],
    ],
    [
      "failing",
      "finds a person in No_Licence without the other groups",
      [group("No_Licence"), member("No_Licence")],
      [/nothing must be put into No_Licence/],
    ],
    [
      "failing",
      "finds a person in a licence group",
      [...all, member("Pro")],
      [/no person must be put into Pro/],
    ],
    [
      "failing",
      "finds a list of members",
      [group("No_Licence", { inputs: { members: ["someone"] } })],
      [/members of No_Licence must not be given/],
    ],
    [
      "unknown",
      "finds a member that is not known yet by the group that it is put into",
      [group("No_Licence"), member("No_Licence")],
      [/nothing must be put into No_Licence/],
    ],
    [
      "unknown",
      "finds a person in a licence group beside a group whose name is not known yet",
      [group(UNKNOWN, { name: "unnamed" }), ...all, member("Pro")],
      [/^unnamed: displayName is not known/, /no person must be put into Pro/],
    ],
    [
      "unknown",
      "notes a list of members that is not known yet",
      [group("No_Licence", { inputs: { members: UNKNOWN } })],
      [/members is not known/],
    ],
  ),
];
