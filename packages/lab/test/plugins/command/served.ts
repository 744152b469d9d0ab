// The command stand-in as tests use it: served over gRPC, attached to an engine, configured.
import { createCommandStandIn } from "../../../plugins/command/stand-in";
import { serveStandIn, type ServedStandIn } from "../../../plugins/provider/server";
import type { Properties } from "../../../plugins/provider/values";
import { StandInClient, type RecordedAnswer } from "../provider/client";
import { Line } from "../provider/line";
import { TestEngine, type LoggedMessage } from "./engine";

export class Served {
  readonly engine = new TestEngine();
  private constructor(
    private readonly served: ServedStandIn,
    private readonly line: Line,
    readonly client: StandInClient,
  ) {}

  static async start(): Promise<Served> {
    const served = await serveStandIn(createCommandStandIn(), 0);
    const line = await Line.to(served.port);
    const made = new Served(served, line, new StandInClient(line.port));
    await made.client.attach(await made.engine.listen());
    await made.client.call("configure", { args: {} });
    return made;
  }

  stop(): void {
    this.client.close();
    this.line.cut();
    this.served.close();
    this.engine.close();
  }

  /** The engine is killed: its connection breaks, and nobody hears its log any more. */
  loseEngine(): void {
    this.line.cut();
    this.engine.close();
  }

  create(type: string, properties: Properties): Promise<RecordedAnswer> {
    return this.client.call("create", { type, properties });
  }

  /** The error's text, or "" for success. */
  async failure(type: string, properties: Properties): Promise<string> {
    const { error } = await this.create(type, properties);
    return (error as { details?: string } | undefined)?.details ?? "";
  }

  /** Lines that the engine was given and would not keep. */
  passing(): LoggedMessage[] {
    return this.engine.take().filter(({ eph }) => eph);
  }
}
