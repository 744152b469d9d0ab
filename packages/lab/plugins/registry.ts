// The stand-ins that the lab serves. To add one: export a function that makes it from its own folder's
// stand-in.ts, and add it here.
import { createAzureadStandIn } from "./azuread/stand-in";
import { createAzureNativeStandIn } from "./azure-native/stand-in";
import { createCommandStandIn } from "./command/stand-in";
import type { ServedStandIn } from "./provider/server";
import { serveStandIn } from "./provider/server";
import { createRandomStandIn } from "./random/stand-in";

/** Serves one stand-in on a port; 0 lets the OS choose. */
export type Serve = (port: number) => Promise<ServedStandIn>;

export const STAND_INS: readonly Serve[] = [
  (port) => serveStandIn(createAzureadStandIn(), port),
  (port) => serveStandIn(createAzureNativeStandIn(), port),
  (port) => serveStandIn(createCommandStandIn(), port),
  (port) => serveStandIn(createRandomStandIn(), port),
];
