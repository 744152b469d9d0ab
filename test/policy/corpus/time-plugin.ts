// A stand-in for the plugin `time`, as far as the corpus needs it: a clock whose values a preview does not know.
import type { ResourceStandIn, StandIn } from "../../../packages/lab/plugins/provider/stand-in";
import { UNKNOWN } from "../../../packages/lab/plugins/provider/values";

const DAY_MS = 86_400_000;

function inDays(days: unknown): string {
  const instant = new Date(Date.now() + Number(days) * DAY_MS);
  return `${instant.toISOString().slice(0, 10)}T00:00:00Z`;
}

const rotating: ResourceStandIn<object> = {
  check: ({ news }) => ({ inputs: news, failures: [] }),
  diff: () => ({
    changes: "NONE",
    replaces: [],
    diffs: [],
    stables: [],
    deleteBeforeReplace: false,
    hasDetailed: false,
    detailed: {},
  }),
  create: ({ properties, preview }) => {
    const instant = preview ? UNKNOWN : inDays(properties["rotationDays"]);
    return Promise.resolve({
      id: preview ? "" : instant,
      properties: { ...properties, rotationRfc3339: instant },
    });
  },
  delete: () => Promise.resolve(),
};

export const timeStandIn: StandIn<object> = {
  name: "time",
  version: "0.1.1",
  handshakeDetails: "",
  configureAnswer: {
    acceptSecrets: false,
    supportsPreview: true,
    acceptResources: true,
    acceptOutputs: false,
    supportsAutonamingConfiguration: false,
  },
  resources: new Map([["time:index/rotating:Rotating", rotating]]),
  functions: new Map(),
  configure: () => ({}),
};
