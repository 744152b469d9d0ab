// The command stand-in as tests use it: served over gRPC, attached to an engine, configured.
import { createCommandStandIn } from "../../../../lab/plugins/command/stand-in";
import { serveStandIn, type ServedStandIn } from "../../../../lab/plugins/provider/server";
import type { Properties } from "../../../../lab/plugins/provider/values";
import { StandInClient, type RecordedAnswer } from "../provider/client";
import { TestEngine, type LoggedMessage } from "./engine";

export class Served {
  readonly engine = new TestEngine();
  private constructor(
    private readonly served: ServedStandIn,
    readonly client: StandInClient,
  ) {}

  static async start(): Promise<Served> {
    const served = await serveStandIn(createCommandStandIn(), 0);
    const made = new Served(served, new StandInClient(served.port));
    await made.client.attach(await made.engine.listen());
    await made.client.call("configure", { args: {} });
    return made;
  }

  stop(): void {
    this.client.close();
    this.served.close();
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

/** Waits until something is true, for at most five seconds. */
export async function until(what: string, test: () => boolean): Promise<void> {
  const deadline = Date.now() + 5000;
  while (!test()) {
    if (Date.now() > deadline) throw new Error(`It did not happen: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}
