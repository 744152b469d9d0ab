// Cases of the rule about the pack's own settings.
import { UNKNOWN, type PolicyRunOptions } from "../../helpers/policy-run";
import { casesOf, password } from "./case";

const whole = {
  rule: "passwordHasEndDate",
  resource: "password",
  reason: "the vendor forbids it",
  until: "2026-12-31",
};
const given = (...exceptions: readonly unknown[]): PolicyRunOptions => ({
  config: { packSettings: { exceptions } },
});
const without = (key: string): PolicyRunOptions =>
  given(Object.fromEntries(Object.entries(whole).filter(([each]) => each !== key)));

export const settingsCases = casesOf(
  "packSettings",
  ["passing", "is silent without exceptions", []],
  [
    "passing",
    "takes the machine's day outside the lab",
    [],
    [],
    { config: { packSettings: { lab: false, today: "" } } },
  ],
  ...["rule", "resource", "reason", "until"].map(
    (key) =>
      [
        "failing",
        `finds an exception without ${key}`,
        [],
        [new RegExp(`\\(${key}: `)],
        without(key),
      ] as const,
  ),
  ["failing", "finds an empty reason", [], [/reason/], given({ ...whole, reason: " " })],
  [
    "failing",
    "finds an exception that ended yesterday",
    [],
    [/must be in force, but ended on 2026-11-20/],
    given({ ...whole, until: "2026-11-20" }),
  ],
  [
    "failing",
    "finds an exception for a rule that there is not",
    [],
    [/must name a rule of the pack, got passwordIsNice/],
    given({ ...whole, rule: "passwordIsNice" }),
  ],
  [
    "failing",
    "finds a day that is given outside the lab",
    [],
    [/today must be given on the lab only/],
    { config: { packSettings: { lab: false } } },
  ],
  [
    "unknown",
    "lists an exception in force whatever of the resource is unknown",
    [password({ endDate: UNKNOWN })],
    [/exception in force until 2026-12-31: passwordHasEndDate at password, because the vendor/],
    given(whole),
  ],
);
