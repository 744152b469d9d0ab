// Feature tags: switches that Entra keeps as tags of an application or a service principal.
import { flag, objects, texts } from "./json";
import type { Fields } from "./schema";
import type { Properties } from "../provider/values";

const TAGS = {
  customSingleSignOn: "WindowsAzureActiveDirectoryCustomSingleSignOnApplication",
  enterprise: "WindowsAzureActiveDirectoryIntegratedApp",
  gallery: "WindowsAzureActiveDirectoryGalleryApplicationNonPrimaryV1",
  hide: "HideApp",
} as const;

export const FEATURE_FIELDS: Fields = {
  customSingleSignOn: { kind: "bool", mode: "optional" },
  enterprise: { kind: "bool", mode: "optional" },
  gallery: { kind: "bool", mode: "optional" },
  hide: { kind: "bool", mode: "optional" },
};

/** The tags to send: from the switches when they are given, else as listed. */
export function plannedTags(planned: Properties, prior?: Properties): string[] {
  const switches = objects(planned, "featureTags")[0];
  const changed =
    JSON.stringify(planned["featureTags"]) !== JSON.stringify(prior?.["featureTags"] ?? null);
  if (switches === undefined || !changed) return texts(planned, "tags");
  return Object.entries(TAGS).flatMap(([name, tag]) => (flag(switches, name) ? [tag] : []));
}

export function featureTags(tags: readonly string[]): Properties[] {
  const switches = Object.entries(TAGS).map(([name, tag]) => [name, tags.includes(tag)]);
  return [Object.fromEntries(switches) as Properties];
}

/** The same under the names that service principals had before. */
export function formerFeatures(tags: readonly string[]): Properties[] {
  return [
    {
      customSingleSignOnApp: tags.includes(TAGS.customSingleSignOn),
      enterpriseApplication: tags.includes(TAGS.enterprise),
      galleryApplication: tags.includes(TAGS.gallery),
      visibleToUsers: !tags.includes(TAGS.hide),
    },
  ];
}
