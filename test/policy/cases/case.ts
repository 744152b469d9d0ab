// One case of a rule: what is declared, and what the rule must say of it.
import { type Given, UNKNOWN, type PolicyRunOptions } from "../../helpers/policy-run";

export interface Case {
  readonly rule: string;
  readonly kind: "passing" | "failing" | "unknown";
  /** A law in the present tense, after the rule's name. */
  readonly law: string;
  readonly given: readonly Given[];
  readonly options?: PolicyRunOptions;
  /** What the rule says, in order: violations of a failing case; of an unknown one, notes or what it decides anyway. */
  readonly says?: readonly RegExp[];
}

/** Cases of one rule, shortly. */
export function casesOf(
  rule: string,
  ...cases: readonly (readonly [
    Case["kind"],
    string,
    readonly Given[],
    (readonly RegExp[])?,
    PolicyRunOptions?,
  ])[]
): Case[] {
  return cases.map(([kind, law, given, says = [], options = {}]) => ({
    rule,
    kind,
    law,
    given,
    says,
    options,
  }));
}

export const application = (inputs: Given["inputs"] = {}, rest: Partial<Given> = {}): Given => ({
  type: "azuread:index/application:Application",
  name: "application",
  inputs: { displayName: "SESAR", ...inputs },
  outputs: { clientId: "client", objectId: "object" },
  ...rest,
});

/** A password that nothing is wrong with, but for what is given. */
export const password = (inputs: Given["inputs"] = {}, rest: Partial<Given> = {}): Given => ({
  type: "azuread:index/applicationPassword:ApplicationPassword",
  name: "password",
  inputs: {
    applicationId: "/applications/object",
    displayName: "sesar 2026-11",
    endDate: "2027-11-01T00:00:00Z",
    ...inputs,
  },
  ...rest,
});

/** The same before it is made, in a preview. */
export const passwordToBe = (inputs: Given["inputs"] = {}): Given =>
  password(inputs, { outputs: { startDate: UNKNOWN, keyId: UNKNOWN, value: UNKNOWN } });

const END = Date.parse("2027-11-01T00:00:00Z") / 1000;

/** A vault secret that holds that password, and that nothing is wrong with. */
export const vaultSecret = (
  properties: Given["inputs"] = {},
  rest: Partial<Given> & { readonly tags?: unknown } = {},
): Given => {
  const { tags = { CredentialId: "k", ProviderAddress: "a", ValidityPeriodDays: "365" }, ...own } =
    rest;
  return {
    type: "azure-native:keyvault:Secret",
    name: "secret",
    inputs: {
      secretName: "sesar",
      properties: {
        value: UNKNOWN,
        contentType: "text/plain",
        attributes: { expires: END },
        ...properties,
      },
      tags,
    },
    from: { properties: ["password"] },
    ...own,
  };
};

export const command = (inputs: Given["inputs"] = {}, rest: Partial<Given> = {}): Given => ({
  type: "command:remote:Command",
  name: "command",
  inputs: {
    connection: { host: "host", hostKey: "ssh-ed25519 AAAA" },
    create: "sh update.sh apply",
    stdin: UNKNOWN,
    logging: "none",
    ...inputs,
  },
  ...rest,
});

export const credential = (inputs: Given["inputs"] = {}): Given => ({
  type: "keyturn:index:Credential",
  name: "sesar",
  inputs: {
    every: "P6M",
    overlap: "P14D",
    lifetime: "P12M",
    endDate: "2027-11-01T00:00:00Z",
    epoch: "2026-11",
    rehearsalClock: false,
    consumers: ["sesar"],
    ...inputs,
  },
});

export const group = (displayName: unknown, rest: Partial<Given> = {}): Given => ({
  type: "azuread:index/group:Group",
  name: typeof displayName === "string" ? `group-${displayName}` : "group",
  protect: true,
  ...rest,
  inputs: { displayName, securityEnabled: true, ...rest.inputs },
});
