// The engine's end of the log, for tests: keeps every message in the words of the recordings.
import * as grpc from "@grpc/grpc-js";
import { EngineService } from "@pulumi/pulumi/proto/engine_grpc_pb";
import type { LogRequest } from "@pulumi/pulumi/proto/engine_pb";

import { Empty } from "../../../plugins/provider/protobuf";

export interface LoggedMessage {
  readonly sev: number;
  readonly msg: string;
  readonly eph: boolean;
}

export class TestEngine {
  readonly messages: LoggedMessage[] = [];
  private readonly server = new grpc.Server();

  async listen(): Promise<string> {
    this.server.addService(EngineService, {
      log: (call: grpc.ServerUnaryCall<LogRequest, Empty>, done: grpc.sendUnaryData<Empty>) => {
        this.messages.push({
          sev: call.request.getSeverity(),
          msg: call.request.getMessage(),
          eph: call.request.getEphemeral(),
        });
        done(null, new Empty());
      },
    });
    const port = await new Promise<number>((resolve, reject) => {
      this.server.bindAsync(
        "127.0.0.1:0",
        grpc.ServerCredentials.createInsecure(),
        (error, bound) => (error === null ? resolve(bound) : reject(error)),
      );
    });
    return `127.0.0.1:${port}`;
  }

  /** Takes the messages so far. */
  take(): LoggedMessage[] {
    return this.messages.splice(0);
  }

  close(): void {
    this.server.forceShutdown();
  }
}
