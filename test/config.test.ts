// Everything that is wrong with a config is said in one error; Pulumi.yaml, the defaults and the comments agree.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { parse } from "yaml";
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
    const [first] = settings.consumers;
    assert.deepEqual(
      [first?.connection.port, first?.retry, first?.host.secretKey],
      [22, 0, "AzureAD_Secret"],
    );
  });

  it("lays a consumer's overrides over the stack's over the preset's", () => {
    const own = { ...consumer, overrides: { marginSeconds: 5 } };
    const overrides = { host: { marginSeconds: 7, patienceSeconds: 8 }, applicationName: "Mine" };
    const settings = parseSettings(
      { ...raw, consumers: JSON.stringify([own]), overrides: JSON.stringify(overrides) },
      secrets,
    );
    const host = settings.consumers[0]?.host;
    assert.deepEqual([host?.marginSeconds, host?.patienceSeconds, host?.settleSeconds], [5, 8, 15]);
    assert.equal(settings.product.applicationName, "Mine");
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

  it("names every required key that is missing", () => {
    assert.throws(
      () => parseSettings({}, secrets),
      (error: Error) =>
        [
          "anchor",
          "tenantId",
          "subscriptionId",
          "vaultResourceGroup",
          "vaultName",
          "consumers",
        ].every((key) => error.message.includes(`- ${key} must be given.`)),
    );
  });

  const rows: [
    what: string,
    given: Record<string, string>,
    secretText: string | undefined,
    sentence: RegExp,
  ][] = [
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
      /^preset must be generic or sesar, got word\./,
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
    ["a consumer without secrets", {}, "{}", /^consumerSecrets\.archive must be given\./],
    ["no secrets at all", {}, undefined, /^consumerSecrets\.archive must be given\./],
    [
      "secrets of nobody",
      {},
      JSON.stringify({ ...(JSON.parse(secrets) as object), b: { privateKey: KEY } }),
      /^consumerSecrets\.b must be the name of a consumer/,
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
  readonly secret?: boolean;
}

describe("Pulumi.yaml", () => {
  const project = parse(readFileSync(join(ROOT, "Pulumi.yaml"), "utf8")) as {
    config: Record<string, Declared>;
  };
  const source = readFileSync(join(ROOT, "components/pure/settings.ts"), "utf8");
  const comments = [...source.matchAll(/\/\*\*\s+((?:[^*]|\*(?!\/))*?)\s*\*\/\s+readonly (\w+):/g)];
  const comment = (key: string): string =>
    (comments.find((match) => match[2] === key)?.[1] ?? "").replace(/\s*\n\s*\*\s*/g, " ");
  const plain = Object.entries(project.config).filter(([, { secret }]) => secret !== true);

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
