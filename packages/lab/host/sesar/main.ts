// The simulated SESAR: a process of its own under the lab's service manager. It reads its configuration at start only.
// Its one argument is JSON of SesarSettings; nothing secret is in it.
import { join } from "node:path";
import { UP } from "../services/process";
import type { ServiceFarewell } from "../services/records";
import { Documents } from "./documents";
import type { SesarEvent } from "./events";
import { type SesarInstance, LEAST_REFRESH_MS } from "./instance";
import { InstanceFileError, loadInstances } from "./instance-file";
import { Licences } from "./licences";
import type { SesarSettings } from "./settings";
import { SyncLoop } from "./sync-loop";
import { TokenKeeper } from "./token-keeper";
import { Trace } from "./trace";

const BAD_CONFIGURATION = 2;

function main(settings: SesarSettings): void {
  // Killed or not, the lab takes its services with it.
  process.once("disconnect", () => process.exit(0));
  process.send?.(UP);
  const trace = new Trace(settings.folder);
  trace.write("Service started");
  let loops: readonly SyncLoop[] = [];
  process.on("SIGTERM", () => stop(loops, trace));
  try {
    const all = loadInstances(settings.folder, settings.reencrypts, settings.faults);
    const instances = all.filter((one) => one.refreshIntervalMs > 0);
    loops = instances.map((instance) => loopOf(instance, instances.length > 1, settings, trace));
  } catch (error) {
    const reason = error instanceof InstanceFileError ? error.message : "unknown fault";
    trace.write(`Service cannot start: ${reason}`);
    tell({ event: "rejected", at: now(), reason }, () => process.exit(BAD_CONFIGURATION));
    return;
  }
  tell({ event: "loaded", at: now(), instances: loops.map((loop) => loop.identity) });
  for (const loop of loops) loop.start();
}

function loopOf(
  instance: SesarInstance,
  labelled: boolean,
  settings: SesarSettings,
  trace: Trace,
): SyncLoop {
  const folder = join(settings.folder, "data", encodeURIComponent(instance.configName));
  const documents = new Documents(folder);
  const ownTrace = labelled ? trace.labelled(`${instance.configName}: `) : trace;
  const lost = documents.lose();
  if (lost > 0) {
    ownTrace.write(`${lost} documents lost: the service had ended during a sync`);
    tell({ event: "foundLost", at: now(), documents: lost });
  }
  const { cycleSeconds, syncSeconds, documentsPerSync, loginUrl, graphUrl } = settings;
  const { signInAddress, faults } = settings;
  const vendorMs = Math.max(instance.refreshIntervalMs, LEAST_REFRESH_MS);
  return new SyncLoop(
    instance,
    {
      intervalMs: cycleSeconds === null ? vendorMs : cycleSeconds * 1000,
      leastSyncMs: syncSeconds * 1000,
      documentsPerSync,
      loginUrl,
      graphUrl,
      ...(signInAddress !== undefined && { signInAddress }),
      ...(faults?.keepsTokenSeconds !== undefined && {
        tokenKeeper: new TokenKeeper(folder, faults.keepsTokenSeconds),
      }),
    },
    { trace: ownTrace, documents, licences: new Licences(folder), tell },
  );
}

function stop(loops: readonly SyncLoop[], trace: Trace): void {
  const farewells: readonly ServiceFarewell[] = loops.map((loop) => loop.stop());
  const midSync = farewells.some((farewell) => farewell.midSync);
  const documentsLost = farewells.reduce((sum, farewell) => sum + farewell.documentsLost, 0);
  trace.write("Service stopped");
  tell({ event: "stopping", at: now(), midSync, documentsLost }, () => process.exit(0));
}

function tell(event: SesarEvent, then?: () => void): void {
  if (process.connected) process.send?.(event, undefined, undefined, () => then?.());
  else then?.();
}

function now(): string {
  return new Date().toISOString();
}

main(JSON.parse(process.argv[2] ?? "{}") as SesarSettings);
