// A gRPC method from a plain function: what it returns is the answer, what it throws is the error.
// Also the methods that no stand-in has.
import type * as grpc from "@grpc/grpc-js";

import { toServiceError, unimplemented } from "./errors";
import type { StandIn } from "./stand-in";

/** Answers one call of the engine whose connection is `peer`. */
export type Handler<Request, Response> = (
  request: Request,
  peer: string,
) => Response | Promise<Response>;

export function unary<Request, Response>(
  handler: Handler<Request, Response>,
): grpc.handleUnaryCall<Request, Response> {
  return (call, callback) => {
    Promise.resolve()
      .then(() => handler(call.request, call.getPeer()))
      .then(
        (response) => callback(null, response),
        (error: unknown) => callback(toServiceError(error)),
      );
  };
}

/** The methods that none of the vendors' plugins has; the engine falls back on each refusal. */
export function unavailable(
  standIn: Pick<StandIn, "handshakeDetails">,
): grpc.UntypedServiceImplementation {
  const refuse = (details: string) =>
    unary<unknown, never>(() => {
      throw unimplemented(details);
    });
  return {
    handshake: refuse(standIn.handshakeDetails),
    parameterize: refuse("method Parameterize not implemented"),
    call: refuse("method Call not implemented"),
    construct: refuse("method Construct not implemented"),
    getMapping: refuse("method GetMapping not implemented"),
    getMappings: refuse("method GetMappings not implemented"),
    list: (call: grpc.ServerWritableStream<unknown, unknown>) => {
      call.emit("error", toServiceError(unimplemented("method List not implemented")));
    },
  };
}
