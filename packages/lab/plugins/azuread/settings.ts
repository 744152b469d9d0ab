// What the provider is told: its configuration first, then its own process's environment.
import { z } from "zod";

import {
  type ClientCredential,
  missingSetting,
  readClientCredential,
  variableFor,
} from "../client-credential";
import { type Properties, type PropertyValue, unwrap } from "../provider/values";

/** Enough to find the cloud and to sign in to it. */
export interface Settings {
  /** Empty takes Azure's public cloud. */
  readonly metadataHost: string;
  readonly tenantId: string;
  readonly clientId: string;
  readonly credential: ClientCredential;
}

/** Configuration name to environment variable. */
const SOURCES = {
  metadataHost: "ARM_METADATA_HOSTNAME",
  tenantId: "ARM_TENANT_ID",
  clientId: "ARM_CLIENT_ID",
} as const;

const ENVIRONMENTS = /^(?:public|global|usgovernment(?:l[45])?|dod|china|canary)$/i;

/** Reads the settings; everything that is missing is in one error. */
export function readSettings(args: Properties, environment: NodeJS.ProcessEnv): Settings {
  const cloud = textOf(args["environment"]) ?? environment["ARM_ENVIRONMENT"] ?? "public";
  if (!ENVIRONMENTS.test(cloud)) {
    throw new Error(
      `unable to locate metadata for environment "${cloud}" from the built in "public"`,
    );
  }
  const found = Object.fromEntries(
    Object.entries(SOURCES).map(([name, variable]) => [
      name,
      textOf(args[name]) ?? textOf(environment[variable]) ?? "",
    ]),
  ) as Record<keyof typeof SOURCES, string>;
  if (found.metadataHost === "" && !/^(?:public|global)$/i.test(cloud)) {
    throw new Error(`The lab has Azure's public cloud and its own, and no "${cloud}".`);
  }
  const credential = readClientCredential(args, environment);
  const lacking = missingSetting(credential);
  const missing = [
    ...Object.entries(SOURCES).filter(
      ([name]) => name !== "metadataHost" && found[name as keyof typeof SOURCES] === "",
    ),
    ...(lacking === undefined ? [] : [[lacking, variableFor(lacking)] as const]),
  ];
  if (missing.length > 0) {
    const names = missing.map(([name, variable]) => `azuread:${name} (or ${variable})`).join(", ");
    throw new Error(
      "failed to load application credentials:\n" +
        `Details: not set: ${names}.\n\n` +
        "\tPlease make sure you have signed in via 'az login' or configured another authentication " +
        "method.\n\n\tIn the lab these values come from the environment that it prints.",
    );
  }
  return { ...found, credential };
}

/** The engine hands a secret setting on as one. */
function textOf(value: PropertyValue | undefined): string | undefined {
  const text = z
    .string()
    .min(1)
    .safeParse(unwrap(value ?? null));
  return text.success ? text.data : undefined;
}
