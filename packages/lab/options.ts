// What a lab can be started with; checked whole, all problems in one sentence.
import { DateTime } from "luxon";
import { basename, dirname, join, resolve } from "node:path";
import { z } from "zod";
import { CLOUD_CHOICES } from "./cloud/endpoints";
import { SettingsOrder } from "./control-orders";
import { LabError } from "./errors";
import type { HostDefaultShell, HostInterpreter } from "./host/host";
import { MOST_HOSTS, PORTS_TAKEN } from "./ports";

/** The folder in which a program that is tried on the lab stands. */
export const CLONE =
  basename(dirname(dirname(__dirname))) === "dist"
    ? join(__dirname, "..", "..", "..")
    : join(__dirname, "..", "..");

/** Where a lab keeps its files unless told otherwise. */
export const DEFAULT_LAB_DIR = join(CLONE, ".lab");

export const DEFAULT_CYCLE_SECONDS = 10;

export const PLUGIN_CHOICES = ["lab", "vendor"] as const;

const INTERPRETERS = ["sh", "powershell"] as const satisfies readonly HostInterpreter[];

const DEFAULT_SHELLS = ["sh", "powershell", "cmd"] as const satisfies readonly HostDefaultShell[];

const HostName = z
  .string()
  .regex(/^[a-z][a-z0-9-]{0,22}$/, "must be lower-case letters, digits and hyphens");

const differing = (names: readonly string[]): boolean => new Set(names).size === names.length;

const Options = z.strictObject({
  /** Folder for the lab's files. @default "<clone>/.lab" */
  labDir: z
    .string()
    .min(1)
    .default(DEFAULT_LAB_DIR)
    .transform((path) => resolve(path)),
  /** First of the ports that the lab takes; 0 lets the system choose. @default 0 */
  portBase: z
    .int()
    .refine((port) => port === 0 || (port >= 1024 && port <= 65_535 - PORTS_TAKEN), {
      message: `must be 0 or 1024 to ${65_535 - PORTS_TAKEN}`,
    })
    .default(0),
  /** Whose azuread, command and random plugins the engine takes; azure-native is always the lab's. @default "lab" */
  plugins: z.enum(PLUGIN_CHOICES).default("lab"),
  /** By whose names the lab's children know the cloud: the lab's own, or Azure's public ones through the lab's proxy. @default "lab" */
  cloud: z.enum(CLOUD_CHOICES).default("lab"),
  /** The lab clock's first instant. @default the machine's clock */
  now: z
    .string()
    .refine(
      (text) => DateTime.fromISO(text, { zone: "utc" }).isValid,
      "must be an ISO-8601 instant",
    )
    .optional(),
  /** Lab seconds per second. @default 1 */
  rate: z.number().positive().optional(),
  /** How consistent the tenant is. */
  settings: SettingsOrder.default({}),
  /** Whether the hosts (SSH, services) start. @default true */
  host: z.boolean().default(true),
  /** Names of the hosts, each with its own SSH port, keys, folder and service. @default ["sesar"] */
  hosts: z
    .array(HostName)
    .min(1)
    .max(MOST_HOSTS)
    .refine(differing, "must differ")
    .default(["sesar"]),
  /** Names of the instances in each service's file. @default ["Main"] */
  instances: z.array(z.string().min(1)).min(1).refine(differing, "must differ").default(["Main"]),
  /** What the hosts' update script is for: with powershell each host has a `powershell.exe`, which is this machine's `pwsh`. @default "sh" */
  interpreter: z.enum(INTERPRETERS).default("sh"),
  /** What the hosts' SSH servers hand a command to, as OpenSSH's DefaultShell does on Windows. @default "sh" */
  defaultShell: z.enum(DEFAULT_SHELLS).default("sh"),
  /** Whether the service encrypts its file at start, as SESAR does; others leave it as it is. @default true */
  reencrypts: z.boolean().default(true),
  /** Seconds between two syncs of the simulated service; the vendor's is five minutes. @default 10 */
  cycleSeconds: z.number().positive().max(86_400).default(DEFAULT_CYCLE_SECONDS),
  /** Seconds that a sync takes at least. @default the host's own */
  syncSeconds: z.number().nonnegative().optional(),
  /** Documents that arrive for each sync. @default the host's own */
  documentsPerSync: z.int().nonnegative().optional(),
  /** Address of this machine that the services sign in from, such as 127.0.0.2. @default the system's choice */
  signInAddress: z.ipv4().optional(),
  /** Seconds that a stop of the service may take. @default the host's own */
  stopTimeoutSeconds: z.number().positive().optional(),
  /** IANA name of the host's time zone. @default the machine's */
  timeZone: z.string().min(1).optional(),
});

export type LabOptions = z.input<typeof Options>;
export type CheckedOptions = z.output<typeof Options>;

export function checkOptions(options: LabOptions): CheckedOptions {
  const parsed = Options.safeParse(options);
  if (parsed.success) return parsed.data;
  const problems = parsed.error.issues.map((issue) => {
    const subject = issue.path.join(".") || "options";
    return `${subject}: ${issue.message}`;
  });
  throw new LabError(`The lab cannot start as asked. ${problems.join("; ")}.`);
}
