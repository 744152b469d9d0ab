// What a scheduled run came to, decided from the engine's words and the stack's outputs.
import assert from "node:assert/strict";
import { coded } from "../../../../src/contracts/failure-code";
import type { StackOutputs } from "../../project/outputs";
import { type RunFacts, verdictOf } from "../../run/verdict";
import { manualOutcome } from "../../../../src/decide/manual";
import { lateMachines, overdueSentence } from "../../../../src/decide/overdue";
import { plan } from "../../../../src/decide/plan";
import { type Plan } from "../../../../src/decide/run-plan";
import { weigh } from "../../../../src/decide/former-secrets";
import { releaseEvidence } from "../../../../src/decide/release-evidence";
import type { LogContents, SignIn } from "../../../../src/decide/sign-ins";
import { ciSync } from "../../../../src/presets/ci-sync";
import { SignInSpan, signInRepeatedly } from "../../../../src/steps/sign-in";
import { realPace } from "../../../../src/http/pace";
import { CI_SYNC, IN_FLIGHT, KEY_IDS, SESAR, SETTLED, outputsOf } from "../fixtures";

const outputs: StackOutputs = outputsOf(SETTLED, { daysLeft: 41, consumers: [SESAR] });
const facts = (changes: Partial<RunFacts>): RunFacts => ({
  stack: "production",
  near: "P30D",
  changes: { same: 30 },
  outputs,
  ...changes,
});
const printed = (text: string, stage: "preview" | "up" | "open" = "up"): RunFacts =>
  facts({ failure: { stage, printed: text } });

const KEY = "11111111-1111-4111-8111-111111111111";
const signIn = (at: string): SignIn => ({
  at,
  keyId: KEY,
  ipAddress: "203.0.113.7",
  requestId: "",
  correlationId: "",
  resource: "Microsoft Graph",
  ok: true,
});

describe("the verdict on a run", () => {
  it("is green and says why when nothing was to do", () => {
    const verdict = verdictOf(facts({}));
    assert.equal(verdict.kind, "nothingToDo");
    assert.equal(verdict.level, "green");
    assert.equal(verdict.headline, "sesar: 41 days until rotation");
  });

  it("takes reading for no change", () => {
    assert.equal(verdictOf(facts({ changes: { same: 3, read: 1 } })).kind, "nothingToDo");
  });

  it("is green when something was done", () => {
    assert.equal(verdictOf(facts({ changes: { same: 3, create: 2 } })).kind, "changed");
  });

  it("is a warning while a person is waited for, with what to do", () => {
    const verdict = verdictOf(facts({ outputs: { ...outputs, consumers: [SESAR, CI_SYNC] } }));
    assert.equal(verdict.kind, "waiting");
    assert.equal(verdict.level, "warning");
    assert.equal(verdict.todo[0], "Read the new value.");
    assert.match(verdict.todo.at(-1) ?? "", /keyturn confirm ci-sync --stack production/);
  });

  const busy = { ...SESAR, outcome: "notNow", adopted: false, reason: "No safe moment." };
  for (const [day, daysLeft, level, kind] of [
    ["31 days", 41, "warning", "notNow"],
    // 2027-10-02 is 30 days before the end.
    ["30 days", -154, "red", "endDateNear"],
    ["no day", -184, "red", "endDateNear"],
  ] as const) {
    it(`makes "not now" ${level} when ${day} of the held secret are left`, () => {
      const verdict = verdictOf(facts({ outputs: { ...outputs, daysLeft, consumers: [busy] } }));
      assert.deepEqual([verdict.level, verdict.kind], [level, kind]);
    });
  }

  it("makes waiting on the day before the last 30 a warning still", () => {
    const verdict = verdictOf(
      facts({ outputs: { ...outputs, daysLeft: -153, consumers: [busy] } }),
    );
    assert.equal(verdict.level, "warning");
  });

  it("is a warning without an end date to measure by: the first secret has none before it", () => {
    const first = { ...outputs, history: undefined, consumers: [busy] };
    assert.equal(verdictOf(facts({ outputs: first })).level, "warning");
  });

  it("is red when a machine was asked in vain for longer than the overlap", () => {
    const notes = [lateMachine()];
    const verdict = verdictOf(facts({ outputs: { ...outputs, notes, consumers: [busy] } }));
    assert.deepEqual([verdict.level, verdict.kind], ["red", "overdue"]);
    assert.match(verdict.details.join("\n"), /It still holds/);
  });

  const release = (
    at: string,
    contents: LogContents = { entries: [signIn(at)], complete: true },
  ) => {
    const now = new Date("2026-11-20T06:00:00Z");
    const outgoing = { label: "2026-05", keyId: KEY, adoptedOn: "2026-11-03" };
    const strict = { name: "sesar", overlap: "P14D", requireSignInLog: true };
    const former = [weigh(outgoing, [], "P14D", contents, now)];
    const leaving = { releasing: ["2026-05"], released: [] };
    return [...releaseEvidence(former, leaving, strict, now).notes];
  };
  const held: [what: string, notes: string[], level: string, kind: string][] = [
    [
      "red while somebody uses a secret whose overlap is over",
      release("2026-11-19T10:00:00Z"),
      "red",
      "stillUsed",
    ],
    ["a warning once that is over", release("2026-11-05T10:00:00Z"), "warning", "notLetGo"],
    [
      "a warning while a release waits for the log",
      release("", { entries: undefined, why: "Graph answers 403" }),
      "warning",
      "notLetGo",
    ],
    [
      "nothing to do where nobody used it",
      release("", { entries: [], complete: true }),
      "green",
      "nothingToDo",
    ],
  ];
  for (const [what, notes, level, kind] of held) {
    it(`is ${what}`, () => {
      const verdict = verdictOf(facts({ outputs: { ...outputs, notes, consumers: [] } }));
      assert.deepEqual([verdict.level, verdict.kind], [level, kind]);
      assert.equal(verdict.todo.length > 0, level !== "green");
    });
  }

  it("is red for a secret that is still used while another hand-over waits, too", () => {
    const notes = release("2026-11-19T10:00:00Z");
    const verdict = verdictOf(facts({ outputs: { ...outputs, notes, consumers: [busy] } }));
    assert.deepEqual([verdict.level, verdict.kind], ["red", "stillUsed"]);
  });

  for (const [kind, text, words] of [
    [
      "locked",
      "error: the stack is currently locked by 1 lock(s). Either wait for the other process(es) to end or delete the lock file with `pulumi cancel`.\n  file:///x.json: created by ops@build (pid 7) at 2026-11-21T05:17:00Z",
      /created by ops@build/,
    ],
    ["locked", "error: [409] Conflict: Another update is currently in progress.", /409/],
    [
      "policy",
      "Policies:\n    ❌ keyturn-policy@v0.1.0 (local)\n        - [mandatory]  passwordHasEndDate  (azuread:…)",
      /passwordHasEndDate/,
    ],
    [
      "refused",
      "keyturn: No room on the disk. Make some.\n error: Process exited with status 20",
      /No room/,
    ],
    [
      "restored",
      "keyturn: The former file is back.\n error: Process exited with status 21",
      /former/,
    ],
    [
      "needsHands",
      "keyturn: Start the service.\n error: Process exited with status 22",
      /Start the/,
    ],
    [
      "signIn",
      "error: exit status 1: running steps/prove.js:\nkeyturn[signIn]: sesar: the secret of epoch 2027-05 (key id x) must sign in, but AADSTS7000215.",
      /AADSTS7000215/,
    ],
    ["protected", 'error: resource "x" cannot be deleted\nbecause it is protected', /cannot be/],
    [
      "tenantPolicy",
      "error: unexpected status 400 with error: CredentialInvalidLifetimeAsPerAppPolicy: Credential lifetime exceeds the max value allowed as per assigned policy 'x'.",
      /exceeds the max/,
    ],
    [
      "rights",
      "error: unexpected status 403 with error: Authorization_RequestDenied: Insufficient privileges",
      /RequestDenied/,
    ],
    [
      "rights",
      "error: Status=403 Code=\"AuthorizationFailed\" Message=\"The client 'x' does not have authorization to perform action 'Microsoft.KeyVault/vaults/secrets/write'",
      /secrets.write/,
    ],
    ["throttled", 'error: Status=429 Code="TooManyRequests"', /429/],
    ["interrupted", "@ updating....\n ~  keyturn:index:Credential sesar updating", /@ updating/],
    ["failed", "error: the disk is on fire", /on fire/],
  ] as const) {
    it(`is red and names ${kind}, with the engine's own sentence and what to do`, () => {
      const verdict = verdictOf(printed(text));
      assert.equal(verdict.level, "red");
      assert.equal(verdict.kind, kind);
      assert.match(verdict.details.join("\n"), words);
      assert(verdict.todo.length > 0);
    });
  }

  for (const words of [
    "AADSTS700024: Client assertion is not within its valid time range. Current time: 2027-05-01T06:17:00Z, assertion valid from 2027-05-01T05:12:00Z, expiry time of assertion 2027-05-01T05:22:00Z.",
    "AADSTS700082: The refresh token has expired due to inactivity.",
    'Status=401 Code="ExpiredAuthenticationToken" Message="The access token expiry UTC time \'5/1/2027 6:12:00 AM\' is earlier than current UTC time"',
    "InvalidAuthenticationToken: Lifetime validation failed, the token is expired.",
  ]) {
    it(`says tokenEnded, in every step of a run, to ${words.slice(0, 26)}`, () => {
      for (const stage of ["open", "preview", "up"] as const) {
        const verdict = verdictOf(printed(`error: blob (key "x"): ${words}`, stage));
        assert.equal(verdict.kind, "tokenEnded");
        assert.match(verdict.todo[0] ?? "", /^Run again: .*the same rotation goes on/);
        assert(verdict.details.join("\n").includes(words));
      }
    });
  }

  for (const words of [
    "AADSTS700211: No matching federated identity record found for presented assertion issuer 'https://token.actions.githubusercontent.com'.",
    "AADSTS700212: No matching federated identity record found for presented assertion audience 'api://x'.",
    "AADSTS700213: No matching federated identity record found for presented assertion subject 'repo:o/r:environment:staging'.",
    "AADSTS7002138: No matching federated identity record found for presented assertion subject 'repo:O/r:environment:production'.",
    "AADSTS70021: No matching federated identity record found for presented assertion.",
    "AADSTS70025: The client has no configured federated identity credentials.",
  ]) {
    it(`says untrustedJob, with what Entra names, to ${words.slice(0, 12)}`, () => {
      const verdict = verdictOf(printed(`error: ${words}`, "open"));
      assert.deepEqual([verdict.level, verdict.kind], ["red", "untrustedJob"]);
      assert(verdict.details.join("\n").includes(words));
      assert.match(verdict.todo[0] ?? "", /federated credentials of the pipeline's application/);
    });
  }

  it("leaves what a host says before the sign-in that ended with it, and other codes of Entra to others", () => {
    const ended = "error: AADSTS700024: Client assertion is not within its valid time range.";
    const host = "keyturn: The former file is back.\n error: Process exited with status 21";
    assert.equal(verdictOf(printed(`${host}\n${ended}`)).kind, "restored");
    assert.equal(verdictOf(printed("error: AADSTS7000241: x")).kind, "failed");
  });

  const RULE = "-".repeat(80);
  const keyAnswer = (place: string, status: string, code: string, message: string): string =>
    [
      `error: getting stack configuration: get stack secrets manager: secrets (code=InvalidArgument): POST https://kv.vault.azure.net/keys/${place}/decrypt`,
      RULE,
      `RESPONSE ${status}`,
      `ERROR CODE: ${code}`,
      RULE,
      JSON.stringify({ error: { code, message } }),
      RULE,
    ].join("\n");
  const VERSION = "78deebed173b48e48f55abf87ed4cf71";
  for (const [what, text, kind, todo] of [
    [
      "has a new version and none is named",
      keyAnswer(
        "state",
        "400: 400 Bad Request",
        "BadParameter",
        "Unable to decrypt specified value with this key.",
      ),
      "stateKey",
      /Name the version that closed them: docs\/backend\.md/,
    ],
    [
      "has a new version, in the words of an older answer",
      keyAnswer("state", "400: 400 Bad Request", "BadParameter", "The parameter is incorrect.\r\n"),
      "stateKey",
      /Name the version/,
    ],
    [
      "is named by a version that closed nothing",
      keyAnswer(`state/${VERSION}`, "400: 400 Bad Request", "BadParameter", "x"),
      "stateKey",
      /Enable or recover the version/,
    ],
    [
      "is disabled",
      keyAnswer(`state/${VERSION}`, "403: 403 Forbidden", "Forbidden", "x").replace(
        '"x"',
        '"Operation decrypt is not allowed on a disabled key.","innererror":{"code":"KeyDisabled"}',
      ),
      "stateKey",
      /Enable or recover/,
    ],
    [
      "is deleted",
      keyAnswer("state", "404: 404 Not Found", "KeyNotFound", "A key with (name/id) state"),
      "stateKey",
      /Enable or recover/,
    ],
    [
      "may not be used",
      keyAnswer("state", "403: 403 Forbidden", "Forbidden", "x").replace(
        '"x"',
        '"Caller is not authorized","innererror":{"code":"ForbiddenByRbac"}',
      ),
      "rights",
      /docs\/rights\.md/,
    ],
  ] as const) {
    it(`says ${kind} and no log-in when the key of the state ${what}`, () => {
      for (const stage of ["open", "preview", "up"] as const) {
        const verdict = verdictOf(printed(text, stage));
        assert.equal(verdict.kind, kind);
        assert.match(verdict.todo.join(" "), todo);
        assert.doesNotMatch(verdict.todo.join(" "), /pulumi login/);
        assert.match(verdict.details.join("\n"), /keys\/state/);
      }
    });
  }

  it("knows an overdue hand-over by the run's own sentence", () => {
    const verdict = verdictOf(printed(`error: ${coded("overdue", overdue())}`));
    assert.equal(verdict.kind, "overdue");
    assert.match(verdict.details.join("\n"), /keyturn confirm ci-sync/);
  });

  it("tells our own failures apart by their code, whatever their words are", async () => {
    const error = await secretIdProof().catch(String);
    for (const [code, kind] of [
      ["signIn", "signIn"],
      ["sshCheck", "unreachable"],
      ["oneTimeLink", "link"],
      ["overdue", "overdue"],
    ] as const) {
      for (const words of [error, "x: words of tomorrow."]) {
        const text = `error: exit status 1: running "steps/x.js":\n${coded(code, words)}`;
        const { kind: found, details } = verdictOf(printed(text));
        assert.deepEqual([found, details[0]], [kind, coded(code, words)]);
      }
    }
    assert.equal(verdictOf(printed(`error: ${error}`)).kind, "failed");
  });

  const report = (outcome: string): string =>
    `{"keyturn":"report/1","mode":"apply","outcome":"${outcome}","reason":"why","remedy":"what"}`;
  for (const [outcome, kind] of [
    ["refused", "refused"],
    ["restored", "restored"],
    ["needsHands", "needsHands"],
  ] as const) {
    for (const status of [1, 20, 22, 255]) {
      it(`judges ${outcome} by the host's report when the exit code is ${status}`, () => {
        const verdict = verdictOf(
          printed(
            [
              "Diagnostics:",
              "  command:remote:Command (sesar-sesar-command):",
              `    error: Process exited with status ${status}: running "sh keyturn/update-1.sh apply":`,
              "    Welcome to the host.",
              `    ${report(outcome)}`,
              "    keyturn: Why. What to do.",
              "",
            ].join("\n"),
          ),
        );
        assert.equal(verdict.kind, kind);
        assert.equal(verdict.details[0], "keyturn: Why. What to do.");
        assert(!verdict.details.some((line) => line.includes("report/1")));
      });
    }
  }

  const inDiagnostics = (heading: string, ...lines: readonly string[]): string =>
    [
      " +  keyturn:index:SignInProof sesar-proof creating (0s)",
      ` +  command:local:Command x **creating failed** error: exit status 1: running "y":`,
      "Diagnostics:",
      `  ${heading}:`,
      ...lines.map((line) => (line === "" ? "" : `    ${line}`)),
      "",
      "  pulumi:pulumi:Stack (keyturn-dev):",
      "    not rotated: sesar: 161 days until rotation",
      "    error: update failed",
      "",
      "Outputs:",
      "  - notes: []",
      "",
      "Resources:",
      "    2 errored",
      "",
      "Duration: 16s",
    ].join("\n");
  for (const [what, text, words] of [
    [
      "a step",
      inDiagnostics(
        "command:local:Command (sesar-proof-command)",
        'error: exit status 1: running " steps/prove.js":',
        "sesar: the secret of epoch 2026-11 must sign in, but it does not.",
      ),
      /^sesar: the secret of epoch 2026-11 must sign in/m,
    ],
    [
      "a step that is not beside the program",
      inDiagnostics(
        "command:local:Command (sesar-proof-command)",
        'error: exit status 1: running " steps/prove.js":',
        "steps/prove.js must be beside the program, but is not in /x. Compile it (tsc).",
      ),
      /^steps\/prove.js must be beside the program/m,
    ],
    [
      "PowerShell",
      inDiagnostics(
        "command:remote:Command (sesar-sesar-command)",
        'error: Process exited with status 1: running "powershell.exe -File C:/x.ps1 apply":',
        "File C:\\ProgramData\\Keyturn\\update-1.ps1 cannot be loaded. The file is not digitally signed. You cannot run",
        "this script on the current system.",
        "    + CategoryInfo          : SecurityError: (:) [], ParentContainsErrorRecordException",
      ),
      /not digitally signed[^]*^this script on the current/m,
    ],
    [
      "a plugin, over an empty line",
      inDiagnostics(
        "azuread:index:Application (sesar-application)",
        "error: creating application:",
        "",
        "unexpected status 400 (400 Bad Request) with error: Request_BadRequest: no such tag",
      ),
      /Request_BadRequest: no such tag/,
    ],
    [
      "a state backend",
      'error: failed to load checkpoint: blob (key ".pulumi/x") (code=Unknown): GET https://x.blob.core.windows.net/x\n--------------------------------------------------------------------------------\nRESPONSE 403: 403 This request is not authorized.\nERROR CODE: AuthorizationPermissionMismatch\n',
      /RESPONSE 403[^]*AuthorizationPermissionMismatch/,
    ],
    [
      "a policy",
      "Policies:\n    ❌ keyturn-policy@v0.1.0 (local)\n        - [advisory]  y  (z)\n          not this\n        - [mandatory]  passwordHasEndDate  (x)\n          x: endDate must be given\n",
      /passwordHasEndDate[^]*^x: endDate must be given/m,
    ],
  ] as const) {
    it(`shows the deciding sentence of ${what}`, () => {
      const details = verdictOf(printed(text)).details.join("\n");
      assert.match(details, words);
      assert.doesNotMatch(details, /161 days|2 errored|update failed|not this|creating failed/);
    });
  }

  it("shows our own sentence first, however much else was printed after it", () => {
    const noise = Array.from({ length: 60 }, (_, at) => `error: line ${at}`).join("\n");
    const { details } = verdictOf(printed(`${noise}\nkeyturn[signIn]: a: why.\n${noise}`));
    assert.equal(details[0], "keyturn[signIn]: a: why.");
  });

  it("is red when a host's report could not be read, and says that the next run asks again", () => {
    const told = { ...SESAR, outcome: "unread", adopted: false, reason: "It cannot be read." };
    const verdict = verdictOf(facts({ outputs: { ...outputs, consumers: [told] } }));
    assert.deepEqual([verdict.kind, verdict.level], ["unread", "red"]);
    assert.match(verdict.details.join(), /sesar: It cannot be read/);
  });

  it("asks for a log-in when the stack cannot be opened", () => {
    assert.match(verdictOf(printed("no stack named x", "open")).todo[0] ?? "", /pulumi login/);
  });

  it("says a sentence once, however often the engine printed it", () => {
    const { details } = verdictOf(printed("error: once\n  error: once\nerror: once"));
    assert.deepEqual(details, ["once"]);
  });

  it("leaves the engine's progress, headings and colours out", () => {
    const { details } = verdictOf(
      printed(
        [
          "@ updating....",
          " +  keyturn:index:CredentialVault sesar-vault create ",
          " ++ keyturn:index:HostUpdate sesar-host creating (3s) error: exit status 1",
          "Diagnostics:",
          "  keyturn:index:HostUpdate (sesar-host):",
          "    \u001b[36mkeyturn: The disk is full.\u001b[39m Make room.",
          "    error: 1 error occurred:",
          "    \t* no service principal found",
          "",
          "Outputs:",
          "  - history: {",
          "      - version : 1",
          "    }",
          "",
          "Resources:",
        ].join("\n"),
      ),
    );
    assert.deepEqual(details, [
      "keyturn: The disk is full. Make room.",
      "1 error occurred:",
      "* no service principal found",
    ]);
  });
});

/** The plan of a run two weeks after it issued a secret. */
function latePlan(): Plan {
  const schedule = {
    name: "sesar",
    anchor: "2026-05-01",
    every: "P6M",
    overlap: "P14D",
    lifetime: "P12M",
    generation: 0,
  };
  return plan(new Date("2026-11-20T00:00:00Z"), schedule, IN_FLIGHT, []);
}

/** What the program notes then of a machine that had no safe moment. */
function lateMachine(): string {
  const { second: keyId } = KEY_IDS;
  const busy = { name: "sesar", outcome: "notNow", adopted: false, keyId };
  const said = lateMachines(latePlan(), keyId, [{ ...busy, kind: "automatic" }]);
  assert(said !== undefined);
  return said;
}

/** What it says then of a secret that nobody confirmed. */
function overdue(): string {
  const waiting = manualOutcome({
    consumer: { name: "ci-sync", kind: "assisted", handOver: ciSync.handOver, retry: 0 },
    epoch: "2026-11",
    keyId: KEY_IDS.second,
    activeKeyId: KEY_IDS.first,
    confirmation: undefined,
    evidence: undefined,
    last: undefined,
    link: undefined,
    asked: undefined,
    vaultName: "kv",
    secretName: "s",
  });
  const said = overdueSentence(latePlan(), { "2026-11": KEY_IDS.second }, [waiting]);
  assert(said !== undefined);
  return said;
}

/** What the proof says when it is given the Secret ID in place of the Value. */
async function secretIdProof(): Promise<string> {
  const input = {
    name: "sesar",
    epoch: "2026-11",
    keyId: KEY_IDS.second,
    secret: KEY_IDS.second,
    tenantId: KEY_IDS.first,
    clientId: KEY_IDS.third,
    permissions: [],
    groupObjectId: "",
    environment: "public" as const,
    metadataHost: "",
    signIns: 3,
    spreadSeconds: 0,
    boundSeconds: 1,
    consentSeconds: 1,
  };
  const nowhere = { login: "", graph: "" };
  await signInRepeatedly(input, nowhere, realPace(), new SignInSpan());
  throw new Error("The proof took a Secret ID.");
}
