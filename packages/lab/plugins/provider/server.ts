// Serves a stand-in as pulumirpc.ResourceProvider on a loopback port, for an engine to attach to.
import * as grpc from "@grpc/grpc-js";
import { ResourceProviderService } from "@pulumi/pulumi/proto/provider_grpc_pb";

import { providerCalls } from "./calls";
import { Sessions } from "./sessions";
import type { StandIn } from "./stand-in";

/** A stand-in that listens. */
export interface ServedStandIn {
  readonly name: string;
  readonly port: number;
  /** Ends calls in flight and frees the port. */
  close(): void;
}

/** Asset texts and long outputs pass, as they do with the vendors' plugins. */
const UNLIMITED = { "grpc.max_receive_message_length": -1, "grpc.max_send_message_length": -1 };

/**
 * Starts serving.
 * @param port 0: the OS chooses.
 */
export async function serveStandIn<C>(standIn: StandIn<C>, port = 0): Promise<ServedStandIn> {
  const sessions = new Sessions<C>();
  const server = new grpc.Server(UNLIMITED);
  server.addService(ResourceProviderService, providerCalls(standIn, sessions));
  const bound = await new Promise<number>((resolve, reject) => {
    server.bindAsync(
      `127.0.0.1:${port}`,
      grpc.ServerCredentials.createInsecure(),
      (error, boundPort) => (error === null ? resolve(boundPort) : reject(error)),
    );
  });
  return {
    name: standIn.name,
    port: bound,
    close: () => {
      sessions.close();
      server.forceShutdown();
    },
  };
}
