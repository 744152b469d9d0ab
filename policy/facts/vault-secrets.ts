// What a Key Vault secret says of itself, in the words of azure-native or of the classic provider.
import { DateTime } from "luxon";
import { isPassword, sourcesOf } from "../kinds";
import { read, readKeys, readText } from "../reading";
import type { StackSubject, Subject } from "../rule";
import { readInstant } from "./instants";

const isClassic = ({ type }: Subject): boolean => type.startsWith("azure:");

/** When the vault stops giving it out. @throws Unseen */
export function expiryOf(subject: Subject): DateTime | undefined {
  if (isClassic(subject)) return readInstant(subject, "expirationDate");
  const seconds = read(subject, "properties", "attributes", "expires");
  return typeof seconds === "number" ? DateTime.fromSeconds(seconds, { zone: "utc" }) : undefined;
}

/** @throws Unseen */
export function contentTypeOf(subject: Subject): string | undefined {
  return isClassic(subject)
    ? readText(subject, "contentType")
    : readText(subject, "properties", "contentType");
}

/** Names of its tags; their values may be unknown. @throws Unseen */
export function tagNamesOf(subject: Subject): string[] {
  return readKeys(subject, "tags");
}

/** The Entra passwords that its value comes from. */
export function passwordsIn(subject: StackSubject): StackSubject[] {
  return sourcesOf(subject, "properties", "value").filter(isPassword);
}
