// Object ids within resource ids, and how messages name an object.

/** The last segment: `/applications/{objectId}` and a bare object id both give the object id. */
export function objectIdOf(resourceId: string): string {
  return resourceId.split("/").pop() ?? "";
}

export function applicationName(objectId: string): string {
  return `Application (Application: "${objectId}")`;
}

export function servicePrincipalName(objectId: string): string {
  return `Service Principal (Service Principal: "${objectId}")`;
}

export function groupName(objectId: string): string {
  return `Group (Group: "${objectId}")`;
}

/** `{objectId}/{kind}/{part}`, as passwords and memberships are named; undefined for anything else. */
export function pairOf(id: string, kind: string): readonly [string, string] | undefined {
  const [objectId, middle, part, ...rest] = id.split("/");
  if (objectId === undefined || objectId === "" || middle !== kind) return undefined;
  return part === undefined || part === "" || rest.length > 0 ? undefined : [objectId, part];
}
