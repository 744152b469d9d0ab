// Whether every value of a part of Pulumi.<stack>.yaml is encrypted. Pure.

/** @param written as YAML gives it; nothing written holds no secret */
export function isEncrypted(written: unknown): boolean {
  if (written === undefined || written === null) return true;
  if (typeof written !== "object") return false;
  const entries = Object.entries(written);
  if (entries.length === 1 && typeof entries[0]?.[1] === "string" && entries[0][0] === "secure")
    return true;
  return entries.every(([, inner]) => isEncrypted(inner));
}
