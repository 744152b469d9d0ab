// Laws of the base that every stand-in is served on, seen through gRPC as the engine sees it.
import assert from "node:assert/strict";

import * as grpc from "@grpc/grpc-js";
import { EngineService } from "@pulumi/pulumi/proto/engine_grpc_pb";
import type { LogRequest } from "@pulumi/pulumi/proto/engine_pb";
import { CreateRequest, ErrorResourceInitFailed } from "@pulumi/pulumi/proto/provider_pb";
import { ResourceProviderClient } from "@pulumi/pulumi/proto/provider_grpc_pb";
import { Status } from "@pulumi/pulumi/proto/status_pb";

import { fromStruct, toStruct } from "../../../plugins/provider/codec";
import { InitialisationError, ProviderError } from "../../../plugins/provider/errors";
import { Empty } from "../../../plugins/provider/protobuf";
import { serveStandIn, type ServedStandIn } from "../../../plugins/provider/server";
import type { ResourceStandIn, StandIn } from "../../../plugins/provider/stand-in";
import { SIGNATURE_KEY, UNKNOWN, type Properties } from "../../../plugins/provider/values";
import { until } from "../../../../../test/helpers/until";
import { StandInClient } from "./client";
import { Line } from "./line";

const TYPE = "echo:index:Echo";

/** Calls that wait for their end. */
let waits = 0;

/** Answers with what it was given, or fails as its inputs say. */
const echo: ResourceStandIn<string> = {
  check: ({ news }) => ({
    inputs: news,
    failures: news["bad"] === true ? [{ property: "bad", reason: "is true" }] : [],
  }),
  diff: ({ news, ignoreChanges }) => ({
    changes: "SOME",
    replaces: ["a"],
    diffs: ["a", ...ignoreChanges],
    stables: ["b"],
    deleteBeforeReplace: true,
    hasDetailed: true,
    detailed: { a: "UPDATE_REPLACE", "c[0]": "ADD" },
    ...(news["inputDiff"] === true ? { inputDiff: true } : {}),
  }),
  create: async ({ properties, preview }, { configuration, log, signal }) => {
    if (properties["fail"] === "plainly") throw new ProviderError("it broke");
    if (properties["fail"] === "half-way") {
      throw new InitialisationError("half", { made: true }, { given: 1 }, ["not ready"]);
    }
    if (properties["wait"] === true) {
      waits += 1;
      await new Promise((resolve) => signal.addEventListener("abort", resolve));
      waits -= 1;
      throw new ProviderError("cancelled", grpc.status.CANCELLED);
    }
    await log("info", `made with ${configuration}`, { ephemeral: true });
    return { id: preview ? "" : "made", properties };
  },
  delete: () => Promise.resolve(),
};

const standIn: StandIn<string> = {
  name: "echo",
  version: "1.2.3",
  handshakeDetails: "method Handshake not implemented",
  configureAnswer: {
    acceptSecrets: true,
    supportsPreview: true,
    acceptResources: false,
    acceptOutputs: true,
    supportsAutonamingConfiguration: false,
  },
  resources: new Map([[TYPE, echo]]),
  functions: new Map([["echo:index:say", (args) => ({ return: args, failures: [] })]]),
  configure: (args) => (typeof args["greeting"] === "string" ? args["greeting"] : "nothing"),
};

describe("serveStandIn", () => {
  let served: ServedStandIn;
  let client: StandInClient;

  beforeEach(async () => {
    served = await serveStandIn(standIn);
    client = new StandInClient(served.port);
  });

  afterEach(() => {
    client.close();
    served.close();
  });

  it("says its version, and refuses Handshake as not implemented", async () => {
    assert.deepEqual(await client.call("info", {}), { version: "1.2.3" });
    assert.deepEqual(await client.call("handshake", {}), {
      error: { code: 12, details: "method Handshake not implemented" },
    });
  });

  it("gives a schema that names the package", async () => {
    const { schema } = await client.call("getSchema", {});
    assert.deepEqual(JSON.parse(String(schema)), { name: "echo", version: "1.2.3" });
  });

  it("answers Configure with what the plugin supports", async () => {
    assert.deepEqual(await client.call("configure", { args: {} }), {
      acceptsecrets: true,
      supportspreview: true,
      acceptresources: false,
      acceptoutputs: true,
      supportsAutonamingConfiguration: false,
    });
  });

  it("refuses a resource call before Configure", async () => {
    assert.deepEqual(await client.call("create", { type: TYPE }), {
      error: { code: 2, details: "echo: the provider has not been configured" },
    });
  });

  it("carries secrets, unknowns, assets, output values and nulls unchanged both ways", async () => {
    await client.call("configure", { args: {} });
    const properties: Properties = {
      none: null,
      no: false,
      number: 1.5,
      empty: { list: [], object: {}, text: "" },
      unknown: UNKNOWN,
      secret: { [SIGNATURE_KEY]: "1b47061264138c4ac30d75fd1eb44270", value: { deep: ["s"] } },
      asset: { [SIGNATURE_KEY]: "c44067f5952c0a294b673a41bacd8c17", text: "t", hash: "h" },
      output: {
        [SIGNATURE_KEY]: "d0e6a833031e9bbcd3f4e8bde6ca49a4",
        secret: true,
        dependencies: ["urn:x"],
      },
    };
    assert.deepEqual(await client.call("create", { type: TYPE, properties }), {
      id: "made",
      properties,
    });
    assert.deepEqual(await client.call("invoke", { token: "echo:index:say", args: properties }), {
      return: properties,
      failures: [],
    });
  });

  it("leaves a member without a value out of a message", () => {
    const partial = { kept: 1, left: undefined } as unknown as Properties;
    assert.deepEqual(fromStruct(toStruct(partial)), { kept: 1 });
  });

  it("answers Check with inputs and failures, and Diff with every kind", async () => {
    await client.call("configure", { args: {} });
    assert.deepEqual(await client.call("check", { type: TYPE, news: { bad: true } }), {
      inputs: { bad: true },
      failures: [{ property: "bad", reason: "is true" }],
    });
    assert.deepEqual(await client.call("diff", { type: TYPE, id: "made" }), {
      changes: "SOME",
      replaces: ["a"],
      diffs: ["a"],
      stables: ["b"],
      deleteBeforeReplace: true,
      hasDetailed: true,
      detailed: { a: "UPDATE_REPLACE", "c[0]": "ADD" },
    });
  });

  it("refuses what a type does not have, and a type that it does not have", async () => {
    await client.call("configure", { args: {} });
    assert.deepEqual(await client.call("update", { type: TYPE, id: "made" }), {
      error: { code: 12, details: "Update is not implemented" },
    });
    assert.deepEqual(await client.call("check", { type: "echo:index:Nope" }), {
      error: {
        code: 2,
        details: "unrecognized resource type (echo:index:Nope): the lab has no stand-in for it",
      },
    });
  });

  it("gives an error's text as it is", async () => {
    await client.call("configure", { args: {} });
    assert.deepEqual(await client.call("create", { type: TYPE, properties: { fail: "plainly" } }), {
      error: { code: 2, details: "it broke" },
    });
  });

  it("tells the engine what exists of a resource that was half made", async () => {
    await client.call("configure", { args: {} });
    const raw = new ResourceProviderClient(
      `127.0.0.1:${served.port}`,
      grpc.credentials.createInsecure(),
    );
    const request = new CreateRequest();
    request.setType(TYPE);
    request.setProperties(toStruct({ fail: "half-way" }));
    const error = await new Promise<grpc.ServiceError | null>((resolve) => {
      raw.create(request, (failure) => resolve(failure));
    });
    raw.close();
    const [bytes] = error?.metadata.get("grpc-status-details-bin") ?? [];
    const detail = Status.deserializeBinary(bytes as Buffer).getDetailsList()[0];
    const failed = detail?.unpack<ErrorResourceInitFailed>(
      (each) => ErrorResourceInitFailed.deserializeBinary(each),
      "pulumirpc.ErrorResourceInitFailed",
    );
    assert.equal(failed?.getId(), "half");
    assert.deepEqual(fromStruct(failed.getProperties()), { made: true });
    assert.deepEqual(fromStruct(failed.getInputs()), { given: 1 });
    assert.deepEqual(failed.getReasonsList(), ["not ready"]);
  });

  it("keeps two engines apart: each has its own configuration, messages and cancellation", async () => {
    const one = await startEngine();
    const two = await startEngine();
    const other = new StandInClient(served.port);
    try {
      await client.attach(one.address);
      await other.attach(two.address);
      await client.call("configure", { args: { greeting: "one" } });
      await other.call("configure", { args: { greeting: "two" } });
      const waiting = client.call("create", { type: TYPE, properties: { wait: true } });
      await other.call("create", { type: TYPE });
      await client.call("create", { type: TYPE });
      await client.cancel();
      assert.deepEqual(await waiting, { error: { code: 1, details: "cancelled" } });
      assert.deepEqual(one.messages, [
        { message: "made with one", urn: `urn:pulumi:s::p::${TYPE}::x`, ephemeral: true },
      ]);
      assert.deepEqual(two.messages, [
        { message: "made with two", urn: `urn:pulumi:s::p::${TYPE}::x`, ephemeral: true },
      ]);
    } finally {
      other.close();
      one.close();
      two.close();
    }
  });

  it("ends the calls of an engine that is gone, and no other's", async () => {
    const line = await Line.to(served.port);
    const gone = new StandInClient(line.port);
    try {
      for (const each of [client, gone]) await each.call("configure", { args: {} });
      const waiting = client.call("create", { type: TYPE, properties: { wait: true } });
      const lost = gone.call("create", { type: TYPE, properties: { wait: true } });
      await until("both calls wait", () => waits === 2);
      line.cut();
      await lost;
      await until("the lost call has ended", () => waits === 1);
      await client.cancel();
      assert.deepEqual(await waiting, { error: { code: 1, details: "cancelled" } });
    } finally {
      gone.close();
      line.cut();
    }
  });

  it("goes on with the latest configuration after the engine's connection broke", async () => {
    await client.call("configure", { args: { greeting: "one" } });
    const reconnected = new StandInClient(served.port);
    const answer = await reconnected.call("create", { type: TYPE });
    reconnected.close();
    assert.deepEqual(answer, { id: "made", properties: {} });
  });
});

interface FakeEngine {
  readonly address: string;
  readonly messages: { message: string; urn: string; ephemeral: boolean }[];
  close(): void;
}

async function startEngine(): Promise<FakeEngine> {
  const messages: FakeEngine["messages"] = [];
  const server = new grpc.Server();
  const log: grpc.handleUnaryCall<LogRequest, Empty> = ({ request }, callback) => {
    messages.push({
      message: request.getMessage(),
      urn: request.getUrn(),
      ephemeral: request.getEphemeral(),
    });
    callback(null, new Empty());
  };
  server.addService(EngineService, { log });
  const port = await new Promise<number>((resolve, reject) => {
    server.bindAsync("127.0.0.1:0", grpc.ServerCredentials.createInsecure(), (error, bound) =>
      error === null ? resolve(bound) : reject(error),
    );
  });
  return { address: `127.0.0.1:${port}`, messages, close: () => server.forceShutdown() };
}
