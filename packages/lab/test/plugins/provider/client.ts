// A client that calls a served stand-in as the engine does, in the words of the recordings.
import * as grpc from "@grpc/grpc-js";
import { ResourceProviderClient } from "@pulumi/pulumi/proto/provider_grpc_pb";
import { PluginAttach, type PluginInfo } from "@pulumi/pulumi/proto/plugin_pb";
import * as pb from "@pulumi/pulumi/proto/provider_pb";

import { fromStruct, toStruct } from "../../../plugins/provider/codec";
import { Empty } from "../../../plugins/provider/protobuf";
import type { Properties } from "../../../plugins/provider/values";

/** A request as the recordings write it. */
export interface RecordedRequest {
  readonly type?: string;
  readonly token?: string;
  readonly id?: string;
  readonly name?: string;
  readonly args?: Properties;
  readonly olds?: Properties;
  readonly oldInputs?: Properties;
  readonly news?: Properties;
  readonly inputs?: Properties;
  readonly properties?: Properties;
  readonly options?: { readonly preview?: boolean };
}

export type RecordedAnswer = Readonly<Record<string, unknown>>;

export class StandInClient {
  private readonly client: ResourceProviderClient;

  constructor(port: number) {
    this.client = new ResourceProviderClient(
      `127.0.0.1:${port}`,
      grpc.credentials.createInsecure(),
      // A connection of its own, as every engine has.
      { "grpc.use_local_subchannel_pool": 1 },
    );
  }

  close(): void {
    this.client.close();
  }

  attach(address: string): Promise<Empty> {
    const request = new PluginAttach();
    request.setAddress(address);
    return promised((callback) => this.client.attach(request, callback));
  }

  cancel(): Promise<Empty> {
    return promised((callback) => this.client.cancel(new Empty(), callback));
  }

  /** Makes a recorded call; an error is an answer too. */
  async call(method: string, request: RecordedRequest): Promise<RecordedAnswer> {
    try {
      return await this.make(method, request);
    } catch (error) {
      if (!(error instanceof Error && "code" in error && "details" in error)) throw error;
      const { code, details } = error;
      return { error: { code, details } };
    }
  }

  private async make(method: string, request: RecordedRequest): Promise<RecordedAnswer> {
    switch (method) {
      case "info": {
        const info = await promised<PluginInfo>((done) =>
          this.client.getPluginInfo(new Empty(), done),
        );
        return { version: info.getVersion() };
      }
      case "handshake":
        await promised((done) => this.client.handshake(new pb.ProviderHandshakeRequest(), done));
        return {};
      case "getSchema": {
        const answer = await promised<pb.GetSchemaResponse>((done) =>
          this.client.getSchema(new pb.GetSchemaRequest(), done),
        );
        return { schema: answer.getSchema() };
      }
      case "checkConfig": {
        const message = new pb.CheckRequest();
        message.setNews(toStruct(request.news ?? {}));
        return checked(await promised((done) => this.client.checkConfig(message, done)));
      }
      case "configure": {
        const message = new pb.ConfigureRequest();
        message.setArgs(toStruct(request.args ?? {}));
        const answer = await promised<pb.ConfigureResponse>((done) =>
          this.client.configure(message, done),
        );
        const { acceptsecrets, supportspreview, acceptresources, acceptoutputs, ...rest } =
          answer.toObject();
        return {
          acceptsecrets,
          supportspreview,
          acceptresources,
          acceptoutputs,
          supportsAutonamingConfiguration: rest.supportsAutonamingConfiguration,
        };
      }
      case "check": {
        const message = named(new pb.CheckRequest(), request);
        message.setOlds(toStruct(request.olds ?? {}));
        message.setNews(toStruct(request.news ?? {}));
        return checked(await promised((done) => this.client.check(message, done)));
      }
      case "diff": {
        const message = named(new pb.DiffRequest(), request);
        message.setId(request.id ?? "");
        message.setOlds(toStruct(request.olds ?? {}));
        message.setNews(toStruct(request.news ?? {}));
        message.setOldInputs(toStruct(request.oldInputs ?? {}));
        return diffed(await promised((done) => this.client.diff(message, done)));
      }
      case "create": {
        const message = named(new pb.CreateRequest(), request);
        message.setProperties(toStruct(request.properties ?? {}));
        message.setPreview(request.options?.preview ?? false);
        const answer = await promised<pb.CreateResponse>((done) =>
          this.client.create(message, done),
        );
        return { id: answer.getId(), properties: fromStruct(answer.getProperties()) };
      }
      case "read": {
        const message = named(new pb.ReadRequest(), request);
        message.setId(request.id ?? "");
        message.setInputs(toStruct(request.inputs ?? {}));
        message.setProperties(toStruct(request.properties ?? {}));
        const answer = await promised<pb.ReadResponse>((done) => this.client.read(message, done));
        return {
          id: answer.getId(),
          ...(answer.hasInputs() ? { inputs: fromStruct(answer.getInputs()) } : {}),
          ...(answer.hasProperties() ? { properties: fromStruct(answer.getProperties()) } : {}),
        };
      }
      case "update": {
        const message = named(new pb.UpdateRequest(), request);
        message.setId(request.id ?? "");
        message.setOlds(toStruct(request.olds ?? {}));
        message.setNews(toStruct(request.news ?? {}));
        message.setOldInputs(toStruct(request.oldInputs ?? {}));
        message.setPreview(request.options?.preview ?? false);
        const answer = await promised<pb.UpdateResponse>((done) =>
          this.client.update(message, done),
        );
        return { properties: fromStruct(answer.getProperties()) };
      }
      case "delete": {
        const message = named(new pb.DeleteRequest(), request);
        message.setId(request.id ?? "");
        message.setProperties(toStruct(request.properties ?? {}));
        message.setOldInputs(toStruct(request.oldInputs ?? {}));
        await promised((done) => this.client.delete(message, done));
        return {};
      }
      case "invoke": {
        const message = new pb.InvokeRequest();
        message.setTok(request.token ?? "");
        message.setArgs(toStruct(request.args ?? {}));
        const answer = await promised<pb.InvokeResponse>((done) =>
          this.client.invoke(message, done),
        );
        return { return: fromStruct(answer.getReturn()), failures: failures(answer) };
      }
      default:
        throw new Error(`The recordings have no method ${method}.`);
    }
  }
}

function promised<T>(
  start: (callback: (error: grpc.ServiceError | null, response: T) => void) => unknown,
): Promise<T> {
  return new Promise((resolve, reject) => {
    start((error, response) => (error === null ? resolve(response) : reject(error)));
  });
}

interface Named {
  setType(type: string): unknown;
  setName(name: string): unknown;
  setUrn(urn: string): unknown;
}

function named<M extends Named>(message: M, request: RecordedRequest): M {
  const type = request.type ?? "";
  const name = request.name ?? "x";
  message.setType(type);
  message.setName(name);
  message.setUrn(`urn:pulumi:s::p::${type}::${name}`);
  return message;
}

function failures(answer: pb.CheckResponse | pb.InvokeResponse): unknown[] {
  return answer
    .getFailuresList()
    .map((each) => ({ property: each.getProperty(), reason: each.getReason() }));
}

function checked(answer: pb.CheckResponse): RecordedAnswer {
  return { inputs: fromStruct(answer.getInputs()), failures: failures(answer) };
}

function diffed(answer: pb.DiffResponse): RecordedAnswer {
  const changes = Object.entries(pb.DiffResponse.DiffChanges).find(
    ([, value]) => value === answer.getChanges(),
  );
  const kinds = Object.entries(pb.PropertyDiff.Kind);
  const detailed: Record<string, string | undefined> = {};
  answer.getDetaileddiffMap().forEach((diff, path) => {
    detailed[path] = kinds.find(([, value]) => value === diff.getKind())?.[0];
  });
  return {
    changes: changes?.[0].replace("DIFF_", ""),
    replaces: answer.getReplacesList(),
    diffs: answer.getDiffsList(),
    stables: answer.getStablesList(),
    deleteBeforeReplace: answer.getDeletebeforereplace(),
    hasDetailed: answer.getHasdetaileddiff(),
    detailed,
  };
}
