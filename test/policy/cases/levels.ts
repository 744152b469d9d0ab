// Cases of the rule about the level of an adoption.
import { type Given, type PolicyRunOptions, UNKNOWN } from "../../helpers/policy-run";
import { casesOf, credential } from "./case";

/** A credential whose secret was adopted a number of days ago. */
const adopted = (
  adoptionLevel: unknown,
  adoptedOn = "2026-11-01",
  notProvenByLog: unknown = [],
): Given => ({
  ...credential(),
  outputs: { adoptionLevel, notProvenByLog, record: { history: { active: { adoptedOn } } } },
});
const demanding = (minimum: string, graceDays = 7): PolicyRunOptions => ({
  config: { adoptionLevelAtLeast: { minimum, graceDays } },
});

export const levelCases = casesOf(
  "adoptionLevelAtLeast",
  ["passing", "demands nothing unless it is told to", [adopted("people", undefined, ["2026-05"])]],
  ["passing", "demands nothing of an earlier release's", [credential()]],
  ["passing", "is silent about the log's word", [adopted("log")], [], demanding("log")],
  [
    "passing",
    "is silent about the host's where it suffices",
    [adopted("host")],
    [],
    demanding("host"),
  ],
  [
    "passing",
    "is silent about the log's where the host's suffices",
    [adopted("log")],
    [],
    demanding("host"),
  ],
  ["passing", "is silent while a consumer is not adopted", [adopted("")], [], demanding("log")],
  [
    "passing",
    "is silent about a release without the log's word where the host's suffices",
    [adopted("host", undefined, ["2026-05"])],
    [],
    demanding("host"),
  ],
  [
    "failing",
    "finds the host's word where the log's is demanded",
    [adopted("host")],
    [/log is demanded, but its adoption of 2026-11-01 is at level host\. Give the consumers/],
    demanding("log"),
  ],
  [
    "failing",
    "finds people's word where the host's is demanded",
    [adopted("people")],
    [/host is demanded, but its adoption of 2026-11-01 is at level people/],
    demanding("host"),
  ],
  [
    "failing",
    "finds it on the day after its grace",
    [adopted("host", "2026-11-13")],
    [/at level host/],
    demanding("log"),
  ],
  [
    "failing",
    "finds a release that is not proven by the log",
    [adopted("log", undefined, ["2026-05"])],
    [/the release of 2026-05 is not proven by log/],
    demanding("log"),
  ],
  [
    "unknown",
    "notes an adoption that may still reach its level",
    [adopted("host", "2026-11-14")],
    [/is at level host; it has until 2026-11-21/],
    demanding("log"),
  ],
  [
    "unknown",
    "notes a level that is not known yet",
    [adopted(UNKNOWN)],
    [/adoptionLevel is not known in a preview/],
    demanding("log"),
  ],
  [
    "unknown",
    "notes a level that an earlier release has not recorded",
    [credential()],
    [/the level of its adoption is recorded by the next update/],
    demanding("log"),
  ],
);
