// A resource of the stand-in: a description of its properties and the operations on the wire. Checking,
// planning, comparing, importing and the shape of answers and errors are the same for all of them.
import { InitialisationError, ProviderError } from "../provider/errors";
import type { CallContext, ResourceStandIn } from "../provider/stand-in";
import {
  containsUnknown,
  mapValues,
  UNKNOWN,
  unwrapDeep,
  type Properties,
} from "../provider/values";
import { checkInputs, withoutDefaultMarks } from "./check";
import { Diagnostic, oneError } from "./diagnostics";
import { diff } from "./diff";
import { importedInputs, refreshedInputs } from "./inputs";
import { type AzureadConfiguration, Operation } from "./operation";
import { plan, wrapSecrets } from "./plan";
import type { Fields } from "./schema";

/** What one resource type does on the wire. States have no `id` property; it is added. */
export interface ResourceArgs {
  /** As messages name it: `azuread_group`. */
  readonly terraformType: string;
  readonly fields: Fields;
  readonly createMinutes: number;
  readonly updateMinutes?: number;
  /** Faults that depend on several properties, found in every preview too. */
  readonly examine?: (planned: Properties, op: Operation, prior?: Properties) => Promise<void>;
  /** Makes it; tells `op.made` its id as soon as it exists. Returns its id. */
  readonly create: (planned: Properties, op: Operation) => Promise<string>;
  /** Undefined when it is gone. */
  readonly read: (id: string, state: Properties, op: Operation) => Promise<Properties | undefined>;
  readonly update?: (
    id: string,
    planned: Properties,
    prior: Properties,
    op: Operation,
  ) => Promise<void>;
  readonly delete: (id: string, state: Properties, op: Operation) => Promise<void>;
  /** Says what is wrong with an id to import. Absent: the resource cannot be imported. */
  readonly refuseImport?: (id: string) => string | undefined;
}

const VANISHED =
  "Provider produced inconsistent result after apply: the object was present, but is now absent";
const READ_MINUTES = 5;
const DELETE_MINUTES = 5;

export function defineResource(args: ResourceArgs): ResourceStandIn<AzureadConfiguration> {
  const { fields, update } = args;

  const stateOf = async (
    id: string,
    basis: Properties,
    op: Operation,
  ): Promise<Properties | undefined> => {
    const read = await args.read(id, basis, op);
    return read === undefined ? undefined : { ...wrapSecrets(fields, read), id };
  };

  const definition: ResourceStandIn<AzureadConfiguration> = {
    check: ({ news, name }) => checkInputs(fields, news, name),

    diff: ({ olds, news }) => diff(fields, bare(olds), inputsOf(news)),

    create: async (request, context) => {
      const inputs = inputsOf(request.properties);
      const planned = plan(fields, inputs);
      const op = operation(context, request.timeoutSeconds, args.createMinutes);
      await failing(`diffing ${context.urn}`, async () => args.examine?.(bare(planned), op));
      if (request.preview) return { id: "", properties: { ...planned, id: UNKNOWN } };
      // The operation adds what it is told once only, such as a password's value.
      const making = known(planned);
      try {
        const id = await args.create(making, op);
        const state = await stateOf(id, making, op);
        if (state === undefined) throw new Diagnostic(VANISHED);
        return { id, properties: emptyAsPlanned(planned, state) };
      } catch (error) {
        if (op.madeId === undefined) throw new ProviderError(oneError(error));
        const reason = `creating ${context.urn}: ${oneError(error)}`;
        const partial = { ...wrapSecrets(fields, making), id: op.madeId };
        throw new InitialisationError(op.madeId, partial, request.properties, [reason], reason);
      }
    },

    read: async ({ id, inputs, properties }, context) => {
      const op = operation(context, 0, READ_MINUTES);
      const importing = Object.keys(properties).length === 0;
      if (importing) refuseBadImport(args, id);
      const state = await failing(`refreshing ${context.urn}`, () =>
        stateOf(id, bare(importing ? blankState(args) : properties), op),
      );
      if (state === undefined) return { id: "" };
      return {
        id,
        properties: state,
        inputs:
          Object.keys(inputs).length === 0
            ? importedInputs(fields, bare(state))
            : refreshedInputs(inputs, bare(state)),
      };
    },

    delete: async ({ id, properties, timeoutSeconds }, context) => {
      const op = operation(context, timeoutSeconds, DELETE_MINUTES);
      await failing(`deleting ${context.urn}`, () => args.delete(id, bare(properties), op));
    },
  };
  if (update === undefined) return definition;

  return {
    ...definition,
    update: async (request, context) => {
      const { id, olds, news } = request;
      const prior = bare(olds);
      const planned = plan(fields, inputsOf(news), prior);
      const op = operation(
        context,
        request.timeoutSeconds,
        args.updateMinutes ?? args.createMinutes,
      );
      await failing(`diffing ${context.urn}`, async () => args.examine?.(bare(planned), op, prior));
      if (request.preview) return { ...planned, id };
      return failing(`updating ${context.urn}`, async () => {
        await update(id, known(planned), prior, op);
        const state = await stateOf(id, known(planned), op);
        if (state === undefined) throw new Diagnostic(VANISHED);
        return emptyAsPlanned(planned, state);
      });
    },
  };
}

function operation(
  context: CallContext<AzureadConfiguration>,
  timeoutSeconds: number,
  defaultMinutes: number,
): Operation {
  const seconds = timeoutSeconds > 0 ? timeoutSeconds : defaultMinutes * 60;
  return new Operation(context.configuration, Date.now() + seconds * 1000, context.signal);
}

async function failing<T>(doing: string, action: () => Promise<T>): Promise<T> {
  try {
    return await action();
  } catch (error) {
    throw new ProviderError(`${doing}: ${oneError(error)}`, undefined, { cause: error });
  }
}

function inputsOf(news: Properties): Properties {
  return bare(withoutDefaultMarks(news) as Properties);
}

/** Values without their secret wrappers: they go to the wire, never into a message. */
function bare(properties: Properties): Properties {
  return mapValues(properties, unwrapDeep);
}

/** What is known of a plan; the rest comes from the first read. */
function known(planned: Properties): Properties {
  return mapValues(bare(planned), (value) => (containsUnknown(value) ? null : value));
}

/** A list that was not asked for and has nothing in it stays null, as it was planned. */
function emptyAsPlanned(planned: Properties, state: Properties): Properties {
  return mapValues(state, (value, name) =>
    Array.isArray(value) && value.length === 0 && planned[name] === null ? null : value,
  );
}

function refuseBadImport(args: ResourceArgs, id: string): void {
  const reason =
    args.refuseImport === undefined
      ? `resource ${args.terraformType} doesn't support import`
      : args.refuseImport(id);
  if (reason !== undefined) throw new ProviderError(oneError(reason));
}

/** Before an import only defaults are known. */
function blankState({ fields }: ResourceArgs): Properties {
  return Object.fromEntries(
    Object.entries(fields).map(([name, field]) => [name, field.default ?? null]),
  );
}
