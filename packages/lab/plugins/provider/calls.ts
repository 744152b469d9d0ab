// The calls of pulumirpc.ResourceProvider, each read from its message, given to the stand-in, and answered.
import type * as grpc from "@grpc/grpc-js";
import { PluginInfo, type PluginAttach } from "@pulumi/pulumi/proto/plugin_pb";
import * as pb from "@pulumi/pulumi/proto/provider_pb";

import {
  checkResponse,
  configureResponse,
  diffResponse,
  invokeResponse,
  readResponse,
} from "./answers";
import { fromStruct, toStruct } from "./codec";
import { ProviderError, unimplemented } from "./errors";
import { Empty } from "./protobuf";
import type { Session, Sessions } from "./sessions";
import { type Caller, unary, unavailable } from "./unary";
import type { CallContext, ResourceStandIn, StandIn } from "./stand-in";

/** The service's implementation for one stand-in. */
export function providerCalls<C>(
  standIn: StandIn<C>,
  sessions: Sessions<C>,
): grpc.UntypedServiceImplementation {
  const context = (caller: Caller, urn: string): CallContext<C> =>
    contextOf(standIn, sessions.configured(caller.peer), caller, urn);
  const resource = (type: string, urn: string): ResourceStandIn<C> => {
    const token = type === "" ? typeOf(urn) : type;
    const found = standIn.resources.get(token);
    if (found === undefined) {
      throw new ProviderError(
        `unrecognized resource type (${token}): the lab has no stand-in for it`,
      );
    }
    return found;
  };

  return {
    ...unavailable(standIn),
    getPluginInfo: unary<Empty, PluginInfo>(() => {
      const info = new PluginInfo();
      info.setVersion(standIn.version);
      return info;
    }),
    attach: unary((request: PluginAttach, { peer }) => {
      sessions.attach(peer, request.getAddress());
      return new Empty();
    }),
    cancel: unary((_request: Empty, { peer }) => {
      sessions.of(peer).cancel();
      return new Empty();
    }),
    getSchema: unary(() => {
      const response = new pb.GetSchemaResponse();
      response.setSchema(
        standIn.schema?.() ?? JSON.stringify({ name: standIn.name, version: standIn.version }),
      );
      return response;
    }),
    checkConfig: unary(async (request: pb.CheckRequest) => {
      const news = fromStruct(request.getNews());
      return checkResponse((await standIn.checkConfig?.(news)) ?? { inputs: news, failures: [] });
    }),
    // No change of configuration replaces a provider.
    diffConfig: unary(() => new pb.DiffResponse()),
    configure: unary(async (request: pb.ConfigureRequest, caller) => {
      const session = sessions.of(caller.peer);
      session.configure(
        await standIn.configure(
          fromStruct(request.getArgs()),
          callContext(session, undefined, caller, ""),
        ),
      );
      return configureResponse(standIn.configureAnswer);
    }),
    invoke: unary(async (request: pb.InvokeRequest, caller) => {
      const invoke = standIn.functions.get(request.getTok());
      if (invoke === undefined) {
        throw new ProviderError(
          `unrecognized function (${request.getTok()}): the lab has no stand-in for it`,
        );
      }
      return invokeResponse(await invoke(fromStruct(request.getArgs()), context(caller, "")));
    }),
    check: unary(async (request: pb.CheckRequest, caller) =>
      checkResponse(
        await resource(request.getType(), request.getUrn()).check(
          {
            name: request.getName() === "" ? nameOf(request.getUrn()) : request.getName(),
            olds: fromStruct(request.getOlds()),
            news: fromStruct(request.getNews()),
            randomSeed: request.getRandomseed_asU8(),
          },
          context(caller, request.getUrn()),
        ),
      ),
    ),
    diff: unary(async (request: pb.DiffRequest, caller) =>
      diffResponse(
        await resource(request.getType(), request.getUrn()).diff(
          {
            id: request.getId(),
            olds: fromStruct(request.getOlds()),
            oldInputs: fromStruct(request.getOldInputs()),
            news: fromStruct(request.getNews()),
            ignoreChanges: request.getIgnorechangesList(),
          },
          context(caller, request.getUrn()),
        ),
      ),
    ),
    create: unary(async (request: pb.CreateRequest, caller) => {
      const made = await resource(request.getType(), request.getUrn()).create(
        {
          name: request.getName() === "" ? nameOf(request.getUrn()) : request.getName(),
          properties: fromStruct(request.getProperties()),
          preview: request.getPreview(),
          timeoutSeconds: request.getTimeout(),
        },
        context(caller, request.getUrn()),
      );
      const response = new pb.CreateResponse();
      response.setId(made.id);
      response.setProperties(toStruct(made.properties));
      return response;
    }),
    read: unary(async (request: pb.ReadRequest, caller) => {
      const kind = resource(request.getType(), request.getUrn());
      if (kind.read === undefined) throw unimplemented("Read is not implemented");
      return readResponse(
        await kind.read(
          {
            id: request.getId(),
            inputs: fromStruct(request.getInputs()),
            properties: fromStruct(request.getProperties()),
          },
          context(caller, request.getUrn()),
        ),
      );
    }),
    update: unary(async (request: pb.UpdateRequest, caller) => {
      const kind = resource(request.getType(), request.getUrn());
      if (kind.update === undefined) throw unimplemented("Update is not implemented");
      const response = new pb.UpdateResponse();
      response.setProperties(
        toStruct(
          await kind.update(
            {
              id: request.getId(),
              olds: fromStruct(request.getOlds()),
              oldInputs: fromStruct(request.getOldInputs()),
              news: fromStruct(request.getNews()),
              ignoreChanges: request.getIgnorechangesList(),
              preview: request.getPreview(),
              timeoutSeconds: request.getTimeout(),
            },
            context(caller, request.getUrn()),
          ),
        ),
      );
      return response;
    }),
    delete: unary(async (request: pb.DeleteRequest, caller) => {
      await resource(request.getType(), request.getUrn()).delete(
        {
          id: request.getId(),
          properties: fromStruct(request.getProperties()),
          oldInputs: fromStruct(request.getOldInputs()),
          timeoutSeconds: request.getTimeout(),
        },
        context(caller, request.getUrn()),
      );
      return new Empty();
    }),
  };
}

function contextOf<C>(
  standIn: StandIn<C>,
  session: Session<C>,
  caller: Caller,
  urn: string,
): CallContext<C> {
  if (session.configuration === undefined) {
    throw new ProviderError(`${standIn.name}: the provider has not been configured`);
  }
  return callContext(session, session.configuration, caller, urn);
}

function callContext<C, S>(
  session: Session<C>,
  configuration: S,
  caller: Caller,
  urn: string,
): CallContext<S> {
  return {
    configuration,
    urn,
    signal: AbortSignal.any([session.signal, caller.signal]),
    log: async (severity, message, options) => {
      await session.log?.send(severity, message, { urn, ...options });
    },
  };
}

/** `urn:pulumi:stack::project::parent$type::name` */
function typeOf(urn: string): string {
  return (urn.split("::")[2] ?? "").split("$").pop() ?? "";
}

function nameOf(urn: string): string {
  return urn.split("::").slice(3).join("::");
}
