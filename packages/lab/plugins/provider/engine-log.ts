// Sends messages to the engine that attached, over its Engine service.
// A message that cannot be delivered (the engine has gone) is dropped: nobody is left to read it.
import * as grpc from "@grpc/grpc-js";
import { EngineClient } from "@pulumi/pulumi/proto/engine_grpc_pb";
import { LogRequest, LogSeverity } from "@pulumi/pulumi/proto/engine_pb";

import type { LogOptions, Severity } from "./stand-in";

const SEVERITIES: Readonly<Record<Severity, LogSeverity>> = {
  debug: LogSeverity.DEBUG,
  info: LogSeverity.INFO,
  warning: LogSeverity.WARNING,
  error: LogSeverity.ERROR,
};

export class EngineLog {
  private readonly client: EngineClient;
  private closed = false;

  constructor(address: string) {
    this.client = new EngineClient(address, grpc.credentials.createInsecure());
  }

  /** Resolves when the engine has the message, so that messages stay in order. */
  send(severity: Severity, message: string, options: LogOptions = {}): Promise<void> {
    const request = new LogRequest();
    request.setSeverity(SEVERITIES[severity]);
    request.setMessage(message);
    request.setUrn(options.urn ?? "");
    request.setEphemeral(options.ephemeral ?? false);
    request.setStreamid(options.streamId ?? 0);
    if (this.closed) return Promise.resolve();
    return new Promise((resolve) => {
      this.client.log(request, () => resolve());
    });
  }

  close(): void {
    // The client throws when it is used after its end, into the work that only wanted to say something.
    this.closed = true;
    this.client.close();
  }
}
