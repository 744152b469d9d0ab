// Every recorded call of the engine to azuread 6.9.1, made again of the stand-in: the same answer.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";

import { createAzureadStandIn } from "../../../../lab/plugins/azuread/stand-in";
import { serveStandIn, type ServedStandIn } from "../../../../lab/plugins/provider/server";
import { type RecordedRequest, StandInClient } from "../provider/client";
import { Recorder } from "./recorder";

interface Recorded {
  readonly method: string;
  readonly request: RecordedRequest;
  readonly response: unknown;
}

const CALLS = readFileSync(join(__dirname, "fixtures", "azuread.plugin.jsonl"), "utf8")
  .split("\n")
  .filter((line) => line !== "")
  .map((line) => JSON.parse(line) as Recorded);

describe("azuread stand-in", () => {
  let recorder: Recorder;
  let served: ServedStandIn;
  let client: StandInClient;
  const trusted = process.env["SSL_CERT_FILE"];

  before(async () => {
    recorder = await Recorder.start();
    process.env["SSL_CERT_FILE"] = recorder.caFile;
    Object.assign(recorder.ids, {
      applications: ["86ceb9b7-540b-45c6-97e8-96cbffaebac6"],
      appIds: ["ce7f2669-f522-4330-b4e8-15993dbbd1ce"],
      servicePrincipals: ["22ae50ab-c3bf-4283-91f9-6df5a3fbd468"],
      passwords: ["edfb65d9-f14d-4aeb-a169-e47c643bb1d5", "SECRET_VALUE_1"],
    });
    served = await serveStandIn(createAzureadStandIn(recorder.environment));
    client = new StandInClient(served.port);
  });

  after(() => {
    client.close();
    served.close();
    recorder.close();
    if (trusted === undefined) delete process.env["SSL_CERT_FILE"];
    else process.env["SSL_CERT_FILE"] = trusted;
  });

  CALLS.forEach(({ method, request, response }, index) => {
    it(`answers recorded call ${index + 1}, ${nameOf(method, request)}, as the vendor's does`, async () => {
      assert.deepEqual(await client.call(method, request), response);
    });
  });
});

function nameOf(method: string, request: RecordedRequest): string {
  const kind = (request.type ?? request.token ?? "").split(":").pop() ?? "";
  const preview = request.options?.preview === true ? " in preview" : "";
  return [method, kind].filter((each) => each !== "").join(" of ") + preview;
}
