// A dozen people with mailboxes in several languages and time zones, for the simulated service to read.
import type { Directory } from "./directory";

const PEOPLE: readonly (readonly [string, string, string, string])[] = [
  ["Amélie", "Roy", "fr-CA", "Eastern Standard Time"],
  ["Benjamin", "Côté", "fr-CA", "Eastern Standard Time"],
  ["Chloé", "Gagnon", "fr-CA", "Eastern Standard Time"],
  ["Daniel", "Novák", "cs-CZ", "Central Europe Standard Time"],
  ["Eva", "Dvořáková", "cs-CZ", "Central Europe Standard Time"],
  ["Fiona", "Campbell", "en-AU", "AUS Eastern Standard Time"],
  ["Georg", "Huber", "de-DE", "W. Europe Standard Time"],
  ["Hannah", "Schmidt", "de-DE", "W. Europe Standard Time"],
  ["Isaac", "Walker", "en-US", "Pacific Standard Time"],
  ["Julia", "Bergeron", "fr-CA", "Eastern Standard Time"],
  ["Kenji", "Mori", "ja-JP", "Tokyo Standard Time"],
  ["Laura", "Ortiz", "es-ES", "Romance Standard Time"],
];

export function seedUsers(directory: Directory, domain: string): void {
  PEOPLE.forEach(([givenName, surname, locale, timeZone], index) => {
    const userObjectId = `b0000000-0000-4000-8000-${String(index + 1).padStart(12, "0")}`;
    const nickname = plain(`${givenName}.${surname}`);
    directory.users.set(userObjectId, {
      userObjectId,
      properties: {
        businessPhones: [],
        displayName: `${givenName} ${surname}`,
        givenName,
        jobTitle: null,
        mail: `${nickname}@${domain}`,
        mobilePhone: null,
        officeLocation: null,
        preferredLanguage: locale,
        surname,
        userPrincipalName: `${nickname}@${domain}`,
        accountEnabled: true,
        mailNickname: nickname,
        userType: "Member",
        createdDateTime: "2024-01-15T08:00:00Z",
      },
      mailboxSettings: {
        archiveFolder: "",
        timeZone,
        delegateMeetingMessageDeliveryOptions: "sendToDelegateOnly",
        dateFormat: "yyyy-MM-dd",
        timeFormat: "HH:mm",
        userPurpose: "user",
        automaticRepliesSetting: {
          status: "disabled",
          externalAudience: "all",
          internalReplyMessage: "",
          externalReplyMessage: "",
          scheduledStartDateTime: { dateTime: "2024-01-15T08:00:00.0000000", timeZone: "UTC" },
          scheduledEndDateTime: { dateTime: "2024-01-16T08:00:00.0000000", timeZone: "UTC" },
        },
        language: { locale, displayName: locale },
        workingHours: {
          daysOfWeek: ["monday", "tuesday", "wednesday", "thursday", "friday"],
          startTime: "08:00:00.0000000",
          endTime: "17:00:00.0000000",
          timeZone: { name: timeZone },
        },
      },
    });
  });
}

function plain(name: string): string {
  return name
    .normalize("NFD")
    .replaceAll(/\p{Diacritic}/gu, "")
    .toLowerCase();
}
