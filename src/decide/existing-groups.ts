// Which licence groups are taken over and which are made, from what the directory says before anything is declared.
// A group is never made twice, and one that is given must have the product's name byte for byte.
import type { Problem } from "../problems";
import { allProblems } from "../problems";

/** A group as the directory shows it. */
export interface FoundGroup {
  readonly objectId: string;
  readonly displayName: string;
}

/** The product's licence groups. */
export interface LicenceGroupNames {
  /** Display name of the parent; empty when there are none. */
  readonly licenceGroup: string;
  readonly licenceMembers: string[];
}

/** What the config and the state say; every record is by display name. */
export interface GroupIntent {
  /** The licence groups, the parent first; empty when the product has none. */
  readonly names: readonly string[];
  /** Object ids of those that exist, from the config. */
  readonly existing: Readonly<Record<string, string>>;
  /** Object ids of those that the state holds. */
  readonly held: Readonly<Record<string, string>>;
  /** Names of the member groups whose membership the state holds. */
  readonly members: readonly string[];
}

/** Groups of the licence groups' names and memberships between them, as Graph answered at the start of the run. */
export interface GroupReading {
  /** The group of each object id that is given; undefined when there is none. */
  readonly given: Readonly<Record<string, FoundGroup | undefined>>;
  /** The groups of each name that is neither given nor held; Graph does not tell upper from lower case. */
  readonly named: Readonly<Record<string, readonly FoundGroup[]>>;
  /** Names of the groups that are members of the parent already. */
  readonly connected: readonly string[];
}

/** Which groups are imported instead of made, and which memberships are declared. */
export interface GroupPlan {
  /** Object ids of the groups that are imported, by display name. */
  readonly imports: Readonly<Record<string, string>>;
  /** Import ids of the memberships in the parent that exist, by the member's display name. */
  readonly memberships: Readonly<Record<string, string>>;
  /** Names of the member groups that are not put into the parent: who is in a group that is taken over is for people to say. */
  readonly apart: readonly string[];
  /** What a person should know. */
  readonly warnings: readonly string[];
}

const REMEDY = "Correct it in Pulumi.<stack>.yaml.";

/**
 * Which licence groups are made and which are taken over. A group that is in the way and was not given is refused, since
 * nobody may lose a licence by a guess. @throws Error that says everything that stands in the way
 */
export function planGroups(intent: GroupIntent, reading: GroupReading): GroupPlan {
  const { names, existing, held } = intent;
  const problems = intent.names.flatMap((name) => groupProblems(name, intent, reading));
  if (problems.length > 0) {
    throw new Error(allProblems("The licence groups cannot be used", problems));
  }
  const [parent = "", ...members] = names;
  const apart =
    existing[parent] === undefined
      ? []
      : members.filter(
          (name) => !intent.members.includes(name) && !reading.connected.includes(name),
        );
  const idOf = (name: string): string => held[name] ?? existing[name] ?? "";
  const memberships = reading.connected.map((name) => [
    name,
    `${idOf(parent)}/member/${idOf(name)}`,
  ]);
  return {
    imports: existing,
    memberships: Object.fromEntries(memberships) as Record<string, string>,
    apart,
    warnings: apart.map(
      (name) =>
        `the group ${name} is not a member of ${parent}, which was taken over as it is: the product will not see it. Put it in: az ad group member add --group ${idOf(parent)} --member-id ${idOf(name) || "<object id>"}`,
    ),
  };
}

function groupProblems(
  name: string,
  { existing, held }: GroupIntent,
  { given, named }: GroupReading,
): Problem[] {
  const subject = `existingGroups.${name}`;
  const wanted = existing[name];
  const own = held[name];
  if (own !== undefined) {
    if (wanted === undefined || wanted.toLowerCase() === own.toLowerCase()) return [];
    const rule = `must be the group that this stack holds already, ${own}`;
    return [{ subject, rule, given: wanted, remedy: REMEDY }];
  }
  if (wanted === undefined) return (named[name] ?? []).map((found) => twice(name, found));
  const found = given[name];
  if (found === undefined) {
    const rule = "must be the object id of a group that exists";
    return [{ subject, rule, given: wanted, remedy: REMEDY }];
  }
  if (found.displayName === name) return [];
  return [
    {
      subject,
      rule: `must be the object id of a group whose display name is ${JSON.stringify(name)}, byte for byte`,
      given: `${wanted}, which is ${JSON.stringify(found.displayName)}`,
      remedy: REMEDY,
    },
  ];
}

function twice(name: string, { objectId, displayName }: FoundGroup): Problem {
  const subject = `the group ${name}`;
  if (displayName !== name) {
    return {
      subject,
      rule: `must not be made beside a group with nearly that name`,
      given: `${JSON.stringify(displayName)} with object id ${objectId}`,
      remedy: `The product wants ${JSON.stringify(name)} byte for byte: rename that group so and give its object id in existingGroups, or give it quite another name.`,
    };
  }
  return {
    subject,
    rule: "must not be made twice: it exists",
    given: `object id ${objectId}`,
    remedy: `To take it over as it is, with everybody in it, write into Pulumi.<stack>.yaml, under keyturn:existingGroups:  ${JSON.stringify(name)}: ${objectId}`,
  };
}

/** What is wrong with existingGroups by itself. */
export function existingGroupProblems(
  existing: Readonly<Record<string, string>>,
  names: readonly string[],
): Problem[] {
  const known = names.length === 0 ? "no licence group: the product has none" : names.join(", ");
  const strangers = Object.keys(existing).filter((name) => !names.includes(name));
  const ids = Object.values(existing).map((id) => id.toLowerCase());
  const twin = Object.keys(existing).find((_name, index) => ids.indexOf(ids[index] ?? "") < index);
  return [
    ...strangers.map((name) => ({
      subject: "existingGroups",
      rule: `must name licence groups of the product byte for byte (${known})`,
      given: JSON.stringify(name),
      remedy: REMEDY,
    })),
    ...(twin === undefined
      ? []
      : [
          {
            subject: `existingGroups.${twin}`,
            rule: "must be another group than the others",
            given: String(existing[twin]),
            remedy: REMEDY,
          },
        ]),
  ];
}

/**
 * The licence groups that are declared. Those of an adopted application are people's business, unless the config gives
 * them or names the group itself.
 */
export function groupsToDeclare(
  preset: LicenceGroupNames,
  config: {
    readonly applicationClientId: string;
    readonly existingGroups: Readonly<Record<string, string>>;
  },
  overrides: Readonly<Record<string, unknown>>,
): { readonly preset: LicenceGroupNames; readonly names: readonly string[] } {
  const { licenceGroup, licenceMembers } = preset;
  const asked =
    config.applicationClientId === "" ||
    Object.keys(config.existingGroups).length > 0 ||
    overrides["licenceGroup"] !== undefined;
  if (!asked || licenceGroup === "") {
    return { preset: { licenceGroup: "", licenceMembers: [] }, names: [] };
  }
  return { preset: { licenceGroup, licenceMembers }, names: [licenceGroup, ...licenceMembers] };
}
