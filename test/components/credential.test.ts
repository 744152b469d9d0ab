// One credential from issue to record: what reaches which resource, wrapped as a secret wherever it is one.
import assert from "node:assert/strict";
import * as pulumi from "@pulumi/pulumi";
import { Credential } from "../../components/credential";
import { plan } from "../../components/pure/plan";
import type { AutomaticConsumer } from "../../components/pure/settings";
import { sesar } from "../../presets/sesar";
import type { HostAnswer, Registered } from "./mocks";
import {
  CLIENT,
  TENANT,
  VALUE,
  hostFieldsIn,
  keyIdOf,
  ofType,
  record,
  report,
  unwrap,
  valueOf,
} from "./mocks";
import { settings, firstAdopted } from "./pure/fixtures";

const PRIVATE_KEY = "-----BEGIN PRIVATE KEY----- sentinel";
const FILE = '{\r\n  "AzureAD_Secret": ""\r\n}';
const connection = { host: "h", port: 22, user: "u", hostKey: "ssh-ed25519 AAAA" };
const consumer = (name: string): AutomaticConsumer => ({
  ...{ kind: "automatic", name, connection, host: sesar.host, retry: 0 },
});
const updated: HostAnswer = (stdin) => report(stdin, "updated");

function declare(
  answer: HostAnswer,
  names: readonly string[] = ["archive"],
  planned = plan("2026-05-20", settings, undefined, []),
): { registered: Registered[]; credential: Credential } {
  const registered = record(answer);
  const secrets = Object.fromEntries(
    names.map((name) => [name, { privateKey: PRIVATE_KEY, file: FILE }]),
  );
  const credential = new Credential("sesar", {
    plan: planned,
    schedule: { every: "P6M", overlap: "P14D", lifetime: "P12M", rehearsalClock: false },
    product: sesar,
    consumers: names.map(consumer),
    people: { oneTimeServer: "", confirmations: {}, sightings: {}, last: [], linkStates: {} },
    scripts: { powershell: "# the script" },
    ...{ tenantId: TENANT, environment: "public", metadataHost: "", vaultResourceGroup: "rg" },
    ...{ vaultName: "kv", applicationResourceId: "/applications/x", clientId: CLIENT },
    consented: sesar.permissions,
    groupObjectId: "group-object",
    secrets: pulumi.secret(secrets),
  });
  return { registered, credential };
}

describe("Credential", () => {
  it("hands the edited file to the host on standard input, and nothing secret anywhere else", async () => {
    const { registered, credential } = declare(updated);
    await valueOf(credential.record);
    const [command] = ofType(registered, "command:remote:Command");
    assert.ok(command);
    const { stdin, connection: wrapped, ...rest } = command.inputs;
    assert.match(
      String(rest["create"]),
      /^powershell\.exe -NoProfile -NonInteractive -ExecutionPolicy Bypass -File C:\/ProgramData\/Keyturn\/update-[0-9a-f]{8}\.ps1 apply$/,
    );
    assert.deepEqual(
      { ...rest, create: "" },
      { create: "", logging: "none", addPreviousOutputInEnv: false },
    );
    assert.deepEqual([unwrap(stdin).secret, unwrap(wrapped).secret], [true, true]);
    assert.deepEqual(unwrap(wrapped).value, {
      ...connection,
      privateKey: PRIVATE_KEY,
      dialErrorLimit: 3,
      perDialTimeout: 15,
    });
    const fields = hostFieldsIn(stdin);
    const value = `${VALUE}-2026-05`;
    assert.equal(fields["content"], FILE.replace('""', `"${value}"`));
    assert.deepEqual(
      [fields["keyId"], fields["value"], fields["epoch"], fields["attempt"], fields["exitZeroFor"]],
      [keyIdOf("2026-05"), value, "2026-05", "1", "alreadyAdopted\nnotNow"],
    );
    assert.deepEqual([fields["writer"], fields["formerWriters"]], ["kv:sesar", ""]);
  });

  it("looks whether the host can be reached, with the key on standard input, wrapped, and again for each attempt", async () => {
    const { registered, credential } = declare(updated);
    await valueOf(credential.record);
    const [look] = ofType(registered, "command:local:Command").filter(
      ({ inputs }) => inputs["create"] === "steps/reach.js",
    );
    const { secret, value } = unwrap(look?.inputs["stdin"]);
    assert.ok(secret);
    const { revision, ...given } = JSON.parse(String(value)) as Record<string, unknown>;
    assert.match(String(revision), /^[0-9a-f]{16}$/);
    assert.deepEqual(given, {
      ...{ consumer: "archive", ...connection, privateKey: PRIVATE_KEY },
      ...{ keyId: keyIdOf("2026-05"), attempt: "1", retry: 0 },
    });
    const rest = { ...look?.inputs, stdin: "" };
    assert.ok(!JSON.stringify(rest).includes("sentinel"));
  });

  it("gives the proof the secret on standard input, wrapped", async () => {
    const { registered, credential } = declare(updated);
    await valueOf(credential.record);
    const [proof] = ofType(registered, "command:local:Command");
    const { secret, value } = unwrap(proof?.inputs["stdin"]);
    assert.ok(secret);
    assert.deepEqual(JSON.parse(String(value)), {
      ...{
        name: "sesar",
        epoch: "2026-05",
        tenantId: TENANT,
        environment: "public",
        metadataHost: "",
      },
      ...{
        permissions: sesar.permissions,
        ...sesar.proof,
        clientId: CLIENT,
        groupObjectId: "group-object",
      },
      ...{ keyId: keyIdOf("2026-05"), secret: `${VALUE}-2026-05` },
    });
    assert.equal(proof?.inputs["create"], "steps/prove.js");
    assert.ok(
      !JSON.stringify(proof.inputs["interpreter"]).includes(process.cwd()),
      "no path of this machine",
    );
  });

  it("shows no secret in any input that is not wrapped, nor in an output but the password's value", async () => {
    const { registered, credential } = declare(updated);
    const outputs = [
      await valueOf(credential.record),
      await valueOf(credential.outcomes),
      await valueOf(credential.keyIds),
    ];
    const open = JSON.stringify(
      [registered.map(({ inputs }) => inputs), outputs],
      (_key, inner: unknown) => (unwrap(inner).secret ? "(secret)" : inner),
    );
    for (const text of [VALUE, PRIVATE_KEY, "AzureAD_Secret"])
      assert.ok(!open.replaceAll('secretKey":"AzureAD_Secret"', "").includes(text), text);
  });

  it("stores the secret and the edited file with one expiry", async () => {
    const { registered, credential } = declare(updated);
    await valueOf(credential.record);
    const stored = ofType(registered, "azure-native:keyvault:Secret");
    assert.deepEqual(
      stored.map(({ inputs }) => inputs["secretName"]),
      ["sesar-client-secret", "sesar-archive-file"],
    );
    const expiries = stored.map(
      ({ inputs }) =>
        (unwrap(inputs["properties"]).value as { attributes: { expires: number } }).attributes
          .expires,
    );
    assert.deepEqual(expiries, [1809129600, 1809129600]);
  });

  it("adopts when every consumer holds the secret", async () => {
    const { credential } = declare(updated, ["one", "two"]);
    const { history, settled } = await valueOf(credential.record);
    assert.deepEqual([settled, history.active?.keyId], [true, keyIdOf("2026-05")]);
  });

  it("does not adopt when one consumer of two says not now", async () => {
    const { credential } = declare(
      (stdin) => report(stdin, stdin["consumer"] === "two" ? "notNow" : "updated"),
      ["one", "two"],
    );
    const { history, reason } = await valueOf(credential.record);
    assert.deepEqual([history.active, history.inFlight?.label], [undefined, "2026-05"]);
    assert.match(reason, /waits for two \(not now\)/);
    assert.deepEqual(
      (await valueOf(credential.outcomes)).map(({ outcome }) => outcome),
      ["updated", "notNow"],
    );
  });

  it("does not adopt on a report about another key id", async () => {
    const { credential } = declare((stdin) => report({ ...stdin, keyId: "another" }, "updated"));
    assert.equal((await valueOf(credential.record)).settled, false);
  });

  it("declares the active and the target's password in a rotation, and hands over the target's", async () => {
    const planned = plan("2026-11-01", settings, firstAdopted);
    const { registered, credential } = declare(updated, ["archive"], planned);
    await valueOf(credential.record);
    const made = ofType(registered, "azuread:index/applicationPassword:ApplicationPassword");
    assert.deepEqual(
      made.map(({ inputs }) => inputs["displayName"]),
      ["sesar 2026-05", "sesar 2026-11"],
    );
    const [command] = ofType(registered, "command:remote:Command");
    assert.equal(hostFieldsIn(command?.inputs["stdin"])["keyId"], keyIdOf("2026-11"));
  });

  it("puts decisions into its inputs that stay the same from day to day", async () => {
    const inputsOn = async (day: string): Promise<unknown> => {
      const { registered, credential } = declare(
        updated,
        ["archive"],
        plan(day, settings, firstAdopted),
      );
      await valueOf(credential.record);
      return registered
        .filter(({ type }) => type.startsWith("keyturn:"))
        .map(({ inputs }) => inputs);
    };
    assert.deepEqual(await inputsOn("2026-06-01"), await inputsOn("2026-09-30"));
  });
});
