// What a product is to Keyturn: every product-specific word, as data. presets/ holds one product a file,
// and each field can be overridden in the stack's config.
import { z } from "zod";
import { EDIT_TEXT, HOST_FIELDS, SERVICE_NAMES, WRITERS } from "../contracts/host-update";

/** One line that cmd.exe, PowerShell and sh read the same: parts that are no option and lead to no other folder. */
const SCRIPT_DIRECTORY =
  /^(?:[A-Za-z]:\/|\/)?(?:(?!\.{1,2}(?:\/|$))[A-Za-z0-9._][A-Za-z0-9._-]*(?:\/|$))+$/;
const words = z.array(z.string().min(1));
const seconds = z.int().min(0).max(999_999);

/** How the sign-in proof goes. */
const proof = z.strictObject({
  /** Sign-ins in a row that must succeed. */
  signIns: z.int().min(1).max(20),
  /**
   * Time over which these sign-ins are spread, so that a secret which Entra accepts now and then is not proven; at most
   * ten minutes. @default 60
   */
  spreadSeconds: seconds.max(600).optional(),
  /** How long a new secret may take to become valid; at least five minutes. */
  boundSeconds: seconds.min(300),
  /** How long a new consent may take to be seen. */
  consentSeconds: seconds,
});

/** How one consumer takes its secret: the fields of host/CONTRACT.md that a product decides, and what finds its file. */
const host = z.strictObject({
  ...HOST_FIELDS,
  /** Interpreter of the update script: powershell on Windows, sh elsewhere. */
  interpreter: z.enum(["powershell", "sh"]),
  /** Folder on the host for the update script, made of what no shell takes for anything else. */
  scriptDirectory: z
    .string()
    .regex(
      SCRIPT_DIRECTORY,
      "must be a folder's path of A-Z a-z 0-9 . _ - with / between them, without . or .. as a part, and on Windows with its drive (C:/Keyturn)",
    ),
  /** Names or display names of the service; exactly one service must have one of them. */
  serviceNames: SERVICE_NAMES,
  /** The file's key that holds the secret value. */
  secretKey: z.string().min(1),
  /** The file's key that holds the client id; filled when empty. */
  clientIdKey: z.string().min(1),
  /** The file's key that holds the tenant id; filled when empty. */
  tenantIdKey: z.string().min(1),
  /** How many instances in the file sign in with this credential, each by its client id; file mode content. */
  ownInstances: z.int().min(1).max(99),
  /** How many others the file holds. Each gets what the given copy says of it, so none that another stack rotates. */
  otherInstances: z.int().min(0).max(99),
  /** Who wrote this file before and writes it no more, as `<vault>:<credential>`: another credential, or another vault's. */
  formerWriters: WRITERS,
  /** Literal text before the value, file mode edit. */
  editBefore: EDIT_TEXT,
  /** Literal text after the value, file mode edit. */
  editAfter: EDIT_TEXT,
});

/** SnapPass keeps nothing longer: two weeks. */
export const LONGEST_LINK_SECONDS = 1_209_600;
const SHORTEST_LINK_SECONDS = 300;

/** How people take the secret over, for a product that nothing can be written for. */
const handOver = z.strictObject({
  /** Who gets the one-time link, in words. */
  recipient: z.string().min(1),
  /** The exact click path, one line each. */
  steps: words.min(1),
  /** How long the one-time link can be opened. */
  linkSeconds: z.int().min(SHORTEST_LINK_SECONDS).max(LONGEST_LINK_SECONDS),
});

const common = {
  /** Display name of the application in Entra. */
  applicationName: z.string().min(1).max(120),
  /** Microsoft Graph application permissions, by name. */
  permissions: words,
  /** The group that holds the licence groups; empty means none. */
  licenceGroup: z.string(),
  /** Its member groups, byte for byte as the product wants them. */
  licenceMembers: words,
  proof,
};
const automatic = z.strictObject({ kind: z.literal("automatic"), ...common, host });
const assisted = z.strictObject({ kind: z.literal("assisted"), ...common, handOver });
const handover = z.strictObject({ kind: z.literal("handover"), ...common, handOver });

/** The schema of a whole preset, with the overrides of the stack laid over it. */
export const presetSchema = z.discriminatedUnion("kind", [automatic, assisted, handover]);

/** One product as data: what it needs of Entra, and how a host or people take its secret. */
export type Preset = z.infer<typeof presetSchema>;

/** A product that the host transaction serves. */
export type AutomaticPreset = z.infer<typeof automatic>;

/** A product that people serve: an administrator on the spot (assisted) or the vendor's support (handover). */
export type ManualPreset = z.infer<typeof assisted> | z.infer<typeof handover>;

/** Who takes the secret to the product: the host transaction (automatic), an administrator (assisted), the vendor (handover). */
export type ConsumerKind = Preset["kind"];

/** The part of a preset that is about one host. */
export type HostPreset = AutomaticPreset["host"];

/** The part of a preset that tells people what to do. */
export type HandOverPreset = ManualPreset["handOver"];

/** The schema of the host's part, with the consumer's own overrides laid over it too. */
export const hostPresetSchema = host;

/** The schema of what people are told, with the consumer's own overrides laid over it too. */
export const handOverPresetSchema = handOver;

/** Lays overrides over a preset: objects field by field, everything else whole. */
export function overlay(base: unknown, over: unknown): unknown {
  if (!isRecord(base) || !isRecord(over)) return over === undefined ? base : over;
  const keys = new Set([...Object.keys(base), ...Object.keys(over)]);
  return Object.fromEntries([...keys].map((key) => [key, overlay(base[key], over[key])]));
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
