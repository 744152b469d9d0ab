// The properties of a group, and the rules that join several of them.
import { isUnknown, type Properties } from "../../provider/values";
import { Diagnostic } from "../diagnostics";
import { flag, texts } from "../json";
import type { Field, Fields } from "../schema";
import { notEmpty, oneOf, uuid } from "../validators";

const OUTPUT_TEXT: Field = { kind: "string", mode: "computed" };
const UNIFIED_SWITCH: Field = { kind: "bool", mode: "optional+computed" };

export const GROUP_FIELDS: Fields = {
  administrativeUnitIds: { kind: "set", mode: "optional", validate: uuid },
  assignableToRole: { kind: "bool", mode: "optional", forceNew: true },
  autoSubscribeNewMembers: UNIFIED_SWITCH,
  behaviors: {
    kind: "set",
    mode: "optional",
    forceNew: true,
    validate: oneOf(
      "AllowOnlyMembersToPost",
      "HideGroupInOutlook",
      "SkipExchangeInstantOn",
      "SubscribeMembersToCalendarEventsDisabled",
      "SubscribeNewGroupMembers",
      "WelcomeEmailDisabled",
    ),
  },
  description: { kind: "string", mode: "optional" },
  displayName: { kind: "string", mode: "required", validate: notEmpty },
  dynamicMembership: {
    kind: "block",
    mode: "optional",
    conflictsWith: ["members"],
    fields: {
      enabled: { kind: "bool", mode: "required" },
      rule: { kind: "string", mode: "required" },
    },
  },
  externalSendersAllowed: UNIFIED_SWITCH,
  hideFromAddressLists: UNIFIED_SWITCH,
  hideFromOutlookClients: UNIFIED_SWITCH,
  mail: OUTPUT_TEXT,
  mailEnabled: {
    kind: "bool",
    mode: "optional",
    atLeastOneOf: ["mailEnabled", "securityEnabled"],
  },
  mailNickname: { kind: "string", mode: "optional+computed", forceNew: true, validate: notEmpty },
  members: {
    kind: "set",
    mode: "optional+computed",
    conflictsWith: ["dynamicMembership"],
    validate: uuid,
  },
  objectId: OUTPUT_TEXT,
  onpremisesDomainName: OUTPUT_TEXT,
  onpremisesGroupType: {
    kind: "string",
    mode: "optional+computed",
    validate: oneOf(
      "universalDistributionGroup",
      "universalMailEnabledSecurityGroup",
      "universalSecurityGroup",
    ),
  },
  onpremisesNetbiosName: OUTPUT_TEXT,
  onpremisesSamAccountName: OUTPUT_TEXT,
  onpremisesSecurityIdentifier: OUTPUT_TEXT,
  onpremisesSyncEnabled: { kind: "bool", mode: "computed" },
  owners: { kind: "set", mode: "optional+computed", validate: uuid },
  preferredLanguage: OUTPUT_TEXT,
  preventDuplicateNames: { kind: "bool", mode: "optional", default: false },
  provisioningOptions: {
    kind: "set",
    mode: "optional",
    forceNew: true,
    validate: oneOf("Team"),
  },
  proxyAddresses: { kind: "list", mode: "computed" },
  securityEnabled: {
    kind: "bool",
    mode: "optional",
    atLeastOneOf: ["mailEnabled", "securityEnabled"],
  },
  theme: {
    kind: "string",
    mode: "optional",
    validate: oneOf("Blue", "Green", "Orange", "Pink", "Purple", "Red", "Teal"),
  },
  types: {
    kind: "set",
    mode: "optional",
    forceNew: true,
    validate: oneOf("DynamicMembership", "Unified"),
  },
  visibility: {
    kind: "string",
    mode: "optional+computed",
    validate: oneOf("Hiddenmembership", "Private", "Public"),
  },
  writebackEnabled: { kind: "bool", mode: "optional", default: false },
};

const UNIFIED_ONLY = [
  ["autoSubscribeNewMembers", "auto_subscribe_new_members"],
  ["externalSendersAllowed", "external_senders_allowed"],
  ["hideFromAddressLists", "hide_from_address_lists"],
  ["hideFromOutlookClients", "hide_from_outlook_clients"],
] as const;

/** Refuses what Graph would refuse, before anything is made. */
export function examineGroup(planned: Properties): void {
  const types = texts(planned, "types");
  const unified = types.includes("Unified");
  const mailEnabled = flag(planned, "mailEnabled");
  if (types.includes("DynamicMembership") && planned["dynamicMembership"] === null) {
    refuse('`dynamic_membership` must be specified when `types` contains "DynamicMembership"');
  }
  if (mailEnabled && !unified) refuse('`types` must contain "Unified" for mail-enabled groups');
  if (!mailEnabled && unified) refuse("`mail_enabled` must be true for unified groups");
  if (mailEnabled && isUnknown(planned["mailNickname"])) {
    refuse("`mail_nickname` is required for mail-enabled groups");
  }
  if (flag(planned, "assignableToRole") && !flag(planned, "securityEnabled")) {
    refuse("`assignable_to_role` can only be `true` for security-enabled groups");
  }
  if (unified) return;
  for (const [name, terraformName] of UNIFIED_ONLY) {
    if (flag(planned, name)) refuse(`\`${terraformName}\` is only supported for unified groups`);
  }
  if (texts(planned, "behaviors").length > 0) {
    refuse("`behaviors` is only supported for unified groups");
  }
  if (texts(planned, "provisioningOptions").length > 0) {
    refuse("`provisioning_options` is only supported for unified groups");
  }
}

function refuse(text: string): never {
  throw new Diagnostic(text);
}
