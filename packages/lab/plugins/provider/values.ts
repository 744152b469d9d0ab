// Property values as the engine and a provider exchange them: plain JSON, in which secrets, unknowns,
// assets, output values and resource references are marked by signature keys. Nothing is unwrapped.

/** A property value in its wire form. */
export type PropertyValue = null | boolean | number | string | PropertyValue[] | Properties;

/** The properties of a resource, a provider's configuration, or a function's arguments. */
export interface Properties {
  [name: string]: PropertyValue;
}

/** The key that marks an object as something other than an object. */
export const SIGNATURE_KEY = "4dabf18193072939515e22adb298388d";
export const SECRET_SIGNATURE = "1b47061264138c4ac30d75fd1eb44270";
export const ASSET_SIGNATURE = "c44067f5952c0a294b673a41bacd8c17";
export const ARCHIVE_SIGNATURE = "0def7320c3a5731c473e5ecbe6d01bc7";
export const OUTPUT_SIGNATURE = "d0e6a833031e9bbcd3f4e8bde6ca49a4";
export const RESOURCE_SIGNATURE = "5cf8f73096256a8f31e491e813e4eb8e";

/** A string that is not known yet; the other kinds of unknown follow. */
export const UNKNOWN = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";
const UNKNOWNS: ReadonlySet<string> = new Set([
  UNKNOWN,
  "1c4a061d-8072-4f0a-a4cb-0ff528b18fe7", // bool
  "3eeb2bf0-c639-47a8-9e75-3b44932eb421", // number
  "6a19a0b0-7e62-4c92-b797-7f8e31da9cc2", // array
  "030794c1-ac77-496b-92df-f27374a8bd58", // asset
  "e48ece36-62e2-4504-bad9-02848725956a", // archive
  "dd056dcd-154b-4c76-9bd3-c8f88648b5ff", // object
]);

export function isObject(value: PropertyValue | undefined): value is Properties {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** The signature of a marked object, or undefined for every other value. */
export function signatureOf(value: PropertyValue | undefined): string | undefined {
  const signature = isObject(value) ? value[SIGNATURE_KEY] : undefined;
  return typeof signature === "string" ? signature : undefined;
}

/** An object that is just an object: not a secret, an asset, an output value or a reference. */
export function isPlainObject(value: PropertyValue | undefined): value is Properties {
  return isObject(value) && signatureOf(value) === undefined;
}

export function isUnknown(value: PropertyValue | undefined): boolean {
  return (
    (typeof value === "string" && UNKNOWNS.has(value)) ||
    (isOutputValue(value) && value["value"] === undefined)
  );
}

export function isSecret(value: PropertyValue | undefined): value is Properties {
  return signatureOf(value) === SECRET_SIGNATURE;
}

export function isOutputValue(value: PropertyValue | undefined): value is Properties {
  return signatureOf(value) === OUTPUT_SIGNATURE;
}

export function isAsset(value: PropertyValue | undefined): value is Properties {
  return signatureOf(value) === ASSET_SIGNATURE;
}

export function isArchive(value: PropertyValue | undefined): value is Properties {
  return signatureOf(value) === ARCHIVE_SIGNATURE;
}

/** Marks a value as secret; a value that is one already stays as it is. */
export function secret(value: PropertyValue): PropertyValue {
  return isSecret(value) ? value : { [SIGNATURE_KEY]: SECRET_SIGNATURE, value };
}

/** The value under any number of secret and output wrappers; an unknown output value is UNKNOWN. */
export function unwrap(value: PropertyValue): PropertyValue {
  if (isSecret(value)) return unwrap(value["value"] ?? null);
  if (isOutputValue(value)) {
    const known = value["value"];
    return known === undefined ? UNKNOWN : unwrap(known);
  }
  return value;
}

/** As `unwrap`, through lists and objects; assets and archives stay marked. */
export function unwrapDeep(value: PropertyValue): PropertyValue {
  const bare = unwrap(value);
  if (Array.isArray(bare)) return bare.map(unwrapDeep);
  if (!isPlainObject(bare)) return bare;
  return mapValues(bare, unwrapDeep);
}

/** Whether the value, or anything in it, is unknown. */
export function containsUnknown(value: PropertyValue): boolean {
  return some(value, isUnknown);
}

/** Whether the value, or anything in it, is secret. */
export function containsSecret(value: PropertyValue): boolean {
  return some(value, (each) => isSecret(each) || (isOutputValue(each) && each["secret"] === true));
}

/** Equality by content, wrappers included. */
export function equal(one: PropertyValue | undefined, other: PropertyValue | undefined): boolean {
  if (Array.isArray(one) && Array.isArray(other)) {
    return one.length === other.length && one.every((each, index) => equal(each, other[index]));
  }
  if (isObject(one) && isObject(other)) {
    const names = Object.keys(one);
    return (
      names.length === Object.keys(other).length &&
      names.every((name) => name in other && equal(one[name], other[name]))
    );
  }
  return one === other;
}

export function mapValues(
  properties: Properties,
  change: (value: PropertyValue, name: string) => PropertyValue,
): Properties {
  return Object.fromEntries(
    Object.entries(properties).map(([name, value]) => [name, change(value, name)]),
  );
}

function some(value: PropertyValue, test: (value: PropertyValue) => boolean): boolean {
  if (test(value)) return true;
  if (Array.isArray(value)) return value.some((each) => some(each, test));
  return isObject(value) && Object.values(value).some((each) => some(each, test));
}
