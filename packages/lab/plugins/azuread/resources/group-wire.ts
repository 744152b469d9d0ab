// A group in Graph's words (all of it on the beta endpoint) and in the provider's.
import type { Properties } from "../../provider/values";
import { child, flag, text, texts } from "../json";

/** The whole of a group, its members and owners given beside it. */
export function fromGraph(
  group: Properties,
  related: { readonly members: string[]; readonly owners: string[]; readonly units: string[] },
  unified: Properties,
): Properties {
  const writeback = child(group, "writebackConfiguration");
  return {
    administrativeUnitIds: related.units,
    assignableToRole: flag(group, "isAssignableToRole"),
    autoSubscribeNewMembers: flag(unified, "autoSubscribeNewMembers"),
    behaviors: texts(group, "resourceBehaviorOptions"),
    description: text(group, "description"),
    displayName: text(group, "displayName"),
    dynamicMembership: dynamicMembership(group),
    externalSendersAllowed: flag(unified, "allowExternalSenders"),
    hideFromAddressLists: flag(unified, "hideFromAddressLists"),
    hideFromOutlookClients: flag(unified, "hideFromOutlookClients"),
    mail: text(group, "mail"),
    mailEnabled: flag(group, "mailEnabled"),
    mailNickname: text(group, "mailNickname"),
    members: related.members,
    objectId: text(group, "id"),
    onpremisesDomainName: text(group, "onPremisesDomainName"),
    onpremisesGroupType: writeback["onPremisesGroupType"] ?? null,
    onpremisesNetbiosName: text(group, "onPremisesNetBiosName"),
    onpremisesSamAccountName: text(group, "onPremisesSamAccountName"),
    onpremisesSecurityIdentifier: text(group, "onPremisesSecurityIdentifier"),
    onpremisesSyncEnabled: flag(group, "onPremisesSyncEnabled"),
    owners: related.owners,
    preferredLanguage: text(group, "preferredLanguage"),
    provisioningOptions: texts(group, "resourceProvisioningOptions"),
    proxyAddresses: texts(group, "proxyAddresses"),
    securityEnabled: flag(group, "securityEnabled"),
    theme: text(group, "theme"),
    types: texts(group, "groupTypes"),
    visibility: text(group, "visibility"),
    writebackEnabled: flag(writeback, "isEnabled"),
  };
}

/** A rule that is absent reads as one that is set; Graph gives null for none. */
function dynamicMembership(group: Properties): Properties | null {
  if (group["membershipRule"] === null) return null;
  return {
    enabled: text(group, "membershipRuleProcessingState") === "On",
    rule: text(group, "membershipRule"),
  };
}
