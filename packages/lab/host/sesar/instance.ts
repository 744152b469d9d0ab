// One SESAR instance as instance.json describes it. The vendor confirms the name AzureAD_Secret only; the other
// AzureAD_ names are assumed, and the rest are those of the vendor's older XML form.

/** The parameters that the simulation acts on. */
export interface SesarInstance {
  readonly configName: string;
  /** Milliseconds between two syncs; 0 = the instance is ignored. */
  readonly refreshIntervalMs: number;
  readonly clientId: string;
  readonly tenantId: string;
  /** Empty = the instance moves documents only and does not sign in. */
  readonly clientSecret: string;
}

export interface ParsedInstances {
  readonly instances: readonly SesarInstance[];
  /** What is wrong, without any value; undefined when nothing is. */
  readonly problem: string | undefined;
}

/** The vendor's least interval: five minutes. */
export const LEAST_REFRESH_MS = 300_000;

type Entry = Readonly<Record<string, unknown>>;

/** @param json `{"instances": [{…}]}`. */
export function parseInstances(json: unknown): ParsedInstances {
  const list = isEntry(json) ? json["instances"] : undefined;
  if (!Array.isArray(list) || list.length === 0)
    return bad("instances must be a list with an entry");
  const instances: SesarInstance[] = [];
  for (const entry of list as readonly unknown[]) {
    const position = `instance ${instances.length + 1}`;
    if (!isEntry(entry)) return bad(`${position} must be an object`);
    const missing = ["Serial", "APIUser", "APIKey", "ConfigName"].find(
      (key) => text(entry, key) === "",
    );
    if (missing !== undefined) return bad(`${position} must have ${missing}`);
    const clientSecret = text(entry, "AzureAD_Secret");
    const clientId = text(entry, "AzureAD_ClientId");
    const tenantId = text(entry, "AzureAD_TenantId");
    if (clientSecret !== "" && (clientId === "" || tenantId === "")) {
      return bad(
        `${position} has AzureAD_Secret, so it must have AzureAD_ClientId and AzureAD_TenantId`,
      );
    }
    const refreshIntervalMs = Number(entry["RefreshInterval"] ?? LEAST_REFRESH_MS);
    if (!Number.isInteger(refreshIntervalMs) || refreshIntervalMs < 0) {
      return bad(`${position} must have a RefreshInterval in milliseconds`);
    }
    const configName = text(entry, "ConfigName");
    instances.push({ configName, refreshIntervalMs, clientId, tenantId, clientSecret });
  }
  const names = new Set(instances.map((instance) => instance.configName));
  return names.size === instances.length
    ? { instances, problem: undefined }
    : bad("two instances have the same ConfigName");
}

function bad(problem: string): ParsedInstances {
  return { instances: [], problem };
}

function isEntry(value: unknown): value is Entry {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function text(entry: Entry, key: string): string {
  const value = entry[key];
  return typeof value === "string" ? value : "";
}
