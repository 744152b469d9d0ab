// The mistake: a user whom code puts into No_Licence, and who loses his logs.
import { Group } from "@pulumi/azuread/group";
import { GroupMember } from "@pulumi/azuread/groupMember";

const { objectId } = new Group(
  "no-licence",
  { displayName: "No_Licence", securityEnabled: true },
  { protect: true },
);
new GroupMember("somebody", {
  groupObjectId: objectId,
  memberObjectId: "00000000-0000-4000-8000-000000000002",
});
