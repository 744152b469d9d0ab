// Errors as gRPC carries them to the engine: a code, a text, and for a half-made resource the details
// from which the engine records what exists already.
import * as grpc from "@grpc/grpc-js";
import { ErrorResourceInitFailed } from "@pulumi/pulumi/proto/provider_pb";
import { Status } from "@pulumi/pulumi/proto/status_pb";

import { toStruct } from "./codec";
import { Any } from "./protobuf";
import type { Properties } from "./values";

/** An error whose text reaches the engine as it is. */
export class ProviderError extends Error {
  override readonly name = "ProviderError";

  constructor(
    message: string,
    readonly code: grpc.status = grpc.status.UNKNOWN,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}

/** A resource that was made, or changed, but did not come to be what was asked; the engine records it. */
export class InitialisationError extends ProviderError {
  constructor(
    readonly id: string,
    readonly properties: Properties,
    readonly inputs: Properties,
    readonly reasons: readonly string[],
    message = "resource init failed",
  ) {
    super(message, grpc.status.UNKNOWN);
  }
}

/** The answer to a method that the vendor's plugin does not have. */
export function unimplemented(text: string): ProviderError {
  return new ProviderError(text, grpc.status.UNIMPLEMENTED);
}

/** What gRPC sends for an error of any kind. */
export function toServiceError(error: unknown): Partial<grpc.StatusObject> {
  if (!(error instanceof ProviderError)) {
    return {
      code: grpc.status.UNKNOWN,
      details: error instanceof Error ? error.message : String(error),
    };
  }
  if (!(error instanceof InitialisationError)) return { code: error.code, details: error.message };
  return { code: error.code, details: error.message, metadata: detailsOf(error) };
}

function detailsOf(error: InitialisationError): grpc.Metadata {
  const failed = new ErrorResourceInitFailed();
  failed.setId(error.id);
  failed.setProperties(toStruct(error.properties));
  failed.setInputs(toStruct(error.inputs));
  failed.setReasonsList([...error.reasons]);
  const detail = new Any();
  detail.pack(failed.serializeBinary(), "pulumirpc.ErrorResourceInitFailed");
  const status = new Status();
  status.setCode(error.code);
  status.setMessage(error.message);
  status.addDetails(detail);
  const metadata = new grpc.Metadata();
  metadata.add("grpc-status-details-bin", Buffer.from(status.serializeBinary()));
  return metadata;
}
