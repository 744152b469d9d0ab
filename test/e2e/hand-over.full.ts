// Consumers that people serve, from the command line: the link is shown, opened, made again; the hand-over confirmed.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { request } from "../../packages/lab/shared/https";
import { CommandLine } from "../helpers/command-line";
import { E2E_TIMEOUT_MS, LabStack, closing } from "../helpers/lab-stack";
import { leaksIn } from "../helpers/leaks";
import { leaveOut } from "../helpers/leave-out";

function hasScript(): boolean {
  try {
    execFileSync("script", ["-qec", "true", "/dev/null"]);
    return true;
  } catch {
    return false;
  }
}

describe("keyturn link and confirm", function () {
  this.timeout(2 * E2E_TIMEOUT_MS);
  let labStack: LabStack;
  let keyturn: CommandLine;
  let caPem: string;
  before(async function () {
    // Needs a terminal: the program `script` of util-linux.
    if (!hasScript()) leaveOut(this, "util-linux's script is not on PATH");
    labStack = await LabStack.open({
      lab: { now: "2026-11-21T08:00:00Z" },
      consumers: {},
      config: {
        "keyturn:oneTimeServer": "",
        "keyturn:preset": "ci-sync",
        "keyturn:consumers": [{ name: "ci-sync" }, { name: "support", preset: "empower-cloud" }],
      },
    });
    keyturn = new CommandLine(labStack);
    caPem = readFileSync(labStack.rehearsal.environment["NODE_EXTRA_CA_CERTS"] ?? "", "utf8");
  });
  after(closing(() => labStack));

  const path = (): string => join(labStack.rehearsal.workspaceDir, "Pulumi.dev.yaml");
  const file = (): string => readFileSync(path(), "utf8");
  const waiting = async (): Promise<string[]> => {
    const consumers = (await labStack.rehearsal.output("consumers")) as {
      name: string;
      adopted: boolean;
    }[];
    return consumers.filter(({ adopted }) => !adopted).map(({ name }) => name);
  };
  const shownLink = async (...words: string[]): Promise<string> => {
    const { stdout, code } = await keyturn.atTerminal("link", "ci-sync", ...words);
    assert.equal(code, 0, stdout);
    return /https:\/\/\S+/.exec(stdout)?.[0] ?? "";
  };

  it("names the vault secret to read where there is no server for links", async () => {
    await labStack.up();
    assert.deepEqual(await waiting(), ["ci-sync", "support"]);
    const { code, stdout } = await keyturn.run("link", "ci-sync");
    assert.equal(code, 0);
    assert.match(
      stdout,
      /no one-time link.*\n.*\n +1\. Read the new value: az keyvault secret show/,
    );
  });

  it("shows a link on a terminal, and to nothing else", async () => {
    const { snappassUrl } = (await labStack.rehearsal.status()).endpoints;
    const setting = /keyturn:oneTimeServer: .*/;
    assert.match(file(), setting);
    writeFileSync(path(), file().replace(setting, `keyturn:oneTimeServer: ${snappassUrl}`));
    await labStack.up();
    const { code, stdout, stderr } = await keyturn.run("link", "ci-sync");
    assert.equal(code, 2);
    assert.match(stderr, /shown on a terminal only/);
    assert.equal(stdout, "");
    assert.match(await shownLink(), new RegExp(`^${snappassUrl}/`));
    assert.match(keyturn.shown, /One-time link \(unread; opens once, until 2026-11-28T/);
  });

  it("leaves the link unread, so that the person it is for can open it once", async () => {
    const url = await shownLink();
    const opened = await request({ method: "POST", url, caPem });
    assert.equal(opened.status, 200);
    const values = await labStack.rehearsal.control.secretValues();
    assert.equal(leaksIn("page", opened.text, values).length > 0, true);
    const { stdout } = await keyturn.atTerminal("link", "ci-sync");
    assert.match(stdout, /One-time link: read or expired/);
    assert.doesNotMatch(stdout, /https:\/\//);
  });

  it("has the next run make another link of the same secret", async () => {
    const { inFlight } = await labStack.history();
    const { code, stdout } = await keyturn.run("link", "ci-sync", "--again");
    assert.equal(code, 0);
    assert.match(stdout, /\+ +retry: 1\n/);
    await labStack.up();
    const url = await shownLink();
    assert.equal((await request({ method: "GET", url, caPem })).status, 200);
    assert.equal((await labStack.history()).inFlight?.keyId, inFlight?.keyId);
  });

  it("reports who waits since when, and what each is to do", async () => {
    const { stdout } = await keyturn.run("report");
    assert.match(stdout, /ci-sync \(assisted\): waiting, waiting since 2026-11-21/);
    assert.match(stdout, /support \(handover\): waiting, waiting since 2026-11-21/);
    assert.match(stdout, /one-time link: unread at the last run/);
    assert.match(stdout, /Config Utility/);
  });

  for (const [title, words, sentence] of [
    ["an unknown consumer", ["nobody"], /This stack has ci-sync, support/],
    [
      "the key id of another secret",
      ["ci-sync", "--key-id", "11111111-1111-4111-8111-111111111111"],
      /--key-id must be/,
    ],
  ] as const) {
    it(`refuses to confirm ${title}, and changes nothing`, async () => {
      const before = file();
      const { code, stderr } = await keyturn.run("confirm", ...words);
      assert.equal(code, 2);
      assert.match(stderr, sentence);
      assert.equal(file(), before);
    });
  }

  it("writes a confirmation with the key id in flight and the day, and nothing the second time", async () => {
    const keyId = (await labStack.history()).inFlight?.keyId ?? "";
    const before = file();
    const { code, stdout } = await keyturn.run("confirm", "ci-sync", "--key-id", keyId);
    assert.equal(code, 0);
    assert.match(stdout, /\+ +keyturn:confirmations:\n/);
    assert.match(stdout, /the next run adopts/);
    const added = [
      "  keyturn:confirmations:",
      "    ci-sync:",
      `      keyId: ${keyId}`,
      '      "on": "2026-11-21"',
      "",
    ].join("\n");
    assert.equal(file().replace(added, ""), before);
    const again = await keyturn.run("confirm", "ci-sync");
    assert.equal(again.code, 0);
    assert.match(again.stdout, /already confirmed/);
    assert.equal(file().replace(added, ""), before);
  });

  it("adopts when the last consumer is confirmed, and then has nothing to confirm", async () => {
    await labStack.up();
    assert.deepEqual(await waiting(), ["support"]);
    assert.equal((await keyturn.run("confirm", "support")).code, 0);
    await labStack.up();
    assert.deepEqual(await waiting(), []);
    assert.equal((await labStack.history()).active?.label, "2026-11");
    await labStack.up({ expectNoChanges: true });
    const { code, stdout } = await keyturn.run("confirm", "support");
    assert.equal(code, 0);
    assert.match(stdout, /already confirmed/);
    assert.equal((await keyturn.run("link", "support")).code, 2);
  });

  it("confirms the next secret in the place of the former, and leaves the other consumer's line", async () => {
    await labStack.rehearsal.goTo("2027-05-01");
    await labStack.up();
    const former = (await labStack.history()).inFlight;
    assert.equal(former?.label, "2027-05");
    const { stdout } = await keyturn.run("confirm", "ci-sync");
    assert.match(stdout, /- +keyId: \S+\n.*\+ +keyId: |- +keyId/);
    assert.match(file(), new RegExp(`ci-sync:\n +keyId: ${former.keyId}\n +"on": "2027-05-01"\n`));
    await labStack.up();
    assert.deepEqual(await waiting(), ["support"]);
  });

  it("prints no secret and no link, but on the terminal", async () => {
    const values = await labStack.rehearsal.control.secretValues();
    // The commands of this life were heard.
    for (const said of [/keyId/, /support/, /ci-sync/]) assert.match(keyturn.printed, said);
    assert.deepEqual(leaksIn("printed", keyturn.printed + labStack.printed, values), []);
    assert(leaksIn("shown", keyturn.shown, values).length > 0);
  });
});
