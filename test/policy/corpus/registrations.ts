// What a program of the corpus asks of the engine in a preview, as the pack is shown it: run under Pulumi's mocks, which
// know no output that a preview would not know.
import { existsSync } from "node:fs";
import { join } from "node:path";
import * as pulumi from "@pulumi/pulumi";
import type { Given } from "../../helpers/policy-run";

/** The part of a request of the engine's wire that matters here. */
interface Request {
  getType(): string;
  getName(): string;
  getProtect(): boolean;
  getObject(): { toJavaScript(): Record<string, unknown> } | undefined;
  getPropertydependenciesMap(): {
    forEach(each: (one: { getUrnsList(): string[] }, input: string) => void): void;
  };
}
type Register = (request: Request, done: (...answer: unknown[]) => void) => Promise<void>;

/** The SDK exports these, but leaves them out of its types. */
const runtime = pulumi.runtime as unknown as {
  getMonitor(): { registerResource: Register };
  waitForRPCs(): Promise<void>;
};

const PROGRAMS = join(__dirname, "programs");
/** The mark by which the engine's wire knows a secret; a policy is shown what is in it. */
const SECRET = "4dabf18193072939515e22adb298388d";

/** The resources that a program declares. */
export async function registrationsOf(program: string): Promise<Given[]> {
  const requests: Request[] = [];
  await pulumi.runtime.setMocks(
    {
      newResource: ({ inputs }) => ({ id: "", state: inputs as object }),
      call: ({ inputs }) => ({ ...(inputs as object), objectId: "graph-object" }),
    },
    "corpus",
    "dev",
    true,
  );
  const monitor = runtime.getMonitor();
  const register = monitor.registerResource.bind(monitor);
  monitor.registerResource = (request, done) => {
    requests.push(request);
    return register(request, done);
  };
  load(program);
  await runtime.waitForRPCs();
  return requests.map(givenOf);
}

/** Each program declares when it is loaded, and so does what it has in common with others. */
function load(program: string): void {
  const file = join(PROGRAMS, `${program}.js`);
  if (!existsSync(file)) throw new Error(`The corpus has no program ${program}.`);
  for (const name of Object.keys(require.cache)) {
    if (name.startsWith(PROGRAMS)) Reflect.deleteProperty(require.cache, name);
  }
  // eslint-disable-next-line @typescript-eslint/no-require-imports -- the name is known at run time only
  require(file);
}

function givenOf(request: Request): Given {
  const from: Record<string, string[]> = {};
  request.getPropertydependenciesMap().forEach((one, input) => {
    from[input] = one.getUrnsList().map((urn) => urn.split("::").at(-1) ?? "");
  });
  return {
    type: request.getType(),
    name: request.getName(),
    inputs: shown(request.getObject()?.toJavaScript() ?? {}) as Given["inputs"],
    protect: request.getProtect(),
    from,
  };
}

function shown(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(shown);
  if (typeof value !== "object" || value === null) return value;
  if (SECRET in value && "value" in value) return shown(value.value);
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, shown(inner)]));
}
