// Everything that is wrong with a config is said in one error, and what is not said has its default.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { parse } from "yaml";
import type { AutomaticConsumer } from "../../../src/keyturn-config";
import { parseConfig } from "../../../src/config/read";
import { createKeyPair } from "../../../packages/lab/host/keys";
import { inClone } from "../../helpers/paths";

const GUID = "0a1b2c3d-4e5f-4071-8293-a4b5c6d7e8f9";
const KEY = createKeyPair().privateKeyPem;
const consumer = {
  name: "archive",
  connection: { host: "h", user: "u", hostKey: createKeyPair().publicKeyLine },
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
const first = (config: { readonly consumers: readonly unknown[] }): AutomaticConsumer =>
  config.consumers[0] as AutomaticConsumer;
const over = (overrides: object): Record<string, string> => ({
  consumers: JSON.stringify([{ ...consumer, overrides }]),
});
const people = { preset: "ci-sync", consumers: JSON.stringify([{ name: "ci-sync" }]) };
const problemsOf = (given: Record<string, string>, secretText: string | undefined): string[] => {
  try {
    parseConfig({ ...raw, ...given }, secretText);
  } catch (error) {
    const { message } = error as Error;
    assert.ok(!message.includes("SENTINEL"), "no secret in an error");
    for (const line of KEY.split("\n").slice(1, -2)) assert.ok(!message.includes(line));
    return message.split("\n- ").slice(1);
  }
  return [];
};

describe("parseConfig", () => {
  it("resolves the preset and fills the defaults", () => {
    const config = parseConfig(raw, secrets);
    assert.deepEqual(
      [config.name, config.every, config.generation, config.vaultCreate, config.rehearsalClock],
      ["sesar", "P6M", 0, true, false],
    );
    const { connection, retry, host } = first(config);
    assert.deepEqual([connection.port, retry, host.secretKey], [22, 0, "AzureAD_Secret"]);
  });

  it("lays a consumer's overrides over the stack's over the preset's", () => {
    const own = { ...consumer, overrides: { marginSeconds: 5 } };
    const overrides = { host: { marginSeconds: 7, patienceSeconds: 8 }, applicationName: "Mine" };
    const config = parseConfig(
      { ...raw, consumers: JSON.stringify([own]), overrides: JSON.stringify(overrides) },
      secrets,
    );
    const { host } = first(config);
    assert.deepEqual([host.marginSeconds, host.patienceSeconds, host.settleSeconds], [5, 8, 15]);
    assert.equal(config.preset.applicationName, "Mine");
  });

  it("needs no connection and no secrets of a consumer that people serve", () => {
    const config = parseConfig({ ...raw, ...people }, undefined);
    const [consumer] = config.consumers;
    assert.equal(consumer?.kind, "assisted");
    assert.deepEqual(
      [consumer.name, consumer.retry, consumer.handOver.steps.length],
      ["ci-sync", 0, 5],
    );
    assert.deepEqual([config.confirmations, config.oneTimeServer], [{}, ""]);
  });

  it("takes consumers that machines and people serve side by side, each with its own preset and overrides", () => {
    const support = {
      name: "cloud",
      preset: "empower-cloud",
      overrides: { linkSeconds: 600 },
      address: "192.0.2.7",
    };
    const config = parseConfig({ ...raw, consumers: JSON.stringify([consumer, support]) }, secrets);
    const [, second] = config.consumers;
    assert.deepEqual(
      config.consumers.map(({ kind }) => kind),
      ["automatic", "handover"],
    );
    assert.equal(second?.kind === "handover" && second.handOver.linkSeconds, 600);
    assert.deepEqual(second?.addresses, ["192.0.2.7"]);
  });

  it("takes the addresses of a consumer, ranges too, and those of one that names none for unknown", () => {
    const addresses = ["192.0.2.7", "198.51.100.0/24", "2001:db8::1", "2001:db8:5::/48"];
    const given = JSON.stringify([{ ...consumer, addresses }]);
    assert.deepEqual(
      parseConfig({ ...raw, consumers: given }, secrets).consumers[0]?.addresses,
      addresses,
    );
    assert.equal(parseConfig(raw, secrets).consumers[0]?.addresses, undefined);
  });

  it("lays the stack's overrides of the click path over the preset's", () => {
    const overrides = JSON.stringify({ handOver: { recipient: "the night shift" } });
    const [consumer] = parseConfig({ ...raw, ...people, overrides }, undefined).consumers;
    assert.equal(consumer?.kind === "assisted" && consumer.handOver.recipient, "the night shift");
  });

  it("reads a confirmation, whatever the case of its key id, with a date that YAML took for an instant", () => {
    for (const on of ["2026-11-20", "2026-11-20T00:00:00Z", "2026-11-20 00:00:00 +0000 UTC"]) {
      const confirmations = JSON.stringify({ "ci-sync": { keyId: GUID.toUpperCase(), on } });
      const config = parseConfig({ ...raw, ...people, confirmations }, undefined);
      assert.deepEqual(config.confirmations, { "ci-sync": { keyId: GUID, on: "2026-11-20" } });
    }
  });

  it("takes the one-time server without the slash at its end, path included", () => {
    const oneTimeServer = "https://once.example.org/snappass/";
    const config = parseConfig({ ...raw, ...people, oneTimeServer }, undefined);
    assert.equal(config.oneTimeServer, "https://once.example.org/snappass");
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

  it("has no overlap while the glass is broken, and checks the one that comes back all the same", () => {
    assert.equal(
      parseConfig({ ...raw, generation: "2", brokenGlass: "2" }, secrets).overlap,
      "PT0S",
    );
    assert.equal(
      parseConfig({ ...raw, generation: "2", brokenGlass: "0" }, secrets).overlap,
      "P14D",
    );
    const [problem] = problemsOf({ overlap: "P120D", brokenGlass: "2" }, secrets);
    assert.match(String(problem), /^overlap must be PT0S to P90D, got P120D/);
  });

  it("reads a date that YAML took for an instant", () => {
    assert.equal(
      parseConfig({ ...raw, anchor: "2026-05-01 00:00:00 +0000 UTC" }, secrets).anchor,
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

  const linux = (scriptDirectory: string): Record<string, string> => ({
    ...raw,
    ...over({
      interpreter: "sh",
      serviceManager: "systemd",
      serviceNames: ["sesar.service"],
      filePath: "/etc/sesar/instance.json",
      traceDirectory: "/var/log/sesar",
      scriptDirectory,
    }),
  });
  for (const folder of ["/var/lib/keyturn", "run/keyturn", "/keyturn"]) {
    it(`refuses ${folder} on a Linux host where the program runs on Windows, and says what to give`, () => {
      const given = linux(folder);
      assert.throws(
        () => parseConfig(given, secrets, true, "win32"),
        (error: Error) =>
          /^.*: 1 problem\.\n- consumers\[0\]\.overrides\.scriptDirectory must be one folder .* Set it to keyturn in/.test(
            error.message,
          ) && error.message.includes(`, got ${folder}. `),
      );
      for (const platform of ["linux", "darwin"] as const) {
        assert.ok(parseConfig(given, secrets, true, platform));
      }
    });
  }

  it("takes one folder on a Linux host, and every folder on a Windows host, where the program runs on Windows", () => {
    assert.ok(parseConfig(linux("keyturn"), secrets, true, "win32"));
    assert.ok(parseConfig(raw, secrets, true, "win32"));
    assert.ok(parseConfig({ ...raw, ...people }, undefined, true, "win32"));
  });

  it("refuses consumerSecrets that stand in the file in plain text", () => {
    assert.throws(
      () => parseConfig(raw, secrets, false),
      (error: Error) =>
        /\n- consumerSecrets must be encrypted\. Set it with keyturn set-secrets\./.test(
          error.message,
        ) && !error.message.includes("SENTINEL"),
    );
    assert.ok(parseConfig({ ...raw, ...people }, "{}", false));
  });

  it("names every required key that is missing", () => {
    assert.throws(
      () => parseConfig({}, secrets),
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
    [
      "addresses of which one is none",
      { consumers: JSON.stringify([{ ...consumer, addresses: ["192.0.2.7", "192.0.2.0/33"] }]) },
      secrets,
      /^consumers\[0\]\.addresses\[1\] must be an IPv4 or IPv6 address, or a range such as/,
    ],
    [
      "a range of all addresses",
      { consumers: JSON.stringify([{ ...consumer, addresses: ["0.0.0.0/0"] }]) },
      secrets,
      /^consumers\[0\]\.addresses\[0\] must not be the range of all addresses\./,
    ],
    [
      "addresses that name none",
      { consumers: JSON.stringify([{ ...consumer, addresses: [] }]) },
      secrets,
      /^consumers\[0\]\.addresses must name at least one address\./,
    ],
    [
      "an address beside addresses",
      {
        consumers: JSON.stringify([
          { ...consumer, address: "192.0.2.7", addresses: ["192.0.2.8"] },
        ]),
      },
      secrets,
      /^consumers\[0\]\.address must not be given beside addresses, .*got 192\.0\.2\.7/,
    ],
    [
      "a path on the host that is relative",
      over({ filePath: "instance.json" }),
      secrets,
      /^consumers\[0\]\.overrides\.filePath must be an absolute path\./,
    ],
    [
      "a service name with a control character",
      over({ serviceNames: ["SESAR\u0007"] }),
      secrets,
      /^consumers\[0\]\.overrides\.serviceNames\[0\] must hold no control characters\./,
    ],
    [
      "a window by the trace without a trace",
      over({ tracePrefix: "", proofSyncLine: false }),
      secrets,
      /^consumers\[0\]\.overrides\.window is not valid: trace needs traceDirectory/,
    ],
    [
      "a command to stop a service that Windows stops",
      over({ stopCommand: ["stop"] }),
      secrets,
      /^consumers\[0\]\.overrides\.stopCommand must be given for serviceManager command/,
    ],
    [
      "file mode edit without the text around the value",
      over({ fileMode: "edit", editAfter: "x" }),
      secrets,
      /^consumers\[0\]\.overrides\.editBefore must be given for fileMode edit/,
    ],
    [
      "file mode edit with an end that a secret may hold",
      over({ fileMode: "edit", editBefore: "key=", editAfter: "x" }),
      secrets,
      /^consumers\[0\]\.overrides\.editAfter must not begin within value/,
    ],
    [
      "a service that must be quiet for longer than its proof may take",
      over({ settleSeconds: 601 }),
      secrets,
      /^consumers\[0\]\.overrides\.settleSeconds must be at most proofTimeoutSeconds\./,
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
      "an RSA host key, with what to give in its place",
      {
        consumers: JSON.stringify([
          {
            ...consumer,
            connection: { ...consumer.connection, hostKey: "ssh-rsa AAAAB3NzaC1yc2EAAAADAQAB" },
          },
        ]),
      },
      secrets,
      /^consumers\[0\]\.connection\.hostKey must be one public key line .*: of an RSA key .* SHA-1 only.*ssh_host_ed25519_key\.pub/,
    ],
    [
      "a private key with a passphrase, with the line that takes it off",
      {},
      JSON.stringify({
        archive: {
          privateKey:
            "-----BEGIN ENCRYPTED PRIVATE KEY-----\nSENTINEL\n-----END ENCRYPTED PRIVATE KEY-----\n",
          file: '{"AzureAD_Secret":""}',
        },
      }),
      /^consumerSecrets\.archive\.privateKey must be a private key .*: openssl pkcs8 -in id -out id-open\. Set it/,
    ],
    [
      "a file that was Windows-1252",
      {},
      JSON.stringify({
        archive: { privateKey: KEY, file: '{"AzureAD_Secret":"",\n"p":"\uFFFD"}' },
      }),
      /^consumerSecrets\.archive\.file must be the text as it was written, but has U\+FFFD at line 2, column 6: /,
    ],
    [
      "a file that was UTF-16 without a mark",
      {},
      JSON.stringify({
        archive: {
          privateKey: KEY,
          file: Buffer.from('{"AzureAD_Secret":""}', "utf16le").toString(),
        },
      }),
      /^consumerSecrets\.archive\.file must be text in UTF-8, but has NUL at line 1, column 2, as UTF-16 has\./,
    ],
    [
      "a private key that was read in another encoding",
      {},
      JSON.stringify({
        archive: { privateKey: `\uFFFD\uFFFD${KEY}`, file: '{"AzureAD_Secret":""}' },
      }),
      /^consumerSecrets\.archive\.privateKey must be the text as it was written, .* line 1, column 1: /,
    ],
    [
      "a path of a consumer that has lost its accent",
      over({ filePath: "D:\\Donn\uFFFDes\\instance.json" }),
      secrets,
      /^consumers\[0\]\.overrides\.filePath must be the text as it was written, .* line 1, column 8: .* Set it in Pulumi/,
    ],
    [
      "a name of a resource group that has lost its accent",
      { vaultResourceGroup: "rg-identit\uFFFD" },
      secrets,
      /^vaultResourceGroup must be the text as it was written, .* line 1, column 11: /,
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

describe("scriptDirectory", () => {
  const refused = [
    "/opt/key;id",
    "/opt/key&id",
    "/opt/$HOME",
    "/opt/`id`",
    "~/keyturn",
    "%ProgramData%/Keyturn",
    "/opt/key turn",
    "/opt/O'Neil",
    '/opt/"keyturn"',
    "/opt/(keyturn)",
    "/opt/key|turn",
    "/opt/key>turn",
    "/opt/key^turn",
    "/opt/key!turn",
    "/opt/key*",
    "/opt/../etc",
    "./keyturn",
    "-x/keyturn",
    "/opt/-x",
    "C:\\Keyturn",
    "C:Keyturn",
    "//server/keyturn",
    "/opt/k\u00e9y",
    "/opt/keyturn\n",
    "",
  ];
  for (const folder of refused) {
    it(`refuses ${JSON.stringify(folder)}`, () => {
      const [problem, ...more] = problemsOf(over({ scriptDirectory: folder }), secrets);
      assert.match(
        String(problem),
        /^consumers\[0\]\.overrides\.scriptDirectory must be a folder's path/,
      );
      assert.deepEqual(more, []);
    });
  }

  for (const folder of ["/var/lib/keyturn", "C:/ProgramData/Keyturn", "keyturn", "/opt/k.e_y-1/"]) {
    it(`takes ${folder}`, () => {
      assert.deepEqual(problemsOf(over({ scriptDirectory: folder }), secrets), []);
    });
  }

  it("is refused in one error with every other problem", () => {
    const spoilt = over({ scriptDirectory: "/opt/$HOME", filePath: "instance.json" });
    assert.equal(problemsOf(spoilt, secrets).length, 2);
  });
});

describe("the stacks that come with the program", () => {
  it("production example is a valid config once its secrets are set", () => {
    const stackFile = parse(readFileSync(inClone("Pulumi.production.example.yaml"), "utf8")) as {
      config: Record<string, unknown>;
    };
    const texts = Object.entries(stackFile.config).map(([key, value]) => [
      key.replace("keyturn:", ""),
      typeof value === "string" ? value : JSON.stringify(value),
    ]);
    const config = parseConfig(Object.fromEntries(texts) as Record<string, string>, secrets);
    assert.equal(config.consumers[0]?.name, "archive");
  });
});
