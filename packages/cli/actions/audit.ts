// keyturn audit: the policy pack's rules over an existing stack's state, and over an application as Graph shows it.
import { type Existing, type PackConfig, evaluate } from "../../../policy/evaluate";
import { RULES } from "../../../policy/rules";
import { SETTINGS_RULE } from "../../../policy/rules/packSettings";
import { findEndpoints } from "../../../src/http/endpoints";
import { GraphReader } from "../../../src/http/graph";
import { type FoundApplication, readApplication, requireClientId } from "../audit/application";
import { managedTwins, subjectsOf } from "../audit/application-subjects";
import { cloudIn, readPackConfig } from "../audit/given";
import { readState } from "../audit/state";
import { type Audit, isViolated, renderAudit } from "../audit/text";
import { withProgress } from "../progress";
import { isRehearsed, readDay } from "../project/clock";
import { type StackOptions, findProject } from "../project/project";

export interface AuditOptions extends StackOptions {
  readonly application?: string | undefined;
  readonly policyPackConfig?: string | undefined;
  readonly json?: boolean | undefined;
}

/** What was found, ready to print, and whether a mandatory rule found something. */
export interface AuditResult {
  readonly text: string;
  readonly violated: boolean;
}

const GRAPH_SECONDS = 60;

/** Nothing is changed; with an application and no stack, no project is needed. */
export async function audit(options: AuditOptions): Promise<AuditResult> {
  const config = readPackConfig(options.policyPackConfig);
  const { application: clientId } = options;
  if (clientId !== undefined) requireClientId(clientId);
  const ofStack = options.stack !== undefined || clientId === undefined;
  const stack = ofStack
    ? await withProgress("Reading the state", () => readStack(options))
    : undefined;
  const application =
    clientId === undefined
      ? undefined
      : await withProgress("Reading Graph", () => readFromGraph(clientId));
  const found = made(stack, application, config);
  return {
    text: options.json ? JSON.stringify(found, undefined, 2) : renderAudit(found),
    violated: isViolated(found),
  };
}

interface ReadStack {
  readonly name: string;
  readonly subjects: readonly Existing[];
  /** The lab's day for a stack that is rehearsed there. */
  readonly labDay?: string;
}

function made(
  stack: ReadStack | undefined,
  application: FoundApplication | undefined,
  given: PackConfig,
): Audit {
  const lab = stack?.labDay === undefined ? {} : { lab: true, today: stack.labDay };
  const config = { ...given, [SETTINGS_RULE]: { ...object(given[SETTINGS_RULE]), ...lab } };
  const ofStack = stack?.subjects ?? [];
  const fromGraph = application === undefined ? [] : subjectsOf(application);
  // What both describe is judged together, and told of once: at the stack's resource.
  const twins = managedTwins(fromGraph, ofStack);
  const managed = new Set(
    fromGraph.filter(({ urn }) => twins.has(urn)).map(({ outputs }) => outputs["keyId"]),
  );
  return {
    of: [
      ...(stack ? [`stack ${stack.name}`] : []),
      ...(application ? [`application ${application.displayName}`] : []),
    ],
    day: stack?.labDay ?? new Date().toISOString().slice(0, 10),
    rules: RULES.length,
    findings: evaluate([...ofStack, ...fromGraph], config).filter(({ urn }) => !twins.has(urn)),
    ...(application && {
      credentials: application.credentials.map((one) => ({
        ...one,
        ...(stack && { managed: managed.has(one.keyId) }),
      })),
    }),
  };
}

async function readStack(options: StackOptions): Promise<ReadStack> {
  const { name, stackName, stack } = await findProject(options);
  const [exported, config] = await Promise.all([stack.exportState(), stack.config(name)]);
  const labDay = isRehearsed(config)
    ? (await readDay(config)).toISOString().slice(0, 10)
    : undefined;
  return {
    name: stackName,
    subjects: readState(exported),
    ...(labDay === undefined ? {} : { labDay }),
  };
}

async function readFromGraph(clientId: string): Promise<FoundApplication> {
  const { graphToken } = await import("../audit/sign-in.js");
  const environment = cloudIn(process.env);
  const endpoints = await findEndpoints({ environment, metadataHost: "" }, process.env);
  const bearer = await graphToken(endpoints, process.env);
  return readApplication(clientId, new GraphReader(endpoints.graph, bearer, GRAPH_SECONDS));
}

function object(value: unknown): object {
  return typeof value === "object" && value !== null ? value : {};
}
