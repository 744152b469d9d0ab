// A credential in a program of one's own: read the config, observe, decide, declare, record. All decisions are made in
// src/decide.
import * as pulumi from "@pulumi/pulumi";
import { readConfig } from "../src/config/read";
import { refuseOrphans } from "../src/decide/inventory";
import { plan as decide } from "../src/decide/plan";
import { announcement } from "../src/decide/reason";
import { withholdReleases } from "../src/decide/release-evidence";
import type { ConfigValues, Connection, ConsumerValues } from "../src/keyturn-config";
import { observe, observeStack } from "../src/observe";
import { asRunError } from "../src/run-error";
import { declare } from "./declare";
import { stackOutputs } from "./stack-outputs";

/** One service that holds the secret. */
export interface ConsumerArgs extends Omit<ConsumerValues, "connection"> {
  /** Where its host is, and how it is known. Automatic presets only. */
  readonly connection?: Omit<Connection, "port"> & {
    /** @default 22 */
    readonly port?: number;
  };
}

/** Keys that only the stack's config has: the name, and what the commands write. */
type OfTheStack =
  "name" | "generation" | "brokenGlass" | "confirmations" | "adopted" | "rehearsalClock";

/**
 * What the program says of a credential. Every field is a key of the config, with the same meaning, range and default
 * (docs/configuration.md); what is not given here is read from the stack's config. Of a field that both give, the program's counts.
 * What is secret (`consumerSecrets`) and what the commands write is in the stack's config only.
 */
export interface RotatedClientSecretArgs extends Partial<
  Omit<ConfigValues, OfTheStack | "consumers">
> {
  readonly consumers?: readonly ConsumerArgs[];
  /**
   * Whether the stack has other credentials too. This one then has its own namespace of config keys, which is its name
   * (`mail:anchor`), and its outputs belong under the stack output of its name: `export = { mail: mail.outputs }`.
   * @default false
   */
  readonly besideOthers?: boolean;
}

/**
 * The client secrets of one application, with the application, its groups, the vault and the services that hold the secret:
 * all that Keyturn's own program declares, under the same resource names.
 *
 * The stack has to export `outputs`: the next run plans from the history in them, and a run that misses it is refused.
 *
 * One stack holds one credential. Several in one program (`besideOthers`) share what fails together: when one of them
 * fails, the engine starts no further step of the others, and the outputs of the whole stack stay those of the last
 * successful run. A step that runs is finished, no service is left stopped, and the next run continues; but as long as one
 * fails, no other one adopts, releases or removes a secret.
 */
export class RotatedClientSecret {
  /** What the stack exports: ids, dates and words. No secret but in `links`, which is one as a whole. */
  readonly outputs: Promise<Record<string, unknown>>;

  /**
   * Begins to read at once; what is declared follows. Everything that is wrong is said when the program ends, in one error.
   * @param name of the credential: it stands in the display name of every secret and never changes
   */
  constructor(name: string, args: RotatedClientSecretArgs = {}) {
    this.outputs = asRunError(run(name, args));
  }

  /** Client id of the application. */
  get clientId(): pulumi.Output<string> {
    return this.output("clientId");
  }

  /** Date of the next rotation, YYYY-MM-DD. */
  get nextRotation(): pulumi.Output<string> {
    return this.output("nextRotation");
  }

  private output(key: string): pulumi.Output<string> {
    return pulumi.output(this.outputs.then((outputs) => outputs[key] as pulumi.Input<string>));
  }
}

async function run(
  name: string,
  { besideOthers = false, ...given }: RotatedClientSecretArgs,
): Promise<Record<string, unknown>> {
  const source = new pulumi.Config(besideOthers ? name : undefined);
  const { config, secrets } = await readConfig(source, { ...given, name });

  const stack = await observeStack(config, besideOthers ? name : undefined);
  const decided = decide(stack.now, config, stack.history, stack.issued, stack.unproven);
  const tenant = await observe(config, stack, decided);
  const plan = withholdReleases(decided, tenant.log, config);
  await pulumi.log.info(announcement(plan));
  refuseOrphans(plan, stack.issued, tenant.inventory);

  const declared = declare({ config, secrets, stack, tenant, plan });

  return stackOutputs(config, plan, stack, tenant, declared);
}
