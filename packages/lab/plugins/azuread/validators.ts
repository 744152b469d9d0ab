// Checks of single values, each answering in the vendor's words.
import type { Validator } from "./schema";

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;
const RFC3339 = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:\d\d)$/;
const GO_LAYOUT = "2006-01-02T15:04:05Z07:00";

export function isUuid(value: unknown): value is string {
  return typeof value === "string" && UUID.test(value);
}

export const notEmpty: Validator = (value, name) =>
  value === "" ? `expected "${name}" to not be an empty string, got ${value}` : undefined;

export const uuid: Validator = (value, name) =>
  isUuid(value)
    ? undefined
    : `expected "${name}" to be a valid UUID, got ${typeof value === "string" ? value : "another type"}`;

export const rfc3339: Validator = (value, name) => {
  if (typeof value !== "string") return `expected type of "${name}" to be string`;
  if (RFC3339.test(value) && !Number.isNaN(Date.parse(value))) return undefined;
  return (
    `expected "${name}" to be a valid RFC3339 date, got "${value}": ` +
    `parsing time "${value}" as "${GO_LAYOUT}": cannot parse "${value}" as "2006"`
  );
};

export function oneOf(...allowed: readonly string[]): Validator {
  const list = allowed.map((each) => `"${each}"`).join(" ");
  return (value, name) =>
    typeof value === "string" && allowed.includes(value)
      ? undefined
      : `expected ${name} to be one of [${list}], got ${typeof value === "string" ? value : JSON.stringify(value)}`;
}

/**
 * A resource id of one kind.
 * @param kind as messages name it: `Application`
 * @param segment its fixed part: `applications`
 */
export function resourceId(kind: string, segment: string): Validator {
  const user = `${kind.charAt(0).toLowerCase()}${kind.slice(1).replace(/ /g, "")}Id`;
  return (value) => {
    if (typeof value !== "string") return `expected type of id to be string`;
    const parts = value.startsWith("/") ? value.slice(1).split("/") : [];
    if (parts.length === 2 && parts[0] === segment && parts[1] !== "") return undefined;
    return [
      `parsing "${value}": parsing the ${kind} ID: the number of segments didn't match`,
      `Expected a ${kind} ID that matched (containing 2 segments):`,
      `> /${segment}/${user}`,
      `However this value was provided (which was parsed into ${parts.length} segments):`,
      `> ${value}`,
      `The following Segments are expected:`,
      `* Segment 0 - this should be the literal value "${segment}"\n` +
        `* Segment 1 - this should be the user specified value for this ${user} [for example "${user}"]`,
      `The following Segments were parsed:`,
      [0, 1].map((index) => `* Segment ${index} - ${found(parts[index])}\n`).join(""),
    ].join("\n\n");
  };
}

function found(part: string | undefined): string {
  return part === undefined || part === "" ? "not found" : `parsed as "${part}"`;
}
