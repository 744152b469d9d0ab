// The groups by which the product gives licences: a parent and its member groups, exact names, protected.
// No person is put in or taken out by code: a user in the wrong group loses his logs for good.
import { getClientConfigOutput } from "@pulumi/azuread/getClientConfig";
import { Group } from "@pulumi/azuread/group";
import { GroupMember } from "@pulumi/azuread/groupMember";
import type * as pulumi from "@pulumi/pulumi";
import { ComponentResource, mergeOptions, output } from "@pulumi/pulumi";

export interface LicenceGroupsArgs {
  /** Display name of the parent group; empty means that the product has no licence groups. */
  readonly licenceGroup: string;
  /** Display names of its member groups, byte for byte as the product wants them. */
  readonly licenceMembers: readonly string[];
}

/** Licence groups; members are groups only. */
export class LicenceGroups extends ComponentResource {
  static readonly TYPE = "keyturn:index:LicenceGroups";
  /** Object id of the parent group; empty without one. */
  readonly groupObjectId: pulumi.Output<string>;

  constructor(name: string, args: LicenceGroupsArgs, opts?: pulumi.ComponentResourceOptions) {
    const { licenceGroup, licenceMembers } = args;
    const inputs = { licenceGroup, licenceMembers };
    super(LicenceGroups.TYPE, name, inputs, mergeOptions({ protect: true }, opts));

    // The deployer owns what it makes, so that it may add the member groups.
    const owners = [getClientConfigOutput({ parent: this }).objectId];
    const names = licenceGroup === "" ? [] : [licenceGroup, ...licenceMembers];
    const [parent, ...members] = names.map((displayName) => ({
      displayName,
      group: new Group(
        `${name}-${displayName}`,
        { displayName, securityEnabled: true, mailEnabled: false, owners },
        // Members and owners are people's business.
        { parent: this, ignoreChanges: ["members", "owners"] },
      ),
    }));
    for (const member of members) {
      if (parent === undefined) continue;
      new GroupMember(
        `${name}-${member.displayName}-member`,
        { groupObjectId: parent.group.objectId, memberObjectId: member.group.objectId },
        { parent: this },
      );
    }
    this.groupObjectId = parent?.group.objectId ?? output("");

    this.registerOutputs({ groupObjectId: this.groupObjectId });
  }
}
