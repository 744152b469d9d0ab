// A gRPC method from a plain function: what it returns is the answer, what it throws is the error.
// Also the methods that no stand-in has.
import type * as grpc from "@grpc/grpc-js";

import { toServiceError, unimplemented } from "./errors";
import type { StandIn } from "./stand-in";

/** Where a call comes from. */
export interface Caller {
  /** The engine's connection. */
  readonly peer: string;
  /** Aborted when the engine takes the call back, or is gone, as the context of the vendors' calls is. */
  readonly signal: AbortSignal;
}

/** Answers one call of the engine. */
export type Handler<Request, Response> = (
  request: Request,
  caller: Caller,
) => Response | Promise<Response>;

export function unary<Request, Response>(
  handler: Handler<Request, Response>,
): grpc.handleUnaryCall<Request, Response> {
  return (call, callback) => {
    const gone = new AbortController();
    call.on("cancelled", () => gone.abort());
    Promise.resolve()
      .then(() => handler(call.request, { peer: call.getPeer(), signal: gone.signal }))
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
