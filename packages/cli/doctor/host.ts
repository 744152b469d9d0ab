// What a host's answer to the contract's check (host/CONTRACT.md) means before a rotation. Pure.
import type { HostReport } from "../../../src/contracts/host-update";
import { harmless } from "../../../src/foreign-text";
import { type Finding, fails, ok, warning } from "./finding";

/** A line for each problem; the next safe moment where there is none. */
export function hostFindings(consumer: string, report: HostReport): Finding[] {
  const check = `host ${consumer}`;
  const { outcome, problems, reason, remedy, interrupted, nextSync } = report;
  const sync = nextSync === null ? "" : ` The next sync is announced for ${nextSync}.`;
  const said = harmless(reason);
  if (outcome === "notNow") return [ok(check, `Not at this instant: ${said}${sync}`)];
  if (outcome !== "ready" && outcome !== "alreadyAdopted")
    return (problems.length > 0 ? problems : [reason]).map((problem) =>
      fails(check, harmless(problem), harmless(remedy)),
    );
  if (interrupted === null) return [ok(check, `${said}${sync}`)];
  return [
    warning(
      check,
      `An earlier update ended in its phase ${harmless(interrupted)}: ${said}${sync}`,
      "Nothing: the next run puts it right first.",
    ),
  ];
}
