// The stand-in for `random` answers as the recorded plugin did; random parts are compared by their form.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";

import { compareSync } from "bcryptjs";

import { serveStandIn, type ServedStandIn } from "../../../plugins/provider/server";
import { SECRET_SIGNATURE, SIGNATURE_KEY, UNKNOWN } from "../../../plugins/provider/values";
import { createRandomStandIn } from "../../../plugins/random/stand-in";
import { StandInClient, type RecordedRequest } from "../provider/client";
import { fixture } from "../../../../../test/helpers/paths";

interface Recording {
  readonly method: string;
  readonly request: RecordedRequest;
  readonly response: unknown;
}

const FIXTURE = fixture(__dirname, "fixtures", "random.plugin.jsonl");
const RECORDINGS = readFileSync(FIXTURE, "utf8")
  .trim()
  .split("\n")
  .map((line) => JSON.parse(line) as Recording);

/** Members whose content is random. */
const RANDOM = new Set(["id", "result", "b64Std", "b64Url", "dec", "hex", "bcryptHash"]);

describe("random stand-in", () => {
  let served: ServedStandIn;
  let client: StandInClient;

  before(async () => {
    served = await serveStandIn(createRandomStandIn(), 0);
    client = new StandInClient(served.port);
    await client.call("configure", { args: { version: "4.21.1" } });
  });

  after(() => {
    client.close();
    served.close();
  });

  RECORDINGS.forEach(({ method, request, response }, index) => {
    const kind = request.type?.split(":").pop() ?? "";
    it(`answers line ${index + 1} as recorded: ${method} ${kind}`, async () => {
      const answer = await client.call(method, request);
      if (method === "create") assert.deepEqual(formOf(answer), formOf(response));
      else assert.deepEqual(answer, response);
    });
  });

  it("replays every line of the recording", () => assert.equal(RECORDINGS.length, 49));

  it("hashes the password that it made", async () => {
    const { properties } = (await client.call("create", {
      type: "random:index/randomPassword:RandomPassword",
      properties: { length: 20, minSpecial: 19 },
    })) as { properties: Record<string, { value: string }> };
    const result = properties["result"]?.value ?? "";
    assert.equal(result.length, 20);
    assert.ok(result.replace(/[A-Za-z0-9]/g, "").length >= 19);
    assert.ok(compareSync(result, properties["bcryptHash"]?.value ?? ""));
  });

  it("gives the same result for the same seed", async () => {
    const make = () =>
      client.call("create", {
        type: "random:index/randomShuffle:RandomShuffle",
        properties: { inputs: ["a", "b", "c", "d", "e", "f", "g"], seed: "s", resultCount: 9 },
      });
    assert.deepEqual(await make(), await make());
  });

  it("imports a text by its value", async () => {
    const type = "random:index/randomString:RandomString";
    const read = await client.call("read", { type, id: "abc" });
    assert.deepEqual(read["inputs"], { length: 3 });
    const diff = await client.call("diff", {
      type,
      id: "abc",
      olds: read["properties"] as RecordedRequest["olds"] & object,
      news: { length: 3 },
    });
    assert.equal(diff["changes"], "NONE");
  });

  it("is unchanged by an input that says the default", async () => {
    const diff = await client.call("diff", {
      type: "random:index/randomPet:RandomPet",
      id: "a-b",
      olds: { id: "a-b", length: 2, separator: "-" },
      news: { length: 2 },
    });
    assert.equal(diff["changes"], "NONE");
  });
});

/** The answer with each random member replaced by its kind and length. */
function formOf(answer: unknown): unknown {
  return JSON.parse(JSON.stringify(answer), (key, value: unknown) => {
    if (!RANDOM.has(key) || value === UNKNOWN) return value;
    if (typeof value === "object" && value !== null) {
      assert.equal((value as Record<string, unknown>)[SIGNATURE_KEY], SECRET_SIGNATURE);
      return "secret";
    }
    return typeof value;
  });
}
