// What several checks need, read once each and only when one asks: config, secrets, state, and the ways to ask Graph and Azure.
import { existsSync, readFileSync } from "node:fs";
import { decodeJwt } from "jose";
import { parse } from "yaml";
import { z } from "zod";
import { parseConfig } from "../../../src/config/read";
import { type IssuedPassword, clientIdInState, issuedPasswords } from "../../../src/decide/history";
import { AzureReader } from "../../../src/http/azure";
import { type Endpoints, findAzureEndpoints, findEndpoints } from "../../../src/http/endpoints";
import { GraphReader } from "../../../src/http/graph";
import type { ConsumerSecrets, KeyturnConfig } from "../../../src/keyturn-config";
import type { Resources } from "../../../src/observe/state";
import { tokenFor } from "../audit/sign-in";
import { readState } from "../audit/state";
import { EngineError } from "../engine";
import { once } from "../once";
import { readDay } from "../project/clock";
import { type StackOutputs, parseOutputs } from "../project/outputs";
import type { Project } from "../project/project";
import { UsageError } from "../usage-error";
import { isEncrypted } from "./encrypted";
import { type Claims, claimsOf } from "./identity";
import { Unmet } from "./run-checks";

type Environment = Readonly<Record<string, string | undefined>>;

/** For all reads of Graph together. */
const GRAPH_SECONDS = 60;
const secretsSchema = z.record(
  z.string(),
  z.looseObject({ privateKey: z.string(), file: z.string().optional() }),
);

const placeSchema = z.object({
  environment: z.enum(["public", "usgovernment", "china"]).default("public"),
  metadataHost: z.string().default(""),
  tenantId: z.string().default(""),
  subscriptionId: z.string().default(""),
});

/** The facts of one stack; each is asked for once, whoever asks first. */
export class Facts {
  readonly config = once(() => this.readConfig());
  /** Where to sign in, and where that is to lead: known of a config that cannot be used, too. */
  readonly place = once(async () => placeSchema.parse(await this.values()));
  readonly secrets = once(() => this.readSecrets());
  readonly resources = once(() => this.readResources());
  readonly outputs = once(() => this.readOutputs());
  readonly now = once(async () => readDay(await this.values()));
  readonly graph = once(() => this.openGraph());
  readonly azure = once(() => this.openAzure());
  private readonly values = once(() => this.project.stack.config(this.project.name));

  constructor(
    readonly project: Project,
    readonly environment: Environment,
  ) {}

  /** consumerSecrets as JSON; undefined where there are none. @throws Unmet when they cannot be decrypted */
  private async readSecrets(): Promise<string | undefined> {
    const { stack, configPath } = this.project;
    if (this.written() === undefined) return undefined;
    try {
      return await stack.configValue("consumerSecrets", configPath);
    } catch (error) {
      if (!(error instanceof EngineError)) throw error;
      const said = error.output.trimEnd().split("\n").at(-1) ?? "";
      throw new Unmet(
        `The stack's secrets cannot be decrypted: ${said.replace(/^error: /, "").replace(/\.$/, "")}.`,
        "Give the key of its secrets provider (PULUMI_CONFIG_PASSPHRASE_FILE, or a sign-in that may use the key).",
      );
    }
  }

  /** consumerSecrets as the stack's file has it. */
  private written(): unknown {
    const { configPath, name } = this.project;
    if (!existsSync(configPath)) return undefined;
    const file = parse(readFileSync(configPath, "utf8")) as {
      config?: Record<string, unknown>;
    } | null;
    return file?.config?.[`${name}:consumerSecrets`];
  }

  /** @throws Unmet that names all that is wrong with it */
  private async readConfig(): Promise<KeyturnConfig> {
    const raw = Object.fromEntries(
      Object.entries(await this.values())
        .filter(([key]) => key !== "consumerSecrets")
        .map(([key, value]) => [
          key,
          typeof value === "string" || value === undefined ? value : JSON.stringify(value),
        ]),
    );
    const secrets = await this.secrets();
    try {
      return parseConfig(raw, secrets, isEncrypted(this.written()));
    } catch (error) {
      throw new InvalidConfig(error instanceof Error ? error.message : String(error));
    }
  }

  /** What is secret about one consumer. */
  async secretsOf(consumer: string): Promise<ConsumerSecrets> {
    const all = secretsSchema.parse(JSON.parse((await this.secrets()) ?? "{}"));
    return all[consumer] ?? { privateKey: "" };
  }

  /** The application's client id, adopted or the stack's own; empty before there is one. */
  async clientId(): Promise<string> {
    const { applicationClientId, name } = await this.config();
    return applicationClientId || clientIdInState(name, await this.resources());
  }

  /** The passwords that the state holds. */
  async issued(): Promise<IssuedPassword[]> {
    return issuedPasswords((await this.config()).name, await this.resources());
  }

  private async readResources(): Promise<Resources> {
    const held = readState(await this.project.stack.exportState());
    return Object.fromEntries(held.map(({ urn, type, outputs }) => [urn, { type, outputs }]));
  }

  private async readOutputs(): Promise<StackOutputs> {
    const { stack, stackName } = this.project;
    return parseOutputs(stackName, await stack.outputs());
  }

  /** @throws NotSignedIn that says how to */
  private async openGraph(): Promise<{ readonly reader: GraphReader; readonly claims: Claims }> {
    const endpoints = await findEndpoints(await this.place(), this.environment);
    const token = await this.token("Graph", endpoints.graph, endpoints);
    return {
      reader: new GraphReader(endpoints.graph, token, GRAPH_SECONDS),
      claims: claimsIn(token),
    };
  }

  private async openAzure(): Promise<AzureReader> {
    const place = await this.place();
    const [endpoints, azure] = await Promise.all([
      findEndpoints(place, this.environment),
      findAzureEndpoints(place, this.environment),
    ]);
    return new AzureReader(azure, (audience) => this.token("Azure", audience, endpoints));
  }

  private token(server: string, audience: string, endpoints: Endpoints): Promise<string> {
    return tokenFor(server, audience, endpoints, this.environment).catch((error: unknown) => {
      throw error instanceof UsageError ? new NotSignedIn(error.message) : error;
    });
  }
}

/** A config that cannot be used: for the checks that need it, the one thing that is to be put right first. */
export class InvalidConfig extends Unmet {
  constructor(readonly problems: string) {
    super("The config must be usable first.", "Put right what the line `config` says.");
  }
}

/** For the checks that ask Entra or Azure; `why` says how to sign in. */
export class NotSignedIn extends Unmet {
  constructor(readonly why: string) {
    super("Nobody is signed in.", "Put right what the line `sign-in` says.");
  }
}

/** What a token says of its holder; nothing where it cannot be read. */
export function claimsIn(token: string): Claims {
  try {
    return claimsOf(decodeJwt(token));
  } catch {
    return {};
  }
}
