// A stand-in on a recorder, called as the engine calls it; trusted certificates put back at the end.
import { readFileSync } from "node:fs";

import { createAzureadStandIn } from "../../../plugins/azuread/stand-in";
import { serveStandIn, type ServedStandIn } from "../../../plugins/provider/server";
import { StandInClient } from "../provider/client";
import { Recorder } from "./recorder";
import { fixture as fixtureFile } from "../../../../../test/helpers/paths";

export class Session {
  private constructor(
    readonly recorder: Recorder,
    readonly client: StandInClient,
    private readonly served: ServedStandIn,
    private readonly trusted: string | undefined,
  ) {}

  static async start(environment: NodeJS.ProcessEnv = {}): Promise<Session> {
    const recorder = await Recorder.start();
    const trusted = process.env["SSL_CERT_FILE"];
    process.env["SSL_CERT_FILE"] = recorder.caFile;
    const served = await serveStandIn(
      createAzureadStandIn({ ...recorder.environment, ...environment }),
    );
    return new Session(recorder, new StandInClient(served.port), served, trusted);
  }

  close(): void {
    this.client.close();
    this.served.close();
    this.recorder.close();
    if (this.trusted === undefined) delete process.env["SSL_CERT_FILE"];
    else process.env["SSL_CERT_FILE"] = this.trusted;
  }
}

export function fixture<T>(name: string): T[] {
  return readFileSync(fixtureFile(__dirname, "fixtures", name), "utf8")
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => JSON.parse(line) as T);
}
