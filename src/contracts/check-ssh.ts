// What the look at a host's SSH server is asked, before anything is carried there: shared by the component and the step.
import { createHash } from "node:crypto";
import { z } from "zod";

/** The step's input; a secret as a whole. */
export const reachInput = z.strictObject({
  /** The consumer's name, for error sentences. */
  consumer: z.string(),
  host: z.string().min(1),
  port: z.int().min(1).max(65_535),
  user: z.string().min(1),
  /** Type and key, base64, as in known_hosts without the name. */
  hostKey: z.string().regex(/^\S+ [A-Za-z0-9+/=]+/, "must be a key's type and its base64"),
  privateKey: z.string(),
  /** What is carried there; another one makes the step look again. */
  keyId: z.string(),
  revision: z.string(),
  attempt: z.string(),
  retry: z.int(),
  /** Counts the looks that nothing of the above asks for: the update runs all the same. Absent until one was needed. */
  again: z.int().min(1).optional(),
  /**
   * Where the update script will lie, or lies: nobody else may write there. Absent in the look of a release that did not ask,
   * while its update has nothing to do.
   */
  scriptPath: z
    .string()
    .regex(/^[\w./:-]+$/)
    .optional(),
});

export type ReachInput = z.infer<typeof reachInput>;

/** When the step ends by itself; the look-up of a name has no bound of its own. */
export const LOOK_DEADLINE_SECONDS = 75;

/** What the state holds of one host's last update, by which a run knows whether the update will run. */
export interface FormerUpdate {
  /** How often the look was made again; 0 where it never was. */
  readonly again: number;
  /** {@link updateDigest} of the update that the engine ran last with success; undefined before the first. */
  readonly digest: string | undefined;
  /** Where the script lay by that look; undefined where it did not ask. */
  readonly scriptPath?: string;
  /** {@link lookDigest} of the last look, where the script was last copied by a release that did not tell why. */
  readonly copiedWith?: string;
}

/** Tells two updates of a host apart without keeping either: the digest of its command line and of its whole input. */
export function updateDigest(command: string, input: string): string {
  return createHash("sha256").update(`${command}\n${input}`).digest("hex");
}

/**
 * The count for this run's look. The engine makes a look when its input is another one, so that it is another one whenever
 * the update will run, and the same when it will not. Undefined where the state has no look yet, or never needed a count.
 */
export function lookAgain(former: FormerUpdate | undefined, digest: string): number | undefined {
  if (former === undefined) return undefined;
  if (former.digest !== digest) return former.again + 1;
  return former.again === 0 ? undefined : former.again;
}

/** What this run's look asks of the script's place: today's path when the update will run, else what the last look asked. */
export function scriptPathAsked(
  former: FormerUpdate | undefined,
  digest: string,
  scriptPath: string,
): string | undefined {
  return former?.digest === digest ? former.scriptPath : scriptPath;
}

/** Tells two looks at a host apart by where and for what they are made: the digest of the input without its key. */
export function lookDigest(input: ReachInput): string {
  const inOrder = Object.entries(input)
    .filter(([key]) => key !== "privateKey")
    .sort(([one], [other]) => (one < other ? -1 : 1));
  return createHash("sha256").update(JSON.stringify(inOrder)).digest("hex").slice(0, 16);
}

/** Where the update script lies on a host: under a name of its text's own, so that no other version takes its place. */
export function scriptPathOf(
  { interpreter, scriptDirectory }: ScriptPlace,
  script: string,
): string {
  const digest = createHash("sha256").update(script).digest("hex").slice(0, SCRIPT_DIGITS);
  return `${scriptDirectory}/update-${digest}.${interpreter === "sh" ? "sh" : "ps1"}`;
}

/** Of a host, what says where its script lies. */
export interface ScriptPlace {
  readonly interpreter: "powershell" | "sh";
  readonly scriptDirectory: string;
}

const SCRIPT_DIGITS = 8;

/**
 * Why the script is copied: another host, port, user, host key or attempt copies it again, so that one that was deleted
 * there, or never was there, does no harm. Undefined leaves a copy of an earlier release as it is, while nothing changes.
 */
export function copyTrigger(former: FormerUpdate | undefined, look: string): string | undefined {
  return former?.copiedWith === look ? undefined : look;
}
