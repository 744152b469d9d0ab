// What a host's report to the contract's check (host/CONTRACT.md) says of the secret that its service holds. Pure.
import type { HostReport } from "../../../src/contracts/host-update";
import { harmless } from "../../../src/foreign-text";
import type { HostAnswer } from "./sources";

type Said = Pick<HostReport, "outcome" | "adoptedKeyId" | "interrupted" | "reason" | "remedy">;

/** Of a host that refuses, an empty journal is not the same as one that was not read. */
export function hostAnswer(consumer: string, report: Said): HostAnswer {
  const { outcome, adoptedKeyId, interrupted, reason, remedy } = report;
  const keyId = adoptedKeyId === null ? {} : { keyId: adoptedKeyId };
  if (interrupted !== null) {
    const why = `an update ended in its phase ${harmless(interrupted)}, so that the service may hold another secret than the last adopted one`;
    return { consumer, ...keyId, why };
  }
  if (outcome !== "ready" && outcome !== "notNow" && outcome !== "alreadyAdopted") {
    return { consumer, ...keyId, why: `its host says: ${harmless(`${reason} ${remedy}`.trim())}` };
  }
  return adoptedKeyId === null
    ? { consumer, why: "its host has no record of a secret of Keyturn's" }
    : { consumer, ...keyId };
}
