// A stack's file that keyturn init has written: the program takes it, a second time adds nothing, and what was there stays.
import assert from "node:assert/strict";
import { parse } from "yaml";
import { parseConfig } from "../../../../src/config/read";
import { createKeyPair } from "../../../lab/host/keys";
import { firstRun } from "../../init/first-run";
import { NEW_APPLICATION } from "../../init/questions";
import { answersIn, withAnswers } from "../../init/stack-file";
import { UsageError } from "../../usage-error";
import { GIVEN, GUID, HOST_KEY, without } from "./fixtures";

/** As the program reads it: each value as text. */
function configIn(text: string): Record<string, string> {
  const { config } = parse(text) as { config: Record<string, unknown> };
  return Object.fromEntries(
    Object.entries(config).map(([key, value]) => [
      key.replace("keyturn:", ""),
      typeof value === "string" ? value : JSON.stringify(value),
    ]),
  );
}

describe("a stack's file of keyturn init", () => {
  it("is one that the program takes, with a comment on every key", () => {
    const { text, added } = withAnswers("", "keyturn", GIVEN);
    const file = '{"AzureAD_Secret":""}';
    const { privateKeyPem: privateKey } = createKeyPair();
    const config = parseConfig(
      configIn(text),
      JSON.stringify({ archive: { privateKey, file } }),
      true,
    );
    assert.equal(config.applicationClientId, GUID);
    const [consumer] = config.consumers;
    assert(consumer?.kind === "automatic");
    assert.deepEqual(consumer.connection, {
      host: "archive.example",
      port: 22,
      user: "svc-keyturn",
      hostKey: HOST_KEY,
    });
    assert.equal(consumer.host.filePath, "D:\\SESAR\\instance.json");
    assert.equal(added.length, 9);
    // The engine's YAML would take a bare date for an instant.
    assert.match(text, /keyturn:anchor: "2026-11-01"\n/);
    for (const key of added) assert.match(text, new RegExp(`  # .*\\n  keyturn:${key}:`));
  });

  it("is left as it is by a second time, whatever was chosen", () => {
    for (const application of [GUID, NEW_APPLICATION]) {
      const { text } = withAnswers("", "keyturn", { ...GIVEN, application });
      const { answers, consumers } = answersIn(text, "keyturn");
      assert.equal(consumers, true);
      assert.equal(answers.application, application);
      assert.deepEqual(withAnswers(text, "keyturn", { ...GIVEN, ...answers }), { text, added: [] });
    }
  });

  it("names the groups that are taken over, or says in so many words that there are none", () => {
    for (const [groups, wanted] of [
      [`Pro=${GUID}, No_Licence=${GUID}`, { Pro: GUID, No_Licence: GUID }],
      ["none", {}],
    ] as const) {
      const { text } = withAnswers("", "keyturn", { ...GIVEN, groups });
      assert.deepEqual(JSON.parse(configIn(text)["existingGroups"] ?? ""), wanted);
      assert.equal(answersIn(text, "keyturn").answers.groups, groups);
    }
  });

  it("keeps what stands there, its comments, its line ends and the engine's own lines", () => {
    const before = [
      "encryptionsalt: v1:abc",
      "# Ours.",
      "config:",
      "  keyturn:name: mail # never changes",
      "  other:key:",
      "    secure: v1:xyz",
      "",
    ].join("\r\n");
    const { text, added } = withAnswers(before, "keyturn", { ...GIVEN, name: "mail" });
    assert(text.startsWith(before.trimEnd()), text);
    assert(!added.includes("name"));
    assert.equal(text.split("\n").length, text.split("\r\n").length);
    assert.equal(answersIn(text, "keyturn").answers.name, "mail");
  });

  it("takes the place of an empty config", () => {
    for (const before of ["config: {}\n", "config:\n", "encryptionsalt: v1:abc\n"]) {
      const { text } = withAnswers(before, "keyturn", GIVEN);
      assert.equal(configIn(text)["name"], "sesar", before);
    }
  });

  it("is not touched where a line would not stay, or where it is no map", () => {
    const odd = "config:\n    keyturn:name:   sesar\n";
    assert.throws(() => withAnswers(odd, "keyturn", GIVEN), UsageError);
    for (const text of ["- a\n", "config: [a]\n", "a: [\n"]) {
      assert.throws(() => answersIn(text, "keyturn"), UsageError, text);
    }
  });
});

describe("what keyturn init says of the first run", () => {
  it("is what it takes over, issues and restarts, and until when it then does nothing", () => {
    assert.deepEqual(firstRun(GIVEN, "2026-11-29"), [
      `takes the application ${GUID} over as it is, and makes the vault`,
      "issues the secret sesar 2026-11, valid until 2027-11-01, and signs in with it",
      "stops and starts the service on archive.example, in the next moment that its trace calls safe",
      "then nothing until 2027-05-01",
    ]);
  });

  it("is a new application, and people's work, where it is so", () => {
    const given = { ...without("host"), preset: "ci-sync", application: NEW_APPLICATION };
    const [makes = "", , waits = ""] = firstRun(given, "2026-11-29");
    assert.match(makes, /^makes the application .*CI/);
    assert.match(waits, /^prints what a person has to do for archive/);
  });
});
