// Every rule of the pack; packSettings first, since the others read what it keeps.
import type { Rule } from "../rule";
import { adoptionLevelAtLeast } from "./adoptionLevelAtLeast";
import { applicationSingleTenant } from "./applicationSingleTenant";
import { continueOnErrorRefused } from "./continueOnErrorRefused";
import { graphRolesConsented } from "./graphRolesConsented";
import { graphRolesExactly } from "./graphRolesExactly";
import { licenceGroupsExact } from "./licenceGroupsExact";
import { licenceGroupsProtected } from "./licenceGroupsProtected";
import { noLicenceGroupMembersByCode } from "./noLicenceGroupMembersByCode";
import { passwordDaysLeftAtLeast } from "./passwordDaysLeftAtLeast";
import { passwordEndDateNotRelative } from "./passwordEndDateNotRelative";
import { passwordEndDateWholeSeconds } from "./passwordEndDateWholeSeconds";
import { passwordHasEndDate } from "./passwordHasEndDate";
import { passwordLifetimeAtMost } from "./passwordLifetimeAtMost";
import { passwordNotInline } from "./passwordNotInline";
import { passwordNotReplacedInPlace } from "./passwordNotReplacedInPlace";
import { rehearsalClockInLabOnly } from "./rehearsalClockInLabOnly";
import { remoteCommandHasHostKey } from "./remoteCommandHasHostKey";
import { remoteCommandKeepsSecretOffCommandLine } from "./remoteCommandKeepsSecretOffCommandLine";
import { remoteCommandLogsNothing } from "./remoteCommandLogsNothing";
import { roleAssignmentNotOwner } from "./roleAssignmentNotOwner";
import { rotationFitsLifetime } from "./rotationFitsLifetime";
import { secretExpiryMatchesPassword } from "./secretExpiryMatchesPassword";
import { secretHasContentType } from "./secretHasContentType";
import { secretHasExpiry } from "./secretHasExpiry";
import { secretHasRotationTags } from "./secretHasRotationTags";
import { packSettings } from "./packSettings";

/** The rules, in the order of RULES.md. */
export const RULES: readonly Rule[] = [
  packSettings,
  passwordHasEndDate,
  passwordLifetimeAtMost,
  passwordDaysLeftAtLeast,
  passwordEndDateNotRelative,
  passwordEndDateWholeSeconds,
  passwordNotInline,
  passwordNotReplacedInPlace,
  secretHasExpiry,
  secretExpiryMatchesPassword,
  secretHasContentType,
  secretHasRotationTags,
  rotationFitsLifetime,
  adoptionLevelAtLeast,
  applicationSingleTenant,
  graphRolesExactly,
  graphRolesConsented,
  licenceGroupsExact,
  licenceGroupsProtected,
  noLicenceGroupMembersByCode,
  remoteCommandHasHostKey,
  remoteCommandLogsNothing,
  remoteCommandKeepsSecretOffCommandLine,
  roleAssignmentNotOwner,
  rehearsalClockInLabOnly,
  continueOnErrorRefused,
];
