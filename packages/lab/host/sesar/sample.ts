// A plausible plaintext instance.json for the lab; every key in it is made up and says so.
import { LEAST_REFRESH_MS } from "./instance";

export interface SampleInstance {
  readonly clientId: string;
  readonly tenantId: string;
  /** @default "" : documents only, no sign-in */
  readonly clientSecret?: string;
  /** Name in the trace when there are several instances. @default "Main" */
  readonly configName?: string;
  /** Milliseconds. @default LEAST_REFRESH_MS */
  readonly refreshIntervalMs?: number;
}

/** The file's text: two spaces, LF, and no line break at its end. */
export function sampleInstanceFile(...instances: readonly SampleInstance[]): string {
  return JSON.stringify({ instances: instances.map(sampleEntry) }, undefined, 2);
}

function sampleEntry(instance: SampleInstance): Record<string, unknown> {
  const configName = instance.configName ?? "Main";
  return {
    Serial: "00000000-fake-serial",
    APIUser: "00000000-fake-api-user",
    APIKey: "not-a-real-api-key",
    RefreshInterval: instance.refreshIntervalMs ?? LEAST_REFRESH_MS,
    ConfigName: configName,
    Mode: "Both",
    PathReceivedFolder: `received/${configName}`,
    PathStoreFolder: `store/${configName}`,
    MaximumConcurrentMessageDownload: 5,
    AzureAD_ClientId: instance.clientId,
    AzureAD_TenantId: instance.tenantId,
    AzureAD_Secret: instance.clientSecret ?? "",
    PKCSComKey: fakeKey("PKCSComKey", 24),
    PrivateFilesKey: fakeKey("PrivateFilesKey", 48),
    WebHook: "",
    WebHookKey: "",
    WebHookIv: "",
  };
}

/** As long as a real key would be, and plainly none. */
function fakeKey(name: string, lines: number): string {
  return Buffer.from(`not a real ${name}; `.repeat(lines)).toString("base64");
}
