// What the sign-in log says against letting a secret go: a use of it after its successor was adopted, or a machine that is
// not seen on the secret in use. Where the log cannot say, the release is said to be not proven by it, or waits where the config wants the proof.
import type { KeyturnConfig } from "../keyturn-config";
import { attemptOf } from "./attempt";
import { type FormerSecret, type FormerUse, silentUntil } from "./former-secrets";
import { planReason } from "./reason";
import type { Plan } from "./run-plan";
import { dayOf, dayText, overlapUntil } from "./schedule";
import { whenAndWhere } from "./sign-ins";

/** What the config has to say about it. */
export type ReleaseConfig = Pick<KeyturnConfig, "name" | "overlap" | "requireSignInLog">;

/** What the log says of the releases of a run. */
export interface ReleaseEvidence {
  /** Why a secret is not let go, by label. */
  readonly withheld: Readonly<Record<string, string>>;
  /** Whether somebody uses even now what is held back: it may be a host that was put back, which only another asking moves. */
  readonly askHosts: boolean;
  readonly notes: readonly string[];
}

/** By this a note about a former secret that the log holds back is known. */
export const NOT_LET_GO = "is not let go";
/** And by this one that somebody uses even now. */
export const STILL_USED = `${NOT_LET_GO}, since it is still in use`;

/**
 * Why a secret must not be let go in this run; undefined when nothing that the log says is against it. @param unseen machines
 * that the log does not show on the secret in use
 */
export function releaseBlockedBy(
  former: FormerSecret,
  config: ReleaseConfig,
  now: Date,
  unseen: readonly string[] = [],
): string | undefined {
  // Break glass: the secret may have leaked, and whoever has it could hold up its removal by using it.
  if (isBreakGlass(config)) return undefined;
  const { lastUse, why } = former;
  if (lastUse !== undefined && dayText(dayOf(now)) < silentUntil(lastUse, config.overlap)) {
    return useOf(former, lastUse);
  }
  if (config.requireSignInLog && why !== undefined) return why;
  return unseen.length === 0 ? undefined : notSeenOnIt(unseen);
}

function notSeenOnIt(machines: readonly string[]): string {
  return `the sign-in log, read whole, shows no sign-in of ${machines.join(", ")} with the secret in use`;
}

/** Holds every former secret against the log: which of those that would go are kept back, and what an operator is told. */
export function releaseEvidence(
  former: readonly FormerSecret[],
  { releasing, released }: Pick<Plan, "releasing" | "released">,
  config: ReleaseConfig,
  now: Date,
  unseen: readonly string[] = [],
): ReleaseEvidence {
  const leaving = new Set([...releasing, ...released]);
  const goes = ({ label }: FormerSecret): boolean => leaving.has(label);
  const going = former.filter(goes).map((one) => {
    return { former: one, why: releaseBlockedBy(one, config, now, unseen) };
  });
  const notes = [
    ...former.filter((one) => !goes(one)).map((one) => usedMeanwhile(one, config)),
    ...going.map(({ former: one, why }) => leavingNote(one, why, config, now)),
  ];
  const withheld = going.flatMap(({ former: { label }, why }) =>
    why === undefined ? [] : [[label, why] as const],
  );
  const askHosts = going.some(
    ({ former: { lastUse }, why }) =>
      why !== undefined && lastUse !== undefined && !isQuiet(lastUse, now),
  );
  return {
    withheld: Object.fromEntries(withheld),
    askHosts,
    notes: notes.flatMap((note) => (note === undefined ? [] : [`${config.name}: ${note}`])),
  };
}

/** Of a secret whose overlap runs on. */
function usedMeanwhile(former: FormerSecret, { overlap }: ReleaseConfig): string | undefined {
  const { lastUse } = former;
  if (lastUse === undefined) return undefined;
  return `${useOf(former, lastUse)}. ${FIND_USER} ${goesOn(former, lastUse, overlap)}`;
}

/** Of a secret whose time has come. */
function leavingNote(
  former: FormerSecret,
  why: string | undefined,
  { overlap }: ReleaseConfig,
  now: Date,
): string | undefined {
  const { label, lastUse } = former;
  if (why !== undefined && why === former.why) return `${label} ${NOT_LET_GO}: ${why}. ${WAITS}`;
  if (why !== undefined && lastUse !== undefined) {
    const held = isQuiet(lastUse, now) ? NOT_LET_GO : STILL_USED;
    return `${label} ${held}: ${why}. ${FIND_USER} ${goesOn(former, lastUse, overlap)}`;
  }
  if (why !== undefined) return `${label} ${NOT_LET_GO}: ${why}. ${FIND_SERVICE}`;
  if (lastUse !== undefined && isBreakGlass({ overlap })) {
    return `${label} goes without an overlap: ${useOf(former, lastUse)}.`;
  }
  return former.why && `the release of ${label} is not proven by log: ${former.why}.`;
}

function isQuiet({ at }: FormerUse, now: Date): boolean {
  return dayOf(now).diff(dayOf(at), "days").days > QUIET_DAYS;
}

function useOf({ label, adoptedOn }: FormerSecret, use: FormerUse): string {
  const { at, address, resource } = use;
  const where = whenAndWhere({ at, ipAddress: address });
  const what = resource === "" ? "" : ` for ${resource}`;
  return `${label} was used ${where}${what}, after its successor was adopted on ${adoptedOn}, says the sign-in log`;
}

function goesOn({ label }: FormerSecret, use: FormerUse, overlap: string): string {
  return `${label} is let go on ${silentUntil(use, overlap)} at the earliest, if nobody uses it again.`;
}

/** A user that comes less often than this is not one that "still" uses a secret. */
const QUIET_DAYS = 7;
const FIND_USER =
  "Find out who that is and move it to the secret in use; the next run asks again. A secret that has leaked goes with overlap PT0S.";
const FIND_SERVICE =
  "See in its trace whether its service signs in at all, and in the log from which address; restart it, or correct its address. The next run asks again. Without an address its host's word counts alone; a secret that has leaked goes with overlap PT0S.";
const WAITS =
  "requireSignInLog wants the proof; the next run asks again. Have the log readable, or set requireSignInLog to false.";

/**
 * Keeps what the log does not let go: a releasing secret goes on retiring, and a released one retires again. Every host is
 * asked all the same while somebody uses it.
 */
export function withholdReleases(
  plan: Plan,
  { withheld, askHosts }: Pick<ReleaseEvidence, "withheld" | "askHosts">,
  { overlap }: Pick<KeyturnConfig, "overlap">,
): Plan {
  const { name, history, today } = plan;
  const labels = Object.keys(withheld);
  if (labels.length === 0 || history === undefined) return plan;
  const kept = ({ label }: { readonly label: string }): boolean => labels.includes(label);
  const again = history.released
    .filter((one) => kept(one) && plan.released.includes(one.label))
    .map((one) => ({ ...one, successorAdoptedOn: history.active?.adoptedOn ?? today }));
  const retiring = [...history.retiring.filter(kept), ...again];
  const without = (all: readonly string[]): string[] => all.filter((one) => !labels.includes(one));
  const held = {
    ...plan,
    history: {
      ...history,
      retiring: [...history.retiring, ...again],
      released: history.released.filter(({ label }) => again.every((one) => one.label !== label)),
    },
    passwords: [
      ...again.map(({ label, endDate }) => ({
        label,
        endDate,
        displayName: `${name} ${label}`,
        protect: true,
        role: "retiring" as const,
      })),
      ...plan.passwords.map((one) =>
        one.role === "releasing" && kept(one)
          ? { ...one, role: "retiring" as const, protect: true }
          : one,
      ),
    ],
    retiring: [
      ...plan.retiring,
      ...retiring.map(({ label, successorAdoptedOn }) => ({
        label,
        until: dayText(overlapUntil({ overlap }, successorAdoptedOn)),
      })),
    ],
    releasing: without(plan.releasing),
    released: without(plan.released),
    withheld: Object.entries(withheld).map(([label, why]) => ({ label, why })),
  };
  // For a secret that merely waits nobody is asked again.
  const attempted = { ...held, attempt: askHosts ? askedOnceToday(plan) : attemptOf(held) };
  return { ...attempted, reason: planReason(attempted) };
}

/** The attempt by which every host answers again; a further run of the day asks nobody. */
function askedOnceToday({ attempt, history, target, today }: Plan): string {
  const active = history?.active;
  const isAsked = active?.label === target.label && active.attempt.includes(`+asked-${today}`);
  return isAsked ? active.attempt : attempt;
}

function isBreakGlass({ overlap }: Pick<ReleaseConfig, "overlap">): boolean {
  const day = dayOf("2026-01-01");
  return overlapUntil({ overlap }, dayText(day)) <= day;
}
