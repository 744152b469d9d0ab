// Cases of the rules about Entra passwords.
import { UNKNOWN } from "../../helpers/policy-run";
import { application, casesOf, credential, password, passwordToBe } from "./case";

const without = { endDate: undefined };

export const passwordCases = [
  ...casesOf(
    "passwordHasEndDate",
    ["passing", "is silent about an end date", [password()]],
    [
      "failing",
      "finds an end date that is not given",
      [password(without)],
      [/endDate must be given/],
    ],
    ["failing", "finds an empty end date", [password({ endDate: "" })], [/endDate must be given/]],
    [
      "unknown",
      "notes an end date that is not known yet",
      [password({ endDate: UNKNOWN })],
      [/endDate is not known in a preview/],
    ],
  ),
  ...casesOf(
    "passwordLifetimeAtMost",
    ["passing", "is silent about a year", [password({ endDate: "2027-11-21T00:00:00Z" })]],
    ["passing", "is silent about 366 days", [password({ endDate: "2027-11-22T00:00:00Z" })]],
    [
      "failing",
      "finds the 367th day",
      [password({ endDate: "2027-11-23T00:00:00Z" })],
      [/366 days at most, got 367 \(2026-11-21 to 2027-11-23\)/],
    ],
    [
      "failing",
      "counts from the start that is asked for",
      [password({ startDate: "2026-10-01T00:00:00Z" })],
      [/got 396/, /got 396/],
    ],
    [
      "failing",
      "finds a long life that has begun before, by the start that Graph gave it",
      [password({}, { outputs: { startDate: "2024-11-01T00:00:00Z" } })],
      [/got 1095 \(2024-11-01 to 2027-11-01\)/],
    ],
    [
      "failing",
      "takes the maximum of the configuration",
      [password()],
      [/90 days at most, got 345/],
      { config: { passwordLifetimeAtMost: { maximumDays: 90 } } },
    ],
    [
      "failing",
      "finds 2099 in a preview too, once",
      [passwordToBe({ endDate: "2099-12-31T00:00:00Z" })],
      [/got 26703/],
    ],
    [
      "unknown",
      "notes an end date that is not known yet",
      [password({ endDate: UNKNOWN })],
      [/endDate is not known/],
    ],
  ),
  ...casesOf(
    "passwordDaysLeftAtLeast",
    ["passing", "is silent about 30 days", [password({ endDate: "2026-12-21T00:00:00Z" })]],
    [
      "passing",
      "is silent about a password at its end when its successor is there",
      [password({ endDate: "2026-11-22T00:00:00Z" }), password({}, { name: "successor" })],
    ],
    [
      "failing",
      "finds the 29th day before the end",
      [password({ endDate: "2026-12-20T00:00:00Z" })],
      [/30 days left, but it has 29/],
    ],
    [
      "failing",
      "finds a password that has ended",
      [password({ endDate: "2026-11-01T00:00:00Z" })],
      [/but it ended on 2026-11-01/],
    ],
    [
      "failing",
      "judges each application by itself",
      [
        password({ endDate: "2026-12-01T00:00:00Z" }),
        password({ applicationId: "/applications/other" }, { name: "of another" }),
      ],
      [/^password: the latest password/],
    ],
    [
      "unknown",
      "notes a password whose end is not known yet, and finds nothing",
      [
        password({ endDate: "2026-11-22T00:00:00Z" }),
        password({ endDate: UNKNOWN }, { name: "new" }),
      ],
      [/^new: endDate is not known/],
    ],
  ),
  ...casesOf(
    "passwordEndDateNotRelative",
    ["passing", "is silent without a relative end date", [password()]],
    [
      "failing",
      "finds a relative end date",
      [password({ ...without, endDateRelative: "8760h" })],
      [/endDateRelative must not be given/],
    ],
    [
      "unknown",
      "finds a relative end date that is not known yet, since it is given",
      [password({ endDateRelative: UNKNOWN })],
      [/endDateRelative must not be given/],
    ],
  ),
  ...casesOf(
    "passwordEndDateWholeSeconds",
    ["passing", "is silent about whole seconds", [password()]],
    ["passing", "is silent about an offset", [password({ endDate: "2027-11-01T00:00:00+01:00" })]],
    [
      "failing",
      "finds a fraction",
      [password({ endDate: "2027-11-01T00:00:00.000Z" })],
      [/got 2027-11-01T00:00:00\.000Z/],
    ],
    [
      "failing",
      "does not repeat what is no date",
      [password({ endDate: "hunter2" })],
      [/got a text that is no instant/],
    ],
    ["unknown", "notes an unknown", [password({ endDate: UNKNOWN })], [/endDate is not known/]],
  ),
  ...casesOf(
    "passwordNotInline",
    ["passing", "is silent without one", [application({ password: null })]],
    [
      "failing",
      "finds a password inside the application",
      [application({ password: { displayName: "inline" } })],
      [/password must not be given/],
    ],
    [
      "failing",
      "finds the newer list too",
      [application({ passwords: [{ displayName: "inline" }] })],
      [/passwords must not be given/],
    ],
    [
      "unknown",
      "notes one that is not known yet",
      [application({ password: UNKNOWN })],
      [/password is not known/],
    ],
  ),
  ...casesOf(
    "passwordNotReplacedInPlace",
    ["passing", "is silent without a trigger", [password({ rotateWhenChanged: null })]],
    [
      "failing",
      "finds a trigger",
      [password({ rotateWhenChanged: { rotation: "1" } })],
      [/rotateWhenChanged must not be given/],
    ],
    [
      "unknown",
      "finds a trigger whose value is not known yet, since it is given",
      [password({ rotateWhenChanged: { rotation: UNKNOWN } })],
      [/rotateWhenChanged must not be given/],
    ],
  ),
  ...casesOf(
    "rotationFitsLifetime",
    ["passing", "is silent about the default schedule", [credential()]],
    [
      "passing",
      "is silent when all fits to the day",
      [credential({ every: "P30D", overlap: "P10D", lifetime: "P70D" })],
    ],
    [
      "failing",
      "finds one day too few",
      [credential({ every: "P30D", overlap: "P10D", lifetime: "P69D" })],
      [/P30D \+ P10D \+ P30D must fit in P69D, but ends on 2027-11-02/],
    ],
    [
      "failing",
      "finds what is no duration",
      [credential({ every: "monthly" })],
      [/must be ISO-8601 durations/],
    ],
    [
      "unknown",
      "notes a lifetime that is not known yet",
      [credential({ lifetime: UNKNOWN })],
      [/lifetime is not known/],
    ],
  ),
  ...casesOf(
    "rehearsalClockInLabOnly",
    ["passing", "is silent about the machine's clock", [credential()]],
    ["passing", "is silent about another clock on the lab", [credential({ rehearsalClock: true })]],
    [
      "failing",
      "finds another clock outside the lab",
      [credential({ rehearsalClock: true })],
      [/rehearsalClock must be false/],
      { config: { packSettings: { lab: false, today: "" } } },
    ],
    [
      "unknown",
      "notes a clock that is not known yet",
      [credential({ rehearsalClock: UNKNOWN })],
      [/rehearsalClock is not known/],
      { config: { packSettings: { lab: false, today: "" } } },
    ],
  ),
  ...casesOf(
    "continueOnErrorRefused",
    [
      "passing",
      "is silent about variables that say no",
      [password()],
      [],
      { environment: { PULUMI_CONTINUE_ON_ERROR: "false" } },
    ],
    [
      "passing",
      "is silent about a stack without passwords",
      [application()],
      [],
      { environment: { PULUMI_CONTINUE_ON_ERROR: "true" } },
    ],
    [
      "failing",
      "finds the engine's variable",
      [password()],
      [/PULUMI_CONTINUE_ON_ERROR must not be set/],
      { environment: { PULUMI_CONTINUE_ON_ERROR: "true" } },
    ],
    [
      "failing",
      "finds the flag's variable",
      [credential()],
      [/PULUMI_OPTION_CONTINUE_ON_ERROR must not be set/],
      { environment: { PULUMI_OPTION_CONTINUE_ON_ERROR: "1" } },
    ],
    [
      "unknown",
      "finds it whatever of the password is unknown",
      [password({ endDate: UNKNOWN, applicationId: UNKNOWN })],
      [/PULUMI_CONTINUE_ON_ERROR must not be set/],
      { environment: { PULUMI_CONTINUE_ON_ERROR: "true" } },
    ],
  ),
];
