// One resource of ARM, from its description: check, difference, create, read, update and delete.
// Secrets of Key Vault differ in two steps, which their options supply.
import { InitialisationError } from "../provider/errors";
import type {
  CallContext,
  CheckAnswer,
  CheckRequest,
  CreateRequest,
  DeleteRequest,
  ReadAnswer,
  ReadRequest,
  ResourceStandIn,
  ResourceState,
  UpdateRequest,
} from "../provider/stand-in";
import { isUnknown, mapValues, unwrapDeep, UNKNOWN } from "../provider/values";
import type { Properties, PropertyValue } from "../provider/values";
import type { Azure } from "./azure";
import { AzureError } from "./client/errors";
import { diff } from "./diff";
import { idFor, inputsFromId } from "./ids";
import { withNames } from "./names";
import { at, refreshedInputs, set } from "./refresh";
import { toInputs, toOutputs, toPreview, toRequest } from "./shapes";
import type { ResourceSpec } from "./spec";
import { validate } from "./validate";

/** What a resource does in its own way. */
export interface Exceptions {
  /** Called when a create was refused with 409; true to try again. */
  readonly resolveConflict?: (inputs: Properties, context: CallContext<Azure>) => Promise<boolean>;
  readonly remove?: (inputs: Properties, context: CallContext<Azure>) => Promise<void>;
}

export class ArmResource implements ResourceStandIn<Azure> {
  constructor(
    private readonly spec: ResourceSpec,
    private readonly exceptions: Exceptions = {},
  ) {}

  readonly diff: ResourceStandIn<Azure>["diff"] = (request) => diff(request, this.spec);

  async check(request: CheckRequest, context: CallContext<Azure>): Promise<CheckAnswer> {
    const given = plain(request.news);
    const named = withNames(given, this.spec, { ...request, olds: plain(request.olds) });
    const location = await this.defaultLocation(named, plain(request.olds), context);
    const inputs: Properties = {
      azureApiVersion: this.spec.apiVersion,
      ...named,
      ...(location === undefined ? {} : { location }),
    };
    return { inputs, failures: validate(inputs, this.spec) };
  }

  async create(
    { properties, preview }: CreateRequest,
    context: CallContext<Azure>,
  ): Promise<ResourceState> {
    const inputs = plain(properties);
    if (preview) return { id: "", properties: toPreview(inputs, this.spec) };
    const { signal } = context;
    const { arm, subscriptionId } = context.configuration;
    const requested = idFor(inputs, this.spec, subscriptionId);
    if (this.spec.isThereAlready !== true) {
      await arm.requireAbsent(requested, this.spec.apiVersion, signal);
    }
    const body = toRequest(inputs, this.spec);
    for (const path of this.spec.maintained ?? []) {
      if (at(body, path) === undefined) set(body, path, []);
    }
    const answer = await this.put(requested, body, inputs, context);
    const id = typeof answer["id"] === "string" ? answer["id"] : requested;
    const read = await this.readAfter("Create", id, answer, context);
    return { id, properties: toOutputs(read, this.spec) };
  }

  async read(
    { id, inputs, properties }: ReadRequest,
    { configuration, signal }: CallContext<Azure>,
  ): Promise<ReadAnswer> {
    const answer = await configuration.arm
      .get(id, this.spec.apiVersion, signal)
      .catch((error: unknown) => {
        if (error instanceof AzureError && error.status === 404) return undefined;
        throw error;
      });
    if (answer === undefined) return { id: "" };
    const outputs = toOutputs(answer, this.spec);
    const imported = Object.keys(inputs).length === 0;
    const found = imported
      ? { ...toInputs(outputs, this.spec), ...inputsFromId(id, this.spec) }
      : refreshedInputs(plain(inputs), plain(properties), outputs, this.spec);
    return { id, inputs: found, properties: outputs };
  }

  async update(
    { id, olds, news, preview }: UpdateRequest,
    context: CallContext<Azure>,
  ): Promise<Properties> {
    const inputs = plain(news);
    if (preview) return { ...toPreview(inputs, this.spec), ...stableOutputs(olds) };
    const { configuration, signal } = context;
    const body = toRequest(inputs, this.spec);
    const unset = (this.spec.maintained ?? []).filter((path) => at(body, path) === undefined);
    if (unset.length > 0) {
      const current = await configuration.arm.get(id, this.spec.apiVersion, signal);
      for (const path of unset) set(body, path, at(current, path));
    }
    const requested = idFor(inputs, this.spec, configuration.subscriptionId);
    const answer = await this.put(requested, body, inputs, context);
    return toOutputs(await this.readAfter("Update", requested, answer, context), this.spec);
  }

  async delete({ id, oldInputs }: DeleteRequest, context: CallContext<Azure>): Promise<void> {
    if (this.exceptions.remove !== undefined) {
      await this.exceptions.remove(plain(oldInputs), context);
    } else if (this.spec.isThereAlready === true) {
      await this.put(id, {}, plain(oldInputs), context);
    } else {
      await context.configuration.arm.delete(id, this.spec.apiVersion, context.signal);
    }
  }

  private async put(
    id: string,
    body: Properties,
    inputs: Properties,
    context: CallContext<Azure>,
  ): Promise<Properties> {
    const { arm } = context.configuration;
    const attempt = () => arm.put(id, this.spec.apiVersion, body, context.signal);
    const put = await attempt().catch(async (error: unknown) => {
      const conflict = error instanceof AzureError && error.status === 409;
      if (conflict && (await this.exceptions.resolveConflict?.(inputs, context)) === true) {
        return attempt();
      }
      throw error;
    });
    return put.finish().catch((error: unknown) => {
      const reason = error instanceof Error ? error.message : String(error);
      throw new InitialisationError(id, toOutputs(put.answer, this.spec), inputs, [reason], reason);
    });
  }

  /** Azure's answer to a write may lack what a reading has; a reading that fails is only a warning. */
  private async readAfter(
    operation: string,
    id: string,
    answer: Properties,
    { configuration, log, signal }: CallContext<Azure>,
  ): Promise<Properties> {
    if (configuration.skipReadOnUpdate) return answer;
    try {
      return await configuration.arm.get(id, this.spec.apiVersion, signal);
    } catch {
      const advice = "Verbose logs contain more information, see";
      const page = "https://www.pulumi.com/docs/support/troubleshooting/#verbose-logging.";
      const problem = `Failed to read resource after ${operation}. Please report this issue.`;
      await log("warning", `${problem}\n${advice} ${page}`);
      return answer;
    }
  }

  /** The location of before, the configured one, or that of the resource group. */
  private async defaultLocation(
    inputs: Properties,
    olds: Properties,
    { configuration, signal }: CallContext<Azure>,
  ): Promise<PropertyValue | undefined> {
    const { location } = this.spec.body;
    if (location === undefined || location.readOnly === true) return undefined;
    if (inputs["location"] !== undefined) return undefined;
    const known = olds["location"] ?? configuration.location;
    if (known !== undefined) return known;
    const group = inputs["resourceGroupName"];
    if (isUnknown(group)) return UNKNOWN;
    return typeof group === "string" ? configuration.locationOf(group, signal) : undefined;
  }
}

/** Neither secrets nor nulls: the engine sends this plugin none of the former. */
function plain(properties: Properties): Properties {
  const bare = mapValues(properties, unwrapDeep);
  return Object.fromEntries(Object.entries(bare).filter(([, value]) => value !== null));
}

/** What no update changes, so that a preview can say it. */
function stableOutputs(state: Properties): Properties {
  const names = ["name", "location"];
  return Object.fromEntries(Object.entries(state).filter(([name]) => names.includes(name)));
}
