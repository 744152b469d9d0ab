// The questions of `keyturn init`, as data: what each asks for, where its default comes from, and how an answer is checked.
// An answer that a flag or the stack's file gives is not asked for.
import { hostKeyProblem } from "../../../src/contracts/host-key";
import { CONFIG_KEYS } from "../../../src/config/keys";
import { nameSchema } from "../../../src/config/consumers";
import { presets } from "../../../src/presets";
import type { HostPreset } from "../../../src/presets/preset";

/** What is asked for, by the name of its flag. */
export const ANSWERS = [
  "name",
  "preset",
  "tenant",
  "subscription",
  "resourceGroup",
  "application",
  "groups",
  "anchor",
  "consumer",
  "host",
  "user",
  "hostKey",
  "filePath",
] as const;

/** Those about the one consumer. */
export const OF_CONSUMER: readonly AnswerName[] = [
  "consumer",
  "host",
  "user",
  "hostKey",
  "filePath",
];

export type AnswerName = (typeof ANSWERS)[number];
export type Answers = Readonly<Partial<Record<AnswerName, string>>>;

/** What stands for no group that is taken over. */
export const NO_GROUPS = "none";

/** What stands for an application that the first run makes. */
export const NEW_APPLICATION = "new";

/** What was found out before an answer is asked for. */
export interface Known {
  /** First day of the month of the run, `YYYY-MM-DD`. */
  readonly firstOfMonth: string;
  /** Of whoever is signed in; undefined where nobody is. */
  readonly tenant?: string | undefined;
  readonly subscription?: string | undefined;
  /** The subscriptions that whoever is signed in may see; undefined where nobody is, or Azure does not say. */
  readonly subscriptions?: readonly Named[] | undefined;
  /** Names of the subscription's resource groups. */
  readonly resourceGroups?: readonly string[] | undefined;
  /** The applications that have the product's name already. */
  readonly applications?: readonly Found[] | undefined;
  /** The groups that have the names of the product's licence groups already. */
  readonly groups?: readonly Named[] | undefined;
  /** The key that the host has just shown, as its line. */
  readonly shownHostKey?: string | undefined;
}

/** An application that is there. */
export interface Found {
  readonly clientId: string;
  /** In words: since when, and how many secrets it has. */
  readonly what: string;
}

/** Something with an id and a name that people know. */
export interface Named {
  readonly id: string;
  readonly name: string;
}

/** One question. */
export interface Question {
  readonly ask: string;
  /** Lines to print before it. */
  readonly hint?: (known: Known, answers: Answers) => readonly string[];
  /** What an empty answer means; undefined: there must be one. */
  readonly default?: (known: Known, answers: Answers) => string | undefined;
  /** Whether the default counts only once a person has seen it. @default false */
  readonly compared?: boolean;
  /** The predicate of a sentence; undefined when it is right. */
  readonly problem: (answer: string) => string | undefined;
  /** Whether it is asked; absent: always. */
  readonly when?: (answers: Answers) => boolean;
}

/** The host's part of a product that the host transaction serves. */
export function hostOf(preset = ""): HostPreset | undefined {
  const found = Object.hasOwn(presets, preset) ? presets[preset] : undefined;
  return found?.kind === "automatic" ? found.host : undefined;
}

/** Names of the product's licence groups; empty where it has none. */
export function licenceGroupsOf(preset = ""): readonly string[] {
  const found = Object.hasOwn(presets, preset) ? presets[preset] : undefined;
  if (found === undefined || found.licenceGroup === "") return [];
  return [found.licenceGroup, ...found.licenceMembers];
}

const isAutomatic = ({ preset }: Answers): boolean => hostOf(preset) !== undefined;

/** By a key's own check. */
const checked =
  (key: keyof typeof CONFIG_KEYS) =>
  (answer: string): string | undefined =>
    CONFIG_KEYS[key].check.safeParse(answer).error?.issues[0]?.message;

const MOST_SHOWN = 12;

function shown(found: readonly string[]): string[] {
  const lines = found.slice(0, MOST_SHOWN).map((one) => `  found: ${one}`);
  return found.length > MOST_SHOWN ? [...lines, `  and ${found.length - MOST_SHOWN} more`] : lines;
}

function theOnly<T>(found: readonly T[] = []): T | undefined {
  return found.length === 1 ? found[0] : undefined;
}

/** Groups as an answer. */
export function groupsText(groups: readonly Named[]): string {
  return groups.length === 0 ? NO_GROUPS : groups.map(({ id, name }) => `${name}=${id}`).join(", ");
}

/** The groups of an answer that is right. */
export function groupsIn(answer: string): Named[] {
  if (answer === NO_GROUPS) return [];
  return answer.split(",").map((pair) => {
    const at = pair.lastIndexOf("=");
    return { name: pair.slice(0, at).trim(), id: pair.slice(at + 1).trim() };
  });
}

function groupsProblem(answer: string): string | undefined {
  if (answer === NO_GROUPS) return undefined;
  const given = Object.fromEntries(groupsIn(answer).map(({ id, name }) => [name, id]));
  return checked("existingGroups")(JSON.stringify(given)) === undefined
    ? undefined
    : `must be "${NO_GROUPS}", or pairs such as Pro=6e1a7f0c-1d2b-4c3d-8e4f-5a6b7c8d9e0f, with commas between`;
}

const filled = (answer: string): string | undefined =>
  answer === "" || /\s/.test(answer) ? "must be a word" : undefined;

export const QUESTIONS: Readonly<Record<AnswerName, Question>> = {
  name: {
    ask: "Name of the credential; it stands in every secret's name and never changes",
    default: () => "sesar",
    problem: checked("name"),
  },
  preset: {
    ask: `Product (${Object.keys(presets).join(", ")})`,
    default: () => "sesar",
    problem: (answer) =>
      Object.hasOwn(presets, answer)
        ? undefined
        : `must be one of ${Object.keys(presets).join(", ")}`,
  },
  tenant: {
    ask: "Entra tenant (a GUID)",
    default: ({ tenant }) => tenant,
    problem: checked("tenantId"),
  },
  subscription: {
    ask: "Azure subscription of the vault (a GUID)",
    hint: ({ subscriptions = [] }) => shown(subscriptions.map(({ id, name }) => `${id} (${name})`)),
    default: ({ subscription, subscriptions }) => subscription ?? theOnly(subscriptions)?.id,
    problem: checked("subscriptionId"),
  },
  resourceGroup: {
    ask: "Resource group of the vault; it must exist",
    hint: ({ resourceGroups = [] }) => shown(resourceGroups),
    default: ({ resourceGroups }) => theOnly(resourceGroups),
    problem: (answer) => checked("vaultResourceGroup")(answer) ?? filled(answer),
  },
  application: {
    ask: `Client id of the application to take over, or "${NEW_APPLICATION}"`,
    hint: ({ applications = [] }) =>
      applications.map(({ clientId, what }) => `  found: ${clientId} (${what})`),
    // Adopting first: what the service signs in with today goes on.
    default: ({ applications }) => {
      if (applications === undefined) return undefined;
      const [only, ...others] = applications;
      if (others.length > 0) return undefined;
      return only?.clientId ?? NEW_APPLICATION;
    },
    problem: (answer) =>
      answer === NEW_APPLICATION
        ? undefined
        : (checked("applicationClientId")(answer) ??
          (answer === "" ? `must be a client id or "${NEW_APPLICATION}"` : undefined)),
  },
  groups: {
    ask: `Licence groups to take over, with everybody in them: Name=object id, …, or "${NO_GROUPS}"`,
    hint: ({ groups = [] }) => shown(groups.map(({ id, name }) => `${name}=${id}`)),
    // One of a name is taken over; of several of a name a person must say which.
    default: ({ groups = [] }) =>
      groupsText(groups.filter(({ name }) => groups.filter((one) => one.name === name).length < 2)),
    problem: (answer) => groupsProblem(answer),
    when: ({ preset }) => licenceGroupsOf(preset).length > 0,
  },
  anchor: {
    ask: "Date on which an epoch begins (YYYY-MM-DD)",
    default: ({ firstOfMonth }) => firstOfMonth,
    problem: checked("anchor"),
  },
  consumer: {
    ask: "Name of the service that holds the secret",
    default: (_, { preset }) => preset,
    problem: (answer) => nameSchema.safeParse(answer).error?.issues[0]?.message,
  },
  host: {
    ask: "Its host, as this machine reaches it by SSH",
    problem: filled,
    when: isAutomatic,
  },
  user: {
    ask: "User there",
    default: () => "svc-keyturn",
    problem: filled,
    when: isAutomatic,
  },
  hostKey: {
    ask: "The host's public key line; compare it on the host itself with ssh_host_ed25519_key.pub",
    hint: ({ shownHostKey }) =>
      shownHostKey === undefined ? ["  The host does not answer from here."] : [],
    default: ({ shownHostKey }) => shownHostKey,
    compared: true,
    problem: hostKeyProblem,
    when: isAutomatic,
  },
  filePath: {
    ask: "Path of the product's file there",
    default: (_, { preset }) => hostOf(preset)?.filePath,
    problem: (answer) =>
      /^([A-Za-z]:[\\/]|\/)./.test(answer) ? undefined : "must be a whole path",
    when: isAutomatic,
  },
};
