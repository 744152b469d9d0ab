// The stand-in for the vendor's plugin `random` 4.21.1. Every input of every resource replaces it.
// Its answers are those that were recorded from the plugin.
import type {
  DiffAnswer,
  DiffRequest,
  ReadAnswer,
  ReadRequest,
  ResourceStandIn,
  ResourceState,
  StandIn,
} from "../provider/stand-in";
import { equal, mapValues, UNKNOWN, unwrapDeep } from "../provider/values";
import type { Properties } from "../provider/values";
import { checkFields, withDefaults } from "./fields";
import { kinds, type Kind, type Made } from "./kinds";

const VERSION = "4.21.1";

/** The plugin has nothing to configure. */
export type RandomConfiguration = Readonly<Record<string, never>>;

export function createRandomStandIn(): StandIn<RandomConfiguration> {
  return {
    name: "random",
    version: VERSION,
    handshakeDetails: "Handshake is not yet implemented",
    configureAnswer: {
      acceptSecrets: false,
      supportsPreview: true,
      acceptResources: true,
      acceptOutputs: false,
      supportsAutonamingConfiguration: true,
    },
    resources: new Map([...kinds].map(([token, kind]) => [token, resource(kind)] as const)),
    functions: new Map(),
    configure: () => ({}),
  };
}

function resource(kind: Kind): ResourceStandIn<RandomConfiguration> {
  return {
    check: ({ name, news }) => checkFields(name, news, kind.fields),
    diff: (request) => diff(request, kind),
    create: ({ properties, preview }) => Promise.resolve(create(properties, preview, kind)),
    read: (request) => Promise.resolve(read(request, kind)),
    // Never called: every change replaces.
    update: ({ news }) => Promise.resolve(news),
    delete: () => Promise.resolve(),
  };
}

function create(given: Properties, preview: boolean, kind: Kind): ResourceState {
  const inputs = withDefaults(given, kind.fields);
  if (preview) {
    const unknown = Object.fromEntries(kind.computes.map((name) => [name, UNKNOWN]));
    return { id: "", properties: { ...inputs, ...unknown, id: UNKNOWN } };
  }
  const made = kind.make(mapValues(inputs, unwrapDeep));
  return { id: made.id, properties: stateOf(inputs, made) };
}

function stateOf(inputs: Properties, made: Made): Properties {
  return { ...inputs, ...made.computed, id: made.id };
}

function diff({ olds, news }: DiffRequest, kind: Kind): DiffAnswer {
  const after = withDefaults(news, kind.fields);
  const changed = Object.keys(kind.fields)
    .filter((name) => !equal(olds[name], after[name]))
    .sort();
  return {
    changes: changed.length === 0 ? "NONE" : "SOME",
    replaces: changed,
    diffs: changed,
    stables: [],
    deleteBeforeReplace: false,
    hasDetailed: false,
    detailed: {},
  };
}

/** Nothing can have changed; without properties it is an import, and the id says what there is. */
function read({ id, inputs, properties }: ReadRequest, kind: Kind): ReadAnswer {
  if (Object.keys(properties).length > 0) return { id, inputs, properties };
  const adopted = kind.adopt?.(id);
  if (adopted === undefined) return { id: "" };
  const { inputs: found, made } = adopted;
  return {
    id: made.id,
    inputs: found,
    properties: stateOf(withDefaults(found, kind.fields), made),
  };
}
