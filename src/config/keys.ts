// The config, key by key: the one place for each key's type, default, meaning and check. `npm run docs` writes the config
// section of Pulumi.yaml and the table of docs/configuration.md from it, and a test holds both to it.
import { z } from "zod";
import type { ConfigValues, ConsumerSecrets } from "../keyturn-config";
import { vaultNetworkSchema, vaultTagsSchema } from "./vault";
import {
  adoptedSchema,
  confirmationsSchema,
  consumerSchema,
  nameSchema,
  secretsSchema,
} from "./consumers";

/** One key of the config. */
export interface ConfigKey<T = unknown> {
  /** As Pulumi.yaml declares it. */
  readonly type: "string" | "integer" | "boolean" | "object" | "array";
  /** Of an array: what its items are. */
  readonly items?: "string" | "object";
  /** What the key is when the stack does not say; absent: the stack must say. */
  readonly default?: T;
  /** For the person who sets it: a sentence of meaning, then the range. */
  readonly meaning: string;
  /** Checks the text that the engine hands on, and reads it. */
  readonly check: z.ZodType<T, string>;
}

type Values = ConfigValues & {
  readonly consumerSecrets: Readonly<Record<string, ConsumerSecrets>>;
};

const guid = z.guid("must be a GUID");
const json = <T extends z.ZodType>(schema: T) =>
  z
    .string()
    .transform((text, context): unknown => {
      try {
        return JSON.parse(text);
      } catch {
        context.addIssue({ code: "custom", message: "must be structured YAML or JSON" });
        return z.NEVER;
      }
    })
    .pipe(schema);
/** Graph takes 20 references in the request that makes something, and whoever makes it is one of them. */
const MOST_OWNERS = 19;
const flag = z
  .enum(["true", "false"], "must be true or false")
  .transform((text) => text === "true");
const whole = z
  .string()
  .regex(/^\d{1,9}$/, "must be a whole number from 0")
  .transform(Number);
const record = z.record(z.string(), z.unknown());
const actionGroup = z
  .string()
  .regex(
    /^\/subscriptions\/[^/]+\/resourceGroups\/[^/]+\/providers\/microsoft\.insights\/actionGroups\/[^/]+$/i,
    "must be the resource id of an action group: /subscriptions/…/providers/Microsoft.Insights/actionGroups/…",
  );
const reader = z.strictObject({
  principalObjectId: guid,
  principalType: z.enum(["Group", "ServicePrincipal", "User"]).default("Group"),
});

export const CONFIG_KEYS: { readonly [Key in keyof Values]-?: ConfigKey<Values[Key]> } = {
  name: {
    type: "string",
    default: "sesar",
    meaning:
      "Name of the credential; it stands in the display name of every secret and never changes. Lower-case letters, digits and hyphens.",
    check: nameSchema,
  },
  preset: {
    type: "string",
    default: "sesar",
    meaning:
      "Product that signs in with the credential. sesar, ci-sync, empower-self-hosted, empower-cloud or generic.",
    check: z.string(),
  },
  overrides: {
    type: "object",
    default: {},
    meaning: "Fields of the preset to replace, in the preset's own shape.",
    check: json(record),
  },
  anchor: {
    type: "string",
    meaning: "Date on which an epoch begins; all others are counted from it. YYYY-MM-DD, UTC.",
    // YAML takes a date without quotes for an instant; the engine then hands on Go's words for it.
    check: z.string().transform((text) => text.replace(/ 00:00:00 \+0000 UTC$/, "")),
  },
  every: {
    type: "string",
    default: "P6M",
    meaning: "How often the secret is replaced. ISO-8601 duration in whole days, P1D or more.",
    check: z.string(),
  },
  overlap: {
    type: "string",
    default: "P14D",
    meaning:
      "How long the preceding secret stays valid after the proven adoption of its successor. PT0S to P90D.",
    check: z.string(),
  },
  lifetime: {
    type: "string",
    default: "P12M",
    meaning: "How long a secret is valid. At least every + overlap + 30 days.",
    check: z.string(),
  },
  generation: {
    type: "integer",
    default: 0,
    meaning: "Raised by one to rotate now. Whole number from 0.",
    check: whole,
  },
  brokenGlass: {
    type: "integer",
    default: 0,
    meaning:
      "Generation that broke the glass: while it is above 0, the overlap is PT0S whatever overlap says. keyturn rotate-now --break-glass sets it, --end-break-glass sets it to 0. Whole number from 0.",
    check: whole,
  },
  applicationClientId: {
    type: "string",
    default: "",
    meaning:
      "Client id of an application that exists and is adopted: only its secrets are this stack's; empty makes one. A GUID.",
    check: z.literal("").or(guid),
  },
  owners: {
    type: "array",
    items: "string",
    default: [],
    meaning:
      "Object ids of further owners of the application, its service principal and its groups, beside whoever makes them: the pipeline's identity, so that it can go on where a person began. Given when they are made; keyturn doctor says how to add one later. At most 19 GUIDs.",
    check: json(z.array(guid).max(MOST_OWNERS, `must be at most ${MOST_OWNERS} object ids`)),
  },
  existingGroups: {
    type: "object",
    default: {},
    meaning:
      "Licence groups that exist and are taken over with everybody in them: display name to object id. Without any, none is declared for an adopted application.",
    check: json(z.record(z.string().min(1), guid)),
  },
  tenantId: {
    type: "string",
    meaning: "Entra tenant. A GUID.",
    check: guid,
  },
  environment: {
    type: "string",
    default: "public",
    meaning: "Azure cloud. public, usgovernment or china.",
    check: z.enum(["public", "usgovernment", "china"]),
  },
  metadataHost: {
    type: "string",
    default: "",
    meaning:
      "Host that publishes the endpoints of another cloud; empty takes the environment's. host or host:port.",
    check: z.string().regex(/^[^/]*$/, "must be host or host:port"),
  },
  subscriptionId: {
    type: "string",
    meaning: "Subscription that holds the vault. A GUID.",
    check: guid,
  },
  vaultResourceGroup: {
    type: "string",
    meaning: "Resource group of the vault; it exists.",
    check: z.string().min(1, "must not be empty"),
  },
  vaultName: {
    type: "string",
    default: "",
    meaning:
      "Key Vault that keeps the secret. 3 to 24 letters, digits and hyphens; empty draws a name that nobody has, for a vault made by this stack.",
    check: z
      .string()
      .regex(
        /^$|^[A-Za-z][A-Za-z0-9-]{1,22}[A-Za-z0-9]$/,
        "must be 3 to 24 letters, digits and hyphens",
      ),
  },
  vaultCreate: {
    type: "boolean",
    default: true,
    meaning:
      "Whether the vault is made by this stack; false uses one that exists and has RBAC enabled.",
    check: flag,
  },
  vaultLocation: {
    type: "string",
    default: "",
    meaning: "Azure region of the vault; empty takes the resource group's.",
    check: z.string(),
  },
  vaultReaders: {
    type: "array",
    items: "object",
    default: [],
    meaning:
      "Who may read the vault's secrets: objects with principalObjectId and principalType (Group, ServicePrincipal or User).",
    check: json(z.array(reader)),
  },
  vaultPurgeProtection: {
    type: "string",
    default: "forNewVaults",
    meaning:
      "Whether a vault made by this stack can never be purged before its 90 days are over: forNewVaults (one that the stack already holds stays as it is), always (that one too) or never. It cannot be undone: after a destroy the name stays taken for 90 days, and no one can remove the vault for good.",
    check: z.enum(["forNewVaults", "always", "never"], "must be forNewVaults, always or never"),
  },
  vaultTags: {
    type: "object",
    default: {},
    meaning: "Tags of a vault made by this stack, such as Azure Policy asks for: texts by name.",
    check: json(vaultTagsSchema),
  },
  vaultNetwork: {
    type: "object",
    default: {},
    meaning:
      "Who may reach a vault made by this stack: an object with addresses (public IPv4 addresses or ranges), subnetIds and publicAccess (false: private endpoints only); none: everybody who may sign in. Readers, keyturn link and the destruction or recovery of a secret need a place on the list; a rotation writes through Azure Resource Manager, which the list does not stop.",
    check: json(vaultNetworkSchema),
  },
  consumers: {
    type: "array",
    items: "object",
    meaning:
      "Services that hold the secret: objects with name, connection (host, port, user, hostKey; automatic presets only), and optionally preset, overrides (of the preset's host or handOver part), retry and addresses (the public IPs that it signs in from: IPv4, IPv6, ranges such as 203.0.113.0/24; address names a single one).",
    check: json(z.array(consumerSchema).min(1, "must name at least one consumer")),
  },
  consumerSecrets: {
    type: "object",
    default: {},
    meaning:
      "By name of an automatic consumer, privateKey (of the connection's user) and file (the product's unencrypted file, whole; file mode content). Always encrypted. keyturn set-secrets writes it.",
    check: json(secretsSchema),
  },
  confirmations: {
    type: "object",
    default: {},
    meaning:
      "Who holds the new secret, said by people: by consumer name, keyId (of the secret that it holds) and on (YYYY-MM-DD). keyturn confirm writes it.",
    check: json(confirmationsSchema),
  },
  adopted: {
    type: "object",
    default: {},
    meaning:
      "Secrets of this credential's name that the state does not know and that are taken over: by key id, label and endDate. They are listed and never removed. keyturn adopt writes it.",
    check: json(adoptedSchema),
  },
  oneTimeServer: {
    type: "string",
    default: "",
    meaning:
      "SnapPass-compatible server of your own that makes the one-time links; empty names the vault secret instead. An https address.",
    check: z
      .string()
      .refine((text) => text === "" || isServer(text), "must be an https address without a query")
      .transform((text) => text.replace(/\/+$/, "")),
  },
  alarmActionGroups: {
    type: "array",
    items: "string",
    default: [],
    meaning:
      "Azure Monitor action groups, by resource id, that Azure tells when a secret in the vault is 30 days from its end; none: no alarm.",
    check: json(z.array(actionGroup)),
  },
  signInLog: {
    type: "boolean",
    default: true,
    meaning:
      "Whether Entra's sign-in log is asked about the consumers, whether they use the new secret and from where, and about a secret before it is let go; it needs AuditLog.Read.All and Entra ID P1 or P2.",
    check: flag,
  },
  requireSignInLog: {
    type: "boolean",
    default: false,
    meaning:
      "Whether a secret is let go only once the sign-in log has shown that nobody signs in with it; false: where the log cannot be read, that is said.",
    check: flag,
  },
  rehearsalClock: {
    type: "boolean",
    default: false,
    meaning:
      "Whether the time comes from the lab's control instead of the system clock; for rehearsals only.",
    check: flag,
  },
};

function isServer(text: string): boolean {
  const url = URL.parse(text);
  if (url === null) return false;
  return (
    url.protocol === "https:" && `${url.username}${url.password}${url.search}${url.hash}` === ""
  );
}
