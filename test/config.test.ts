// Everything that is wrong with a config is said in one error; Pulumi.yaml, the defaults and the comments agree.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { parse } from "yaml";
import type { AutomaticConsumer } from "../components/pure/settings";
import { DEFAULTS } from "../components/pure/settings";
import { PLAIN_KEYS, parseSettings } from "../config";

const ROOT = join(__dirname, "..");
const GUID = "0a1b2c3d-4e5f-4071-8293-a4b5c6d7e8f9";
const KEY = "-----BEGIN OPENSSH PRIVATE KEY-----\nSENTINEL\n-----END OPENSSH PRIVATE KEY-----\n";
const consumer = {
  name: "archive",
  connection: { host: "h", user: "u", hostKey: "ssh-ed25519 AAAAC3Nz" },
};
const raw: Readonly<Record<string, string>> = {
  anchor: "2026-05-01",
  tenantId: GUID,
  subscriptionId: GUID,
  vaultResourceGroup: "rg",
  vaultName: "kv-keyturn",
  consumers: JSON.stringify([consumer]),
};
const secrets = JSON.stringify({ archive: { privateKey: KEY, file: '{"AzureAD_Secret":""}' } });
const first = (settings: { readonly consumers: readonly unknown[] }): AutomaticConsumer =>
  settings.consumers[0] as AutomaticConsumer;
const people = { preset: "ci-sync", consumers: JSON.stringify([{ name: "ci-sync" }]) };
const problemsOf = (given: Record<string, string>, secretText: string | undefined): string[] => {
  try {
    parseSettings({ ...raw, ...given }, secretText);
  } catch (error) {
    const { message } = error as Error;
    assert.ok(!message.includes("SENTINEL"), "no secret in an error");
    return message.split("\n- ").slice(1);
  }
  return [];
};

describe("parseSettings", () => {
  it("resolves the preset and fills the defaults", () => {
    const settings = parseSettings(raw, secrets);
    assert.deepEqual(
      [
        settings.name,
        settings.every,
        settings.generation,
        settings.vaultCreate,
        settings.rehearsalClock,
      ],
      ["sesar", "P6M", 0, true, false],
    );
    const { connection, retry, host } = first(settings);
    assert.deepEqual([connection.port, retry, host.secretKey], [22, 0, "AzureAD_Secret"]);
  });

  it("lays a consumer's overrides over the stack's over the preset's", () => {
    const own = { ...consumer, overrides: { marginSeconds: 5 } };
    const overrides = { host: { marginSeconds: 7, patienceSeconds: 8 }, applicationName: "Mine" };
    const settings = parseSettings(
      { ...raw, consumers: JSON.stringify([own]), overrides: JSON.stringify(overrides) },
      secrets,
    );
    const { host } = first(settings);
    assert.deepEqual([host.marginSeconds, host.patienceSeconds, host.settleSeconds], [5, 8, 15]);
    assert.equal(settings.product.applicationName, "Mine");
  });

  it("needs no connection and no secrets of a consumer that people serve", () => {
    const settings = parseSettings({ ...raw, ...people }, undefined);
    const [consumer] = settings.consumers;
    assert.equal(consumer?.kind, "assisted");
    assert.deepEqual(
      [consumer.name, consumer.retry, consumer.handOver.steps.length],
      ["ci-sync", 0, 5],
    );
    assert.deepEqual([settings.confirmations, settings.oneTimeServer], [{}, ""]);
  });

  it("takes consumers that machines and people serve side by side, each with its own preset and overrides", () => {
    const support = {
      name: "cloud",
      preset: "empower-cloud",
      overrides: { linkSeconds: 600 },
      address: "192.0.2.7",
    };
    const settings = parseSettings(
      { ...raw, consumers: JSON.stringify([consumer, support]) },
      secrets,
    );
    const [, second] = settings.consumers;
    assert.deepEqual(
      settings.consumers.map(({ kind }) => kind),
      ["automatic", "handover"],
    );
    assert.equal(second?.kind === "handover" && second.handOver.linkSeconds, 600);
    assert.equal(second?.address, "192.0.2.7");
  });

  it("lays the stack's overrides of the click path over the preset's", () => {
    const overrides = JSON.stringify({ handOver: { recipient: "the night shift" } });
    const [consumer] = parseSettings({ ...raw, ...people, overrides }, undefined).consumers;
    assert.equal(consumer?.kind === "assisted" && consumer.handOver.recipient, "the night shift");
  });

  it("reads a confirmation, whatever the case of its key id, with a date that YAML took for an instant", () => {
    for (const on of ["2026-11-20", "2026-11-20T00:00:00Z", "2026-11-20 00:00:00 +0000 UTC"]) {
      const confirmations = JSON.stringify({ "ci-sync": { keyId: GUID.toUpperCase(), on } });
      const settings = parseSettings({ ...raw, ...people, confirmations }, undefined);
      assert.deepEqual(settings.confirmations, { "ci-sync": { keyId: GUID, on: "2026-11-20" } });
    }
  });

  it("takes the one-time server without the slash at its end, path included", () => {
    const oneTimeServer = "https://once.example.org/snappass/";
    const settings = parseSettings({ ...raw, ...people, oneTimeServer }, undefined);
    assert.equal(settings.oneTimeServer, "https://once.example.org/snappass");
  });

  it("says a consumer's secrets that are wrong together with another's override that is wrong", () => {
    const other = { name: "other", preset: "ci-sync", overrides: { colour: "red" } };
    const confirmations = JSON.stringify({ nobody: { keyId: GUID, on: "2026-11-20" } });
    assert.deepEqual(
      problemsOf({ consumers: JSON.stringify([consumer, other]), confirmations }, "{}").map(
        (text) => text.split(" ")[0],
      ),
      ["consumers[1].overrides", "consumerSecrets.archive", "confirmations.nobody"],
    );
  });

  it("reads a date that YAML took for an instant", () => {
    assert.equal(
      parseSettings({ ...raw, anchor: "2026-05-01 00:00:00 +0000 UTC" }, secrets).anchor,
      "2026-05-01",
    );
  });

  it("says everything that is wrong in one error", () => {
    const bad = {
      name: "Sesar!",
      anchor: "2026-05-01",
      generation: "-1",
      tenantId: "t",
      environment: "mars",
      vaultName: "x",
      vaultCreate: "yes",
      consumers: JSON.stringify([{ ...consumer, connection: { host: "h", user: "u", port: 0 } }]),
      overrides: "{",
    };
    assert.deepEqual(
      problemsOf(bad, JSON.stringify({ archive: { privateKey: "SENTINEL" } })).map(
        (text) => text.split(" ")[0],
      ),
      [
        "name",
        "overrides",
        "generation",
        "tenantId",
        "environment",
        "vaultName",
        "vaultCreate",
        "consumers[0].connection.port",
        "consumers[0].connection.hostKey",
        "consumerSecrets.archive.privateKey",
      ],
    );
  });

  it("refuses consumerSecrets that stand in the file in plain text", () => {
    assert.throws(
      () => parseSettings(raw, secrets, false),
      (error: Error) =>
        /\n- consumerSecrets must be encrypted\. Set it with pulumi config set --secret --path\./.test(
          error.message,
        ) && !error.message.includes("SENTINEL"),
    );
    assert.ok(parseSettings({ ...raw, ...people }, "{}", false));
  });

  it("names every required key that is missing", () => {
    assert.throws(
      () => parseSettings({}, secrets),
      (error: Error) =>
        ["anchor", "tenantId", "subscriptionId", "vaultResourceGroup", "consumers"].every((key) =>
          error.message.includes(`- ${key} must be given.`),
        ),
    );
  });

  const rows: [
    what: string,
    given: Record<string, string>,
    secretText: string | undefined,
    sentence: RegExp,
  ][] = [
    [
      "an existing group that is none of the product's",
      { existingGroups: JSON.stringify({ pro: GUID }) },
      secrets,
      /^existingGroups must name licence groups of the product byte for byte \(SecureExchanges_Licences, .*\), got "pro"/,
    ],
    [
      "an adopted application that is no GUID",
      { applicationClientId: "SESAR" },
      secrets,
      /^applicationClientId/,
    ],
    [
      "a vault that exists and has no name",
      { vaultName: "", vaultCreate: "false" },
      secrets,
      /^vaultName must be given when vaultCreate is false\./,
    ],
    [
      "a schedule that does not fit",
      { overlap: "P120D" },
      secrets,
      /^overlap must be PT0S to P90D, got P120D\. Lower it in Pulumi\.<stack>\.yaml\./,
    ],
    [
      "a preset that is not there",
      { preset: "word" },
      secrets,
      /^preset must be sesar, ci-sync, empower-self-hosted, empower-cloud or generic, got word\./,
    ],
    [
      "a preset named like a property of every object",
      { preset: "constructor" },
      secrets,
      /^preset must be/,
    ],
    [
      "an override that the preset does not have",
      { overrides: '{"colour":"red"}' },
      secrets,
      /^overrides is not valid: Unrecognized key/,
    ],
    [
      "two consumers of one name",
      { consumers: JSON.stringify([consumer, consumer]) },
      secrets,
      /^consumers must have names that differ, got archive/,
    ],
    [
      "an automatic consumer without a connection",
      { consumers: JSON.stringify([{ name: "archive" }]) },
      secrets,
      /^consumers\[0\]\.connection must be given for preset sesar, which is served over SSH\./,
    ],
    [
      "a connection to a consumer that people serve",
      { ...people, consumers: JSON.stringify([consumer]) },
      undefined,
      /^consumers\[0\]\.connection must not be given for preset ci-sync, which people serve\. Remove it/,
    ],
    [
      "secrets of a consumer that people serve",
      people,
      JSON.stringify({ "ci-sync": { privateKey: KEY } }),
      /^consumerSecrets\.ci-sync must be the name of an automatic consumer/,
    ],
    [
      "a confirmation of a consumer that machines serve",
      { confirmations: JSON.stringify({ archive: { keyId: GUID, on: "2026-11-20" } }) },
      secrets,
      /^confirmations\.archive must be the name of a consumer that people serve\. Remove it/,
    ],
    [
      "a confirmation without a key id",
      { ...people, confirmations: JSON.stringify({ "ci-sync": { keyId: "x", on: "2026-11-20" } }) },
      undefined,
      /^confirmations\.ci-sync\.keyId must be the GUID of a secret\./,
    ],
    [
      "a confirmation on a day that does not exist",
      {
        ...people,
        confirmations: JSON.stringify({ "ci-sync": { keyId: GUID, on: "2026-02-30" } }),
      },
      undefined,
      /^confirmations\.ci-sync\.on must be a date YYYY-MM-DD\./,
    ],
    [
      "a link that SnapPass would not keep so long",
      {
        ...people,
        consumers: JSON.stringify([{ name: "ci-sync", overrides: { linkSeconds: 1_209_601 } }]),
      },
      undefined,
      /^consumers\[0\]\.overrides\.linkSeconds is not valid: Too big/,
    ],
    [
      "a one-time server without TLS",
      { oneTimeServer: "http://once.example.org" },
      secrets,
      /^oneTimeServer must be an https address without a query, got http/,
    ],
    [
      "an address that is none",
      { consumers: JSON.stringify([{ ...consumer, address: "example.org" }]) },
      secrets,
      /^consumers\[0\]\.address must be an IPv4 or IPv6 address\./,
    ],
    ["a consumer without secrets", {}, "{}", /^consumerSecrets\.archive must be given\./],
    ["no secrets at all", {}, undefined, /^consumerSecrets\.archive must be given\./],
    [
      "secrets of nobody",
      {},
      JSON.stringify({ ...(JSON.parse(secrets) as object), b: { privateKey: KEY } }),
      /^consumerSecrets\.b must be the name of an automatic consumer/,
    ],
    [
      "a missing file",
      {},
      JSON.stringify({ archive: { privateKey: KEY } }),
      /^consumerSecrets\.archive\.file must be given/,
    ],
    [
      "a file that is encrypted",
      {},
      JSON.stringify({ archive: { privateKey: KEY, file: "SENTINEL" } }),
      /^consumerSecrets\.archive\.file must be the unencrypted JSON file/,
    ],
    [
      "a file that the vault cannot hold",
      {},
      JSON.stringify({
        archive: { privateKey: KEY, file: `{"AzureAD_Secret":"${"x".repeat(25_000)}"}` },
      }),
      /^consumerSecrets\.archive\.file must fit into a Key Vault secret/,
    ],
  ];
  for (const [what, given, secretText, sentence] of rows) {
    it(`refuses ${what} in one sentence`, () => {
      const problems = problemsOf(given, secretText);
      assert.equal(problems.length, 1, problems.join(" | "));
      assert.match(String(problems[0]), sentence);
    });
  }
});

interface Declared {
  readonly type: string;
  readonly default?: unknown;
  readonly description: string;
}

describe("Pulumi.yaml", () => {
  const project = parse(readFileSync(join(ROOT, "Pulumi.yaml"), "utf8")) as {
    config: Record<string, Declared>;
  };
  const source = readFileSync(join(ROOT, "components/pure/settings.ts"), "utf8");
  const comments = [...source.matchAll(/\/\*\*\s+((?:[^*]|\*(?!\/))*?)\s*\*\/\s+readonly (\w+):/g)];
  const comment = (key: string): string =>
    (comments.find((match) => match[2] === key)?.[1] ?? "").replace(/\s*\n\s*\*\s*/g, " ");
  const plain = Object.entries(project.config).filter(([key]) => key !== "consumerSecrets");

  it("declares exactly the keys that the program reads", () => {
    assert.deepEqual(
      plain.map(([key]) => key),
      PLAIN_KEYS,
    );
    assert.deepEqual(
      Object.keys(project.config).filter((key) => !PLAIN_KEYS.includes(key)),
      ["consumerSecrets"],
    );
  });

  for (const [key, declared] of plain) {
    it(`gives ${key} the default and the description of the code`, () => {
      assert.deepEqual(declared.default, (DEFAULTS as Record<string, unknown>)[key]);
      const stated =
        declared.default === undefined ? "" : ` @default ${JSON.stringify(declared.default)}`;
      assert.equal(comment(key), `${declared.description}${stated}`);
    });
  }
});

describe("the stacks that come with the program", () => {
  it("production example is a valid config once its secrets are set", () => {
    const { config } = parse(
      readFileSync(join(ROOT, "Pulumi.production.example.yaml"), "utf8"),
    ) as {
      config: Record<string, unknown>;
    };
    const texts = Object.entries(config).map(([key, value]) => [
      key.replace("keyturn:", ""),
      typeof value === "string" ? value : JSON.stringify(value),
    ]);
    const settings = parseSettings(Object.fromEntries(texts) as Record<string, string>, secrets);
    assert.equal(settings.consumers[0]?.name, "archive");
  });
});
