// Every recorded call of the engine to azuread 6.9.1, made again of the stand-in: the same answer.
import assert from "node:assert/strict";

import type { RecordedRequest } from "../provider/client";
import { fixture, Session } from "./session";

interface Recorded {
  readonly method: string;
  readonly request: RecordedRequest;
  readonly response: unknown;
}

describe("azuread stand-in", () => {
  let session: Session;

  before(async () => {
    session = await Session.start();
    Object.assign(session.recorder.ids, {
      applications: ["86ceb9b7-540b-45c6-97e8-96cbffaebac6"],
      appIds: ["ce7f2669-f522-4330-b4e8-15993dbbd1ce"],
      servicePrincipals: ["22ae50ab-c3bf-4283-91f9-6df5a3fbd468"],
      passwords: ["edfb65d9-f14d-4aeb-a169-e47c643bb1d5", "SECRET_VALUE_1"],
    });
  });

  after(() => session.close());

  fixture<Recorded>("azuread.plugin.jsonl").forEach(({ method, request, response }, index) => {
    it(`answers recorded call ${index + 1}, ${nameOf(method, request)}, as the vendor's does`, async () => {
      assert.deepEqual(await session.client.call(method, request), response);
    });
  });
});

function nameOf(method: string, request: RecordedRequest): string {
  const kind = (request.type ?? request.token ?? "").split(":").pop() ?? "";
  const preview = request.options?.preview === true ? " in preview" : "";
  return [method, kind].filter((each) => each !== "").join(" of ") + preview;
}
