// The control API's orders to the host: faults of its SSH server and of its service, and sudden ends.
import { z } from "zod";
import { given } from "./given";
import { OrderRefused, readOrder } from "./control-orders";
import type { LabHosts } from "./hosts";

const Nothing = z.strictObject({});

/** By name of the order. */
export const HOST_ORDERS = {
  "set-fault": z.strictObject({
    kind: z.enum(["silent", "refuse", "cut", "cutCopy", "slow"]),
    afterBytes: z.int().nonnegative().optional(),
    delayMs: z.int().nonnegative().optional(),
    times: z.int().positive().optional(),
  }),
  "clear-fault": Nothing,
  "drop-connections": Nothing,
  /** Replaces the faults of the service; an empty order takes them away. Those of the product count from its next start on. */
  "set-service-faults": z.strictObject({
    refuseStop: z.boolean().optional(),
    dieAfterStartMs: z.int().nonnegative().optional(),
    dieBetweenSyncs: z.boolean().optional(),
    disabled: z.boolean().optional(),
    slowStopMs: z.int().nonnegative().optional(),
    leavesProcess: z.boolean().optional(),
    misreadsNewFile: z.boolean().optional(),
    readsFileLate: z.boolean().optional(),
    keepsTokenSeconds: z.int().nonnegative().optional(),
  }),
  "start-service": Nothing,
  "stop-service": Nothing,
  "kill-service": Nothing,
} as const;

export type HostOrderName = keyof typeof HOST_ORDERS;
export type HostOrder<Name extends HostOrderName> = z.input<(typeof HOST_ORDERS)[Name]>;

/** @param hostName which host; the first where none is named */
export async function orderHost(
  hosts: LabHosts,
  hostName: string | undefined,
  name: string,
  body: unknown,
): Promise<object> {
  if (!isOrder(name)) {
    const known = Object.keys(HOST_ORDERS).join(", ");
    throw new OrderRefused(`The lab's host knows no order "${name}". It knows ${known}.`, 404);
  }
  const host = hosts.of(hostName);
  const { service } = host.services.sesar;
  switch (name) {
    case "set-fault": {
      const { kind, ...details } = readOrder(HOST_ORDERS[name], body);
      await host.faults.set({ kind, ...given(details) });
      break;
    }
    case "set-service-faults":
      host.services.sesar.simulate(given(readOrder(HOST_ORDERS[name], body)));
      break;
    case "clear-fault":
      readOrder(HOST_ORDERS[name], body);
      await host.faults.clear();
      break;
    case "drop-connections":
      readOrder(HOST_ORDERS[name], body);
      host.dropConnections();
      break;
    case "start-service":
      readOrder(HOST_ORDERS[name], body);
      return service.start("control");
    case "stop-service":
      readOrder(HOST_ORDERS[name], body);
      return service.stop("control");
    case "kill-service":
      readOrder(HOST_ORDERS[name], body);
      await service.kill();
      break;
  }
  return host.status();
}

function isOrder(name: string): name is HostOrderName {
  return Object.hasOwn(HOST_ORDERS, name);
}
