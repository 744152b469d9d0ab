// One credential from issue to record: what reaches which resource, wrapped as a secret wherever it is one.
import assert from "node:assert/strict";
import type { FormerUpdate } from "../../src/contracts/check-ssh";
import { updateDigest } from "../../src/contracts/check-ssh";
import * as pulumi from "@pulumi/pulumi";
import { Credential, type CredentialArgs } from "../../components/credential";
import { plan } from "../../src/decide/plan";
import type { IssuedPassword } from "../../src/decide/history";
import type { AutomaticConsumer } from "../../src/keyturn-config";
import { sesar } from "../../src/presets/sesar";
import type { HostAnswer, Registered } from "../helpers/pulumi-mocks";
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
} from "../helpers/pulumi-mocks";
import { config, firstAdopted, released, rotated } from "../src/decide/fixtures";

const PRIVATE_KEY = "-----BEGIN PRIVATE KEY----- sentinel";
const FILE = '{\r\n  "AzureAD_Secret": ""\r\n}';
const connection = { host: "h", port: 22, user: "u", hostKey: "ssh-ed25519 AAAA" };
const consumer = (name: string): AutomaticConsumer => ({
  kind: "automatic",
  name,
  connection,
  host: sesar.host,
  retry: 0,
});
const updated: HostAnswer = (stdin) => report(stdin, "updated");

function declare(
  answer: HostAnswer,
  names: readonly string[] = ["archive"],
  planned = plan("2026-05-20", config, undefined, []),
  formerUpdates: Readonly<Record<string, FormerUpdate>> = {},
  missing: readonly IssuedPassword[] = [],
  signInLog?: CredentialArgs["signInLog"],
): { registered: Registered[]; credential: Credential } {
  const registered = record(answer);
  const secrets = Object.fromEntries(
    names.map((name) => [name, { privateKey: PRIVATE_KEY, file: FILE }]),
  );
  const credential = new Credential("sesar", {
    plan: planned,
    schedule: { every: "P6M", overlap: "P14D", lifetime: "P12M", rehearsalClock: false },
    preset: sesar,
    consumers: names.map(consumer),
    manual: {
      oneTimeServer: "",
      confirmations: {},
      adoptionEvidence: {},
      last: [],
      linkStates: {},
    },
    scripts: { powershell: "# the script" },
    formerUpdates,
    missing,
    ...(signInLog && { signInLog }),
    tenantId: TENANT,
    environment: "public",
    metadataHost: "",
    vaultResourceGroup: "rg",
    vaultName: "kv",
    applicationResourceId: "/applications/x",
    clientId: CLIENT,
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

  it("raises a host's adoption to the log's level by its own sign-in, and says of the others why it does not", async () => {
    const seen = { at: "2026-05-21T09:15:02Z", address: "203.0.113.7", requestId: "r" };
    const shown = { keyId: keyIdOf("2026-05"), on: "2026-05-21", seen };
    const planned = plan("2026-05-22", config, undefined, []);
    const { credential } = declare(updated, ["a", "b", "c", "d"], planned, {}, [], {
      evidence: { a: shown },
      sightings: [{ ...shown, name: "b" }],
      notSeen: { c: "not yet" },
    });
    const outcomes = await valueOf(credential.outcomes);
    assert.deepEqual(
      outcomes.map((one) => [one.level, one.seen?.address, "notSeen" in one ? one.notSeen : ""]),
      [
        ["log", "203.0.113.7", ""],
        ["log", "203.0.113.7", ""],
        ["host", undefined, "not yet"],
        ["host", undefined, "the sign-in log is asked from the next run on"],
      ],
    );
  });

  it("gives one host its own patience, and each of four a share of the run's", async () => {
    for (const [names, patience] of [
      [["archive"], "900"],
      [["a", "b", "c", "d"], "450"],
    ] as const) {
      const { registered, credential } = declare(updated, names);
      await valueOf(credential.record);
      const commands = ofType(registered, "command:remote:Command");
      const given = commands.map(({ inputs }) => hostFieldsIn(inputs["stdin"])["patienceSeconds"]);
      assert.deepEqual(
        given,
        names.map(() => patience),
      );
    }
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
      consumer: "archive",
      ...connection,
      privateKey: PRIVATE_KEY,
      keyId: keyIdOf("2026-05"),
      attempt: "1",
      retry: 0,
      scriptPath: ofType(registered, "command:remote:CopyToRemote")[0]?.inputs["remotePath"],
    });
    const rest = { ...look?.inputs, stdin: "" };
    assert.ok(!JSON.stringify(rest).includes("sentinel"));
  });

  it("looks at the host again, under the same attempt, when the state's last update is another one than this run's", async () => {
    const failed = { archive: { again: 1, digest: updateDigest("before", "before") } };
    const { registered, credential } = declare(updated, ["archive"], undefined, failed);
    await valueOf(credential.record);
    const [look] = ofType(registered, "command:local:Command").filter(
      ({ inputs }) => inputs["create"] === "steps/reach.js",
    );
    const { value } = unwrap(look?.inputs["stdin"]);
    const { attempt, again } = JSON.parse(String(value)) as Record<string, unknown>;
    assert.deepEqual([attempt, again], ["1", 2]);
  });

  /** Of the update that a first run makes. */
  async function digestOfTheUpdate(): Promise<string> {
    const { registered, credential } = declare(updated);
    await valueOf(credential.record);
    const [command] = ofType(registered, "command:remote:Command");
    const { stdin, create } = command?.inputs ?? {};
    return updateDigest(String(create), String(unwrap(stdin).value));
  }

  it("asks of the script's place what the last look asked while the update has nothing to do, so that no look is another one", async () => {
    const digest = await digestOfTheUpdate();
    for (const place of [{}, { scriptPath: "keyturn/update-1.sh" }]) {
      const former = { archive: { again: 0, digest, ...place } };
      const { registered, credential } = declare(updated, ["archive"], undefined, former);
      await valueOf(credential.record);
      const [look] = ofType(registered, "command:local:Command").filter(
        ({ inputs }) => inputs["create"] === "steps/reach.js",
      );
      const asked = JSON.parse(String(unwrap(look?.inputs["stdin"]).value)) as typeof place;
      assert.equal(asked.scriptPath, place.scriptPath);
    }
  });

  describe("of a secret that Entra does not list", () => {
    const label = "2026-05";
    const gone = [{ label, endDate: "2027-05-01T00:00:00Z", keyId: keyIdOf(label).toUpperCase() }];

    it("brings nothing to a host whose update would run, and reaches for none", async () => {
      const { registered, credential } = declare(updated, ["archive"], undefined, {}, gone);
      // What fails never comes to an apply; the SDK's own promise tells.
      const failing = credential.record as unknown as { promise(): Promise<unknown> };
      await assert.rejects(
        failing.promise(),
        /is not brought to archive, since Entra does not list it.*Run with --refresh/,
      );
      const reached = registered.filter(
        ({ type, inputs }) => /remote/.test(type) || inputs["create"] === "steps/reach.js",
      );
      assert.deepEqual(reached, []);
    });

    it("leaves a host alone whose update the state has already", async () => {
      const digest = await digestOfTheUpdate();
      const former = { archive: { again: 0, digest } };
      const { credential } = declare(updated, ["archive"], undefined, former, gone);
      const { history } = await valueOf(credential.record);
      assert.equal(history.active?.keyId, keyIdOf(label));
    });
  });

  it("copies the script again for each look at the host, but leaves a former release's copy until then", async () => {
    const triggers = async (former: Readonly<Record<string, FormerUpdate>>) => {
      const { registered, credential } = declare(updated, ["archive"], undefined, former);
      await valueOf(credential.record);
      const [script] = ofType(registered, "command:remote:CopyToRemote");
      return script?.inputs["triggers"] as string[] | undefined;
    };
    const [first = ""] = (await triggers({})) ?? [];
    assert.match(first, /^[0-9a-f]{16}$/);
    const failed = { again: 1, digest: updateDigest("before", "before") };
    const [again] = (await triggers({ archive: failed })) ?? [];
    assert.match(again ?? "", /^[0-9a-f]{16}$/);
    assert.notEqual(again, first);
  });

  it("gives the proof the secret on standard input, wrapped", async () => {
    const { registered, credential } = declare(updated);
    await valueOf(credential.record);
    const [proof] = ofType(registered, "command:local:Command");
    const { secret, value } = unwrap(proof?.inputs["stdin"]);
    assert.ok(secret);
    assert.deepEqual(JSON.parse(String(value)), {
      name: "sesar",
      epoch: "2026-05",
      tenantId: TENANT,
      environment: "public",
      metadataHost: "",
      permissions: sesar.permissions,
      ...sesar.proof,
      clientId: CLIENT,
      groupObjectId: "group-object",
      keyId: keyIdOf("2026-05"),
      secret: `${VALUE}-2026-05`,
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
    const stored = ofType(registered, "azure-native:keyvault/v20260201:Secret");
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
    const planned = plan("2026-11-01", config, firstAdopted);
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

  it("fails the run that would remove a secret when a host that was put back holds it, and records nothing", async () => {
    const { active } = released;
    assert.ok(active);
    const history = { ...released, active: { ...active, keyId: keyIdOf("2026-11") } };
    const putBack: HostAnswer = (stdin) => {
      const said = JSON.parse(report(stdin, "notNow")) as object;
      return JSON.stringify({ ...said, adoptedKeyId: keyIdOf("2026-05") });
    };
    const planned = plan("2026-11-19", config, history);
    const { credential } = declare(putBack, ["archive"], planned);
    // What fails never comes to an apply; the SDK's own promise tells.
    const failing = credential.record as unknown as { promise(): Promise<unknown> };
    await assert.rejects(failing.promise(), {
      message: new RegExp(
        `archive \\(notNow, holds key id ${keyIdOf("2026-05")}\\)\\. Nothing was removed`,
      ),
    });
    assert.equal(
      (await valueOf(declare(updated, ["archive"], planned).credential.record)).settled,
      true,
    );
  });

  it("asks each host again in the run that releases", async () => {
    const planned = plan("2026-11-18", config, rotated);
    const { registered, credential } = declare(updated, ["one", "two"], planned);
    await valueOf(credential.record);
    const asked = ofType(registered, "command:remote:Command");
    assert.deepEqual(
      asked.map(({ inputs }) => hostFieldsIn(inputs["stdin"])["attempt"]),
      ["2+asked-2026-11-18", "2+asked-2026-11-18"],
    );
  });

  it("puts decisions into its inputs that stay the same from day to day", async () => {
    const inputsOn = async (day: string): Promise<unknown> => {
      const { registered, credential } = declare(
        updated,
        ["archive"],
        plan(day, config, firstAdopted),
      );
      await valueOf(credential.record);
      return registered
        .filter(({ type }) => type.startsWith("keyturn:"))
        .map(({ inputs }) => inputs);
    };
    assert.deepEqual(await inputsOn("2026-06-01"), await inputsOn("2026-09-30"));
  });
});
