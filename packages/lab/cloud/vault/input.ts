// Reads what a client of the data plane sends: names, versions, bodies and paging, refused as the service refuses.
// Limits are Microsoft's: 25 KB a value, 255 characters of content type, 15 tags of 256 characters.
import { z } from "zod";
import { badParameter } from "./errors";
import type { SecretChange, SecretInput } from "./secrets";

export const MAX_VALUE_BYTES = 25_600;
export const MAX_TAGS = 15;
export const MAX_TAG_CHARACTERS = 256;
export const MAX_CONTENT_TYPE_CHARACTERS = 255;
export const MAX_PAGE = 25;

/** API versions that the emulated data plane answers. */
export const API_VERSIONS = ["7.4", "7.5", "7.6", "2025-06-01-preview", "2025-07-01"] as const;

const NAME = /^[0-9a-zA-Z-]{1,127}$/;
const VERSION = /^[0-9a-f]{32}$/i;

const Attributes = z.object({
  enabled: z.boolean().optional(),
  nbf: z.int().nonnegative().nullish(),
  exp: z.int().nonnegative().nullish(),
});

const Tags = z
  .record(z.string().max(MAX_TAG_CHARACTERS), z.string().max(MAX_TAG_CHARACTERS))
  .refine((tags) => Object.keys(tags).length <= MAX_TAGS);

const Shared = {
  contentType: z.string().max(MAX_CONTENT_TYPE_CHARACTERS).nullish(),
  attributes: Attributes.nullish(),
  tags: Tags.nullish(),
};

/** The body of a set; also what ARM's PUT holds in its properties. */
export const SetBody = z.object({
  ...Shared,
  value: z.string().refine((value) => Buffer.byteLength(value) <= MAX_VALUE_BYTES),
});
const UpdateBody = z.object(Shared);

export function requireApiVersion(version: string | undefined): void {
  if (version === undefined || version === "") throw badParameter("api-version must be specified");
  if (!API_VERSIONS.some((known) => known === version)) {
    throw badParameter(`Specified api-version ${version} is not supported.`);
  }
}

export function requireName(name: string): string {
  if (!NAME.test(name)) throw badParameter(`The request URI contains an invalid name: ${name}`);
  return name;
}

export function requireVersion(version: string): string {
  if (!VERSION.test(version)) {
    throw badParameter(`The request URI contains an invalid version: ${version}`);
  }
  return version;
}

export function readSet(body: unknown): SecretInput {
  const { value, contentType, tags, attributes } = parse(SetBody, body);
  const window = readAttributes(attributes);
  return {
    value,
    ...(contentType == null ? {} : { contentType }),
    ...(tags == null ? {} : { tags }),
    attributes: { enabled: true, ...window },
  };
}

export function readUpdate(body: unknown): SecretChange {
  const { contentType, tags, attributes } = parse(UpdateBody, body ?? {});
  return {
    ...(contentType == null ? {} : { contentType }),
    ...(tags == null ? {} : { tags }),
    attributes: readAttributes(attributes),
  };
}

export function readPageSize(maxresults: string | undefined): number {
  if (maxresults === undefined) return MAX_PAGE;
  const size = Number(maxresults);
  if (!Number.isInteger(size) || size < 1 || size > MAX_PAGE) {
    throw badParameter(`The maxresults parameter must be between 1 and ${MAX_PAGE}.`);
  }
  return size;
}

function readAttributes(attributes: z.infer<typeof Attributes> | null | undefined) {
  const { enabled, nbf, exp } = attributes ?? {};
  if (nbf != null && exp != null && nbf >= exp) {
    throw badParameter("The value of nbf must be less than the value of exp.");
  }
  return {
    ...(enabled === undefined ? {} : { enabled }),
    ...(nbf == null ? {} : { notBefore: nbf }),
    ...(exp == null ? {} : { expires: exp }),
  };
}

function parse<T>(schema: z.ZodType<T>, body: unknown): T {
  const parsed = schema.safeParse(body);
  if (parsed.success) return parsed.data;
  const at = parsed.error.issues[0]?.path.join(".") ?? "";
  // The service leaves the name out of the text when the value itself is at fault.
  throw badParameter(`Property ${at === "value" ? "" : at} has invalid value\r\n`);
}
