// What a stand-in for a vendor's plugin is: its name, its version, and its answers to the engine's calls.
// Every call gets a context; values are property values in their wire form (values.ts).
import type { Properties } from "./values";

export type Severity = "debug" | "info" | "warning" | "error";

/** Where a message is shown: at a resource, and for good or as a passing status. */
export interface LogOptions {
  readonly urn?: string;
  /** Shown while the resource is worked on and not kept. @default false */
  readonly ephemeral?: boolean;
  /** Lines of one stream are shown together. @default 0 */
  readonly streamId?: number;
}

/** What every call can use. `C` is what the stand-in's `configure` made. */
export interface CallContext<C> {
  readonly configuration: C;
  /** Empty for functions and configuration. */
  readonly urn: string;
  /** Aborted when the engine cancels, takes this call back, or is gone. */
  readonly signal: AbortSignal;
  /** Sends a message to the engine that attached; at the resource of this call unless told otherwise. */
  readonly log: (severity: Severity, message: string, options?: LogOptions) => Promise<void>;
}

export interface CheckFailure {
  readonly property: string;
  readonly reason: string;
}

export interface CheckAnswer {
  readonly inputs: Properties;
  readonly failures: readonly CheckFailure[];
}

export interface ConfigureAnswer {
  readonly acceptSecrets: boolean;
  readonly supportsPreview: boolean;
  readonly acceptResources: boolean;
  readonly acceptOutputs: boolean;
  readonly supportsAutonamingConfiguration: boolean;
}

export type DiffKind =
  "ADD" | "ADD_REPLACE" | "DELETE" | "DELETE_REPLACE" | "UPDATE" | "UPDATE_REPLACE";

export interface DiffAnswer {
  readonly changes: "UNKNOWN" | "NONE" | "SOME";
  readonly replaces: readonly string[];
  readonly diffs: readonly string[];
  readonly stables: readonly string[];
  readonly deleteBeforeReplace: boolean;
  readonly hasDetailed: boolean;
  /** Property path to kind. */
  readonly detailed: Readonly<Record<string, DiffKind>>;
  /** The paths are those of inputs, not of outputs. @default false */
  readonly inputDiff?: boolean;
}

export interface CheckRequest {
  readonly name: string;
  readonly olds: Properties;
  readonly news: Properties;
  readonly randomSeed: Uint8Array;
}

export interface DiffRequest {
  readonly id: string;
  readonly olds: Properties;
  readonly oldInputs: Properties;
  readonly news: Properties;
  readonly ignoreChanges: readonly string[];
}

export interface CreateRequest {
  readonly name: string;
  readonly properties: Properties;
  readonly preview: boolean;
  /** Zero: the plugin's own default. */
  readonly timeoutSeconds: number;
}

export interface ReadRequest {
  readonly id: string;
  /** Empty for an import. */
  readonly inputs: Properties;
  readonly properties: Properties;
}

export interface UpdateRequest {
  readonly id: string;
  readonly olds: Properties;
  readonly oldInputs: Properties;
  readonly news: Properties;
  readonly ignoreChanges: readonly string[];
  readonly preview: boolean;
  readonly timeoutSeconds: number;
}

export interface DeleteRequest {
  readonly id: string;
  readonly properties: Properties;
  readonly oldInputs: Properties;
  readonly timeoutSeconds: number;
}

export interface ResourceState {
  readonly id: string;
  readonly properties: Properties;
}

/** An empty id says that the resource is gone. */
export interface ReadAnswer {
  readonly id: string;
  readonly inputs?: Properties;
  readonly properties?: Properties;
}

export interface InvokeAnswer {
  readonly return: Properties;
  readonly failures: readonly CheckFailure[];
}

/** One resource type. A method that is absent answers UNIMPLEMENTED. */
export interface ResourceStandIn<C> {
  check(request: CheckRequest, context: CallContext<C>): CheckAnswer | Promise<CheckAnswer>;
  diff(request: DiffRequest, context: CallContext<C>): DiffAnswer | Promise<DiffAnswer>;
  create(request: CreateRequest, context: CallContext<C>): Promise<ResourceState>;
  read?(request: ReadRequest, context: CallContext<C>): Promise<ReadAnswer>;
  update?(request: UpdateRequest, context: CallContext<C>): Promise<Properties>;
  delete(request: DeleteRequest, context: CallContext<C>): Promise<void>;
}

export type FunctionStandIn<C> = (
  args: Properties,
  context: CallContext<C>,
) => InvokeAnswer | Promise<InvokeAnswer>;

/** One plugin. `C` is what a configuration comes to: a client, settings, or nothing. */
export interface StandIn<C = unknown> {
  readonly name: string;
  readonly version: string;
  /** Details of the UNIMPLEMENTED error that Handshake gives. */
  readonly handshakeDetails: string;
  readonly configureAnswer: ConfigureAnswer;
  /** Type tokens (`azuread:index/group:Group`) to resources. */
  readonly resources: ReadonlyMap<string, ResourceStandIn<C>>;
  /** Function tokens to functions. */
  readonly functions: ReadonlyMap<string, FunctionStandIn<C>>;
  checkConfig?(news: Properties): CheckAnswer | Promise<CheckAnswer>;
  /** Once for every engine and provider resource; `context.configuration` is not there yet. */
  configure(args: Properties, context: CallContext<undefined>): C | Promise<C>;
  /** A JSON schema of the package. @default only its name and version */
  schema?(): string;
}
