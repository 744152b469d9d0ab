// What a scheduled run came to, decided from the engine's words and the stack's outputs.
import assert from "node:assert/strict";
import type { StackOutputs } from "../../../cli/project/outputs";
import { type RunFacts, verdictOf } from "../../../cli/run/verdict";
import { manualOutcome } from "../../../components/pure/manual";
import { lateMachines, overdueSentence } from "../../../components/pure/overdue";
import { type Plan, plan } from "../../../components/pure/plan";
import { ciSync } from "../../../presets/ci-sync";
import { signInRepeatedly } from "../../../steps/sign-in";
import { realPace } from "../../../steps/waiting";
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
      "error: sesar: the secret of epoch 2027-05 (key id x) must sign in, but AADSTS7000215.",
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

  it("knows an overdue hand-over by the run's own sentence", () => {
    const verdict = verdictOf(printed(`error: ${overdue()}`));
    assert.equal(verdict.kind, "overdue");
    assert.match(verdict.details.join("\n"), /keyturn confirm ci-sync/);
  });

  it("knows a failed sign-in proof by its own sentence", async () => {
    const error = await secretIdProof().catch(String);
    assert.equal(verdictOf(printed(error)).kind, "signIn");
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
    ...{ name: "sesar", anchor: "2026-05-01", every: "P6M" },
    ...{ overlap: "P14D", lifetime: "P12M", generation: 0 },
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
    ...{ epoch: "2026-11", keyId: KEY_IDS.second, activeKeyId: KEY_IDS.first },
    ...{ confirmation: undefined, sighting: undefined, last: undefined },
    ...{ link: undefined, asked: undefined, vaultName: "kv", secretName: "s" },
  });
  const said = overdueSentence(latePlan(), { "2026-11": KEY_IDS.second }, [waiting]);
  assert(said !== undefined);
  return said;
}

/** What the proof says when it is given the Secret ID in place of the Value. */
async function secretIdProof(): Promise<string> {
  const input = {
    ...{ name: "sesar", epoch: "2026-11", keyId: KEY_IDS.second, secret: KEY_IDS.second },
    ...{ tenantId: KEY_IDS.first, clientId: KEY_IDS.third, permissions: [], groupObjectId: "" },
    ...{
      environment: "public" as const,
      metadataHost: "",
      signIns: 3,
      boundSeconds: 1,
      consentSeconds: 1,
    },
  };
  const nowhere = { login: "", graph: "" };
  await signInRepeatedly(input, nowhere, realPace());
  throw new Error("The proof took a Secret ID.");
}
