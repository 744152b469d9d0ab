// The groups by which the product gives licences: a parent and its member groups, exact names, protected.
// No person is put in or taken out by code: a user in the wrong group loses his logs for good.
import { getClientConfigOutput } from "@pulumi/azuread/getClientConfig";
import { Group } from "@pulumi/azuread/group";
import { GroupMember } from "@pulumi/azuread/groupMember";
import type * as pulumi from "@pulumi/pulumi";
import { ComponentResource, mergeOptions, output } from "@pulumi/pulumi";
import { importing } from "./importing";
import { ownersWith } from "./owners";

export interface LicenceGroupsArgs {
  /** Display name of the parent group; empty means that the product has no licence groups. */
  readonly licenceGroup: string;
  /** Display names of its member groups, byte for byte as the product wants them. */
  readonly licenceMembers: readonly string[];
  /** Object ids of the owners, beside whoever makes a group: looked at when it is made, and not again. @default none */
  readonly owners?: readonly string[];
  /** Object ids of those that exist and are taken over, by display name. @default none */
  readonly imports?: Readonly<Record<string, string>>;
  /** Import ids of the memberships in the parent that exist, by the member's display name. @default none */
  readonly memberships?: Readonly<Record<string, string>>;
  /** Names of the member groups that are not put into the parent. @default none */
  readonly apart?: readonly string[];
}

// What people decide about a group: everything but its name. Members are not in the list: never given, they are never
// compared, and the engine would copy those of an ignored list into the inputs.
const OTHERS_DECIDE = [
  "owners",
  "description",
  "theme",
  "types",
  "behaviors",
  "provisioningOptions",
  "administrativeUnitIds",
  "assignableToRole",
  "dynamicMembership",
  "preventDuplicateNames",
  "mailEnabled",
  "securityEnabled",
  "writebackEnabled",
];

/** Licence groups; members are groups only. */
export class LicenceGroups extends ComponentResource {
  static readonly TYPE = "keyturn:index:LicenceGroups";
  /** Object id of the parent group; empty without one. */
  readonly groupObjectId: pulumi.Output<string>;

  constructor(name: string, args: LicenceGroupsArgs, opts?: pulumi.ComponentResourceOptions) {
    const { licenceGroup, licenceMembers, imports = {}, memberships = {}, apart = [] } = args;
    const inputs = { licenceGroup, licenceMembers };
    super(LicenceGroups.TYPE, name, inputs, mergeOptions({ protect: true }, opts));

    // The deployer owns what it makes, so that it may add the member groups.
    const owners = ownersWith(getClientConfigOutput({ parent: this }).objectId, args.owners);
    const names = licenceGroup === "" ? [] : [licenceGroup, ...licenceMembers];
    // Nobody loses a licence with this stack: a group outlives it, with everybody in it.
    const lasting = { parent: this, retainOnDelete: true };
    const [parent, ...members] = names.map((displayName) => ({
      displayName,
      group: new Group(
        `${name}-${displayName}`,
        {
          displayName,
          securityEnabled: true,
          mailEnabled: false,
          owners,
          preventDuplicateNames: true,
        },
        {
          ...lasting,
          ignoreChanges: OTHERS_DECIDE,
          ...importing(imports[displayName] && `/groups/${imports[displayName]}`),
        },
      ),
    }));
    for (const member of members) {
      if (parent === undefined || apart.includes(member.displayName)) continue;
      new GroupMember(
        `${name}-${member.displayName}-member`,
        { groupObjectId: parent.group.objectId, memberObjectId: member.group.objectId },
        { ...lasting, ...importing(memberships[member.displayName]) },
      );
    }
    this.groupObjectId = parent?.group.objectId ?? output("");

    this.registerOutputs({ groupObjectId: this.groupObjectId });
  }
}
