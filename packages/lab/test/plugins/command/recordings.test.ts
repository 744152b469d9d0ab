// The stand-in for `command` answers as the recorded plugin did, against a real SSH host.
// Ids are random, and the order in which two streams arrive is not the plugin's; both are levelled out.
// Log lines are compared where the recording has them; it kept them for one case only.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";

import { createCommandStandIn } from "../../../plugins/command/stand-in";
import { serveStandIn, type ServedStandIn } from "../../../plugins/provider/server";
import { StandInClient, type RecordedRequest } from "../provider/client";
import { TestEngine } from "./engine";
import { SshHost } from "./ssh-host";
import { fixture } from "../../../../../test/helpers/paths";

interface Recording {
  readonly case?: string;
  readonly method: string;
  readonly request: RecordedRequest;
  readonly response: unknown;
  readonly logs?: readonly unknown[];
}

const FIXTURE = fixture(__dirname, "fixtures", "command.plugin.jsonl");
const LINES = readFileSync(FIXTURE, "utf8").trim().split("\n");

describe("command stand-in", () => {
  let host: SshHost;
  let port: number;
  let served: ServedStandIn;
  let client: StandInClient;
  let engine: TestEngine;

  before(async () => {
    host = new SshHost();
    port = await host.listen();
    served = await serveStandIn(createCommandStandIn(), 0);
    client = new StandInClient(served.port);
    engine = new TestEngine();
    await client.attach(await engine.listen());
    await client.call("configure", { args: { version: "1.2.1" } });
  });

  after(async () => {
    client.close();
    served.close();
    engine.close();
    await host.close();
  });

  /** A recorded line, with this host's keys and port. */
  function recording(line: string): Recording {
    return JSON.parse(line, (_key, value: unknown) => {
      if (value === "PRIVATE_KEY") return host.privateKey;
      if (value === "HOST_KEY") return host.hostKey;
      return value === 22022 ? port : value;
    }) as Recording;
  }

  LINES.forEach((line, index) => {
    const { case: name, method } = JSON.parse(line) as Recording;
    it(`answers line ${index + 1} as recorded: ${name ?? method}`, async () => {
      const { request, response, logs } = recording(line);
      engine.take();
      const answer = await client.call(method, request);
      assert.deepEqual(level(answer), level(response));
      if (logs !== undefined) assert.deepEqual(byText(engine.take()), byText(logs));
    });
  });

  it("replays every line of the recording", () => assert.equal(LINES.length, 52));
});

/** Random ids become one; what a failed command wrote comes in one order. */
function level(answer: unknown): unknown {
  return JSON.parse(JSON.stringify(answer), (key, value: unknown) => {
    if (key === "id" && typeof value === "string") return value.replace(/[0-9a-f]{8}$/, "ID");
    if (key !== "details" || typeof value !== "string") return value;
    const [cause, ...written] = value.split("\n");
    return [cause, ...Array.from(written.join("\n")).sort()].join("");
  });
}

function byText(list: readonly unknown[]): string[] {
  return list.map((each) => JSON.stringify(each)).sort();
}
