// An operation of the engine on a stack: what it is held to, what it tells while it runs, and its own words when it fails.
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import type { EngineEvent } from "@pulumi/pulumi/automation";
import { HarmlessStream, harmless } from "../../src/foreign-text";
import { EngineError } from "./engine";
import { type PolicyMessage, type PolicyUse, policyMessage } from "./policy";

export interface OperationOptions {
  /** Folders of policy packs under which the operation runs. */
  readonly policyPacks?: readonly string[];
  /** Their configuration files, in the same order. */
  readonly policyPackConfigs?: readonly string[];
  /** Whether the engine first reads what is really there. */
  readonly refresh?: boolean;
  /** Fails if the operation would change a resource. */
  readonly expectNoChanges?: boolean;
  /** Told of each resource operation as it ends. */
  readonly onProgress?: (message: string) => void;
  /** Receives the engine's printed output line by line, made harmless. */
  readonly onOutput?: (text: string) => void;
}

/** What an update or a preview did, resource operations counted: same, create, update, delete, … */
export type ChangeSummary = Readonly<Partial<Record<string, number>>>;

/** What every operation of the Automation API takes. */
export interface CommonOptions {
  readonly color: "never";
  readonly expectNoChanges: boolean;
  readonly onOutput: (text: string) => void;
  readonly onError: (text: string) => void;
  readonly onEvent: (event: EngineEvent) => void;
}

/**
 * Runs an operation, and says what it changed. @param heard takes what the policy pack says
 * @throws EngineError with all that the engine printed
 */
export async function operate(
  operation: string,
  options: OperationOptions,
  heard: (said: PolicyMessage) => void,
  start: (common: CommonOptions) => Promise<void>,
): Promise<ChangeSummary> {
  let printed = "";
  let changes: ChangeSummary = {};
  // One for each stream: the engine writes whole lines to neither at a time.
  const streams = [0, 1].map(
    () =>
      new HarmlessStream((text) => {
        printed += text;
        options.onOutput?.(text);
      }),
  );
  const [output, errors] = streams;
  const end = (): void => {
    for (const stream of streams) stream.end();
  };
  try {
    await start({
      color: "never",
      expectNoChanges: options.expectNoChanges ?? false,
      onOutput: (text) => output?.push(text),
      onError: (text) => errors?.push(text),
      onEvent: (event) => {
        changes = event.summaryEvent?.resourceChanges ?? changes;
        const said = policyMessage(event);
        if (said !== undefined) heard(said);
        const message = progressOf(event);
        if (message !== undefined) options.onProgress?.(message);
      },
    });
    return changes;
  } catch (cause) {
    end();
    throw new EngineError(operation, printed || String(cause), cause);
  } finally {
    end();
  }
}

/** What an update and a preview are held to, in the Automation API's words; the pack's configuration is written anew. */
export async function checksOf(
  { policyPacks = [], policyPackConfigs = [], refresh }: OperationOptions,
  own: { readonly policy?: PolicyUse | undefined; readonly workDir: string; readonly name: string },
) {
  const packs = own.policy === undefined ? [] : [own.policy.pack];
  const configs = own.policy === undefined ? [] : [join(own.workDir, `policy.${own.name}.json`)];
  if (own.policy !== undefined) {
    writeFileSync(configs.join(), JSON.stringify(await own.policy.config()));
  }
  return {
    ...(policyPacks.length + packs.length > 0 && { policyPacks: [...packs, ...policyPacks] }),
    ...(policyPackConfigs.length + configs.length > 0 && {
      policyPackConfigs: [...configs, ...policyPackConfigs],
    }),
    ...(refresh !== undefined && { refresh }),
  };
}

function progressOf(event: EngineEvent): string | undefined {
  const metadata = event.resourcePreEvent?.metadata;
  if (metadata === undefined || metadata.op === "same") return undefined;
  return harmless(`${metadata.op} ${metadata.urn.split("::").slice(-1)[0] ?? metadata.urn}`);
}
