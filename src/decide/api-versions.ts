// What of a stack's state still names a version of Azure's API that ends: said in time, and which readings it would spoil.
import { ANNOUNCED_ENDS, ARM_TYPES, type AnnouncedEnd, type ArmResourceType } from "../arm-types";
import { dayOf } from "./schedule";

/** A resource of Azure as the state holds it. */
export interface HeldResource {
  readonly name: string;
  readonly type: ArmResourceType;
  /** The version by which it was last asked. */
  readonly apiVersion: string;
}

/** From how many days before its end on a version is spoken of. */
export const SPOKEN_OF_DAYS = 180;

/** The resources at a version that ends, or has ended, whatever day it is. */
export function atEndingVersions(held: readonly HeldResource[]): HeldResource[] {
  return held.filter((one) => ANNOUNCED_ENDS.some((end) => isEnding(one, end)));
}

/** What an operator is told of them, one sentence a version. */
export function endingVersionNotes(
  credential: string,
  held: readonly HeldResource[],
  now: Date,
  ends: readonly AnnouncedEnd[] = ANNOUNCED_ENDS,
): string[] {
  return ends.flatMap((end) => {
    const days = Math.round(dayOf(end.day).diff(dayOf(now), "days").days);
    if (days > SPOKEN_OF_DAYS) return [];
    const ending = held.filter((one) => isEnding(one, end));
    const versions = [...new Set(ending.map(({ apiVersion }) => apiVersion))].sort();
    return versions.map((version) => {
      const names = ending.filter((one) => one.apiVersion === version).map(({ name }) => name);
      const left = days === 1 ? "1 day" : `${days} days`;
      const when = days > 0 ? `ends on ${end.day}, in ${left}` : `ended on ${end.day}`;
      return `${credential}: the state has ${names.join(", ")} at ${end.namespace} ${version}, which ${when}. ${remedyOf(end, ending)}`;
    });
  });
}

function isEnding(
  { type, apiVersion }: HeldResource,
  { namespace, before }: AnnouncedEnd,
): boolean {
  return type.startsWith(`${namespace}/`) && apiVersion < before;
}

function remedyOf({ before, day }: AnnouncedEnd, ending: readonly HeldResource[]): string {
  const ours = [...new Set(ending.map(({ type }) => ARM_TYPES[type].apiVersion))];
  return ours.every((version) => version >= before)
    ? `This run moves what it declares to ${ours.join(", ")}, in place.`
    : `Take a release of Keyturn that names ${before} or later before ${day}.`;
}
