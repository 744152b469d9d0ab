// Consumers that people serve, in a credential: the link is a secret, the instruction is none, and machines go first.
import assert from "node:assert/strict";
import * as pulumi from "@pulumi/pulumi";
import type { ManualArgs } from "../../components/manual-hand-over";
import { Credential } from "../../components/credential";
import { plan } from "../../src/decide/plan";
import type { IssuedPassword } from "../../src/decide/history";
import type { Consumer, ConsumerSecrets } from "../../src/keyturn-config";
import { ciSync } from "../../src/presets/ci-sync";
import { sesar } from "../../src/presets/sesar";
import type { Registered } from "../helpers/pulumi-mocks";
import {
  CLIENT,
  LINK,
  TENANT,
  VALUE,
  keyIdOf,
  ofType,
  record,
  report,
  unwrap,
  valueOf,
} from "../helpers/pulumi-mocks";
import { firstAdopted, config } from "../src/decide/fixtures";

const SERVER = "https://once.example.org";
const people: Consumer = { name: "ci-sync", kind: "assisted", handOver: ciSync.handOver, retry: 3 };
const machine: Consumer = {
  name: "archive",
  kind: "automatic",
  host: sesar.host,
  retry: 0,
  connection: { host: "h", port: 22, user: "u", hostKey: "ssh-ed25519 AAAA" },
};
const confirmed = { "ci-sync": { keyId: keyIdOf("2026-11"), on: "2026-11-02" } };

function declare(
  over: Partial<ManualArgs> = {},
  consumers: readonly Consumer[] = [people],
  outcome = "updated",
  missing: readonly IssuedPassword[] = [],
): { registered: Registered[]; credential: Credential } {
  const registered = record((stdin) => report(stdin, outcome));
  const file = '{"AzureAD_Secret":""}';
  const credential = new Credential("sesar", {
    plan: plan("2026-11-01", config, firstAdopted),
    schedule: { every: "P6M", overlap: "P14D", lifetime: "P12M", rehearsalClock: false },
    preset: ciSync,
    consumers,
    manual: {
      oneTimeServer: SERVER,
      confirmations: {},
      adoptionEvidence: {},
      last: [],
      linkStates: {},
      ...over,
    },
    scripts: { powershell: "# the script" },
    missing,
    tenantId: TENANT,
    environment: "public",
    metadataHost: "",
    vaultResourceGroup: "rg",
    vaultName: "kv",
    applicationResourceId: "/applications/x",
    clientId: CLIENT,
    consented: [],
    groupObjectId: "",
    secrets: pulumi.secret<Readonly<Record<string, ConsumerSecrets>>>({
      archive: { privateKey: "PRIVATE KEY", file },
    }),
  });
  return { registered, credential };
}

const linkCommands = (registered: readonly Registered[]): Registered[] =>
  ofType(registered, "command:local:Command").filter(
    ({ inputs }) => inputs["create"] === "steps/one-time-link.js",
  );

describe("a credential that people serve", () => {
  describe("whose secret Entra does not list", () => {
    const keyId = keyIdOf("2026-11");
    const gone = [{ label: "2026-11", endDate: "2027-11-01T00:00:00Z", keyId }];
    const last = (outcome: "waiting" | "confirmed") => [
      { name: "ci-sync", kind: "assisted" as const, outcome, keyId },
    ];

    it("makes no link of it, whether people were asked before or not", async () => {
      for (const over of [{}, { last: last("waiting") }]) {
        const { registered, credential } = declare(over, [people], "updated", gone);
        // What fails never comes to an apply; the SDK's own promise tells.
        const failing = credential.record as unknown as { promise(): Promise<unknown> };
        await assert.rejects(
          failing.promise(),
          /is not brought to ci-sync, since Entra does not list it/,
        );
        assert.deepEqual(linkCommands(registered), []);
      }
    });

    it("lets those be who have it already", async () => {
      const over = { last: last("confirmed"), confirmations: confirmed };
      const { credential } = declare(over, [people], "updated", gone);
      const [outcome] = await valueOf(credential.outcomes);
      assert.equal(outcome?.outcome, "confirmed");
    });
  });

  it("gives the link's step the secret on standard input, wrapped, and keeps its logs quiet", async () => {
    const { registered, credential } = declare();
    await valueOf(credential.links);
    const [command, ...more] = linkCommands(registered);
    assert.deepEqual([more.length, command?.inputs["logging"]], [0, "none"]);
    const { secret, value } = unwrap(command?.inputs["stdin"]);
    assert.ok(secret);
    assert.deepEqual(JSON.parse(String(value)), {
      consumer: "ci-sync",
      epoch: "2026-11",
      keyId: keyIdOf("2026-11"),
      retry: 3,
      server: SERVER,
      seconds: ciSync.handOver.linkSeconds,
      secret: `${VALUE}-2026-11`,
    });
    assert.ok(!JSON.stringify(command?.inputs["interpreter"]).includes(process.cwd()));
  });

  it("shows the link in the secret links only", async () => {
    const { registered, credential } = declare();
    assert.deepEqual(await valueOf(credential.links), { "ci-sync": LINK });
    assert.equal(await pulumi.isSecret(credential.links), true);
    const outcomes = await valueOf(credential.outcomes);
    const open = JSON.stringify(
      [registered.map(({ inputs }) => inputs), outcomes, await valueOf(credential.record)],
      (_key, inner: unknown) => (unwrap(inner).secret ? "(secret)" : inner),
    );
    assert.equal(await pulumi.isSecret(credential.outcomes), false);
    for (const text of [VALUE, LINK, "sentinel"]) assert.ok(!open.includes(text), text);
    assert.equal(outcomes[0]?.outcome, "waiting");
  });

  it("waits until the confirmation names the target's key id, and then hands out no link", async () => {
    const before = await valueOf(declare().credential.record);
    assert.deepEqual([before.settled, before.history.inFlight?.again], [false, false]);
    const { credential } = declare({ confirmations: confirmed });
    assert.equal((await valueOf(credential.record)).settled, true);
    assert.deepEqual(await valueOf(credential.links), {});
  });

  it("declares no link without a server, and names the vault secret", async () => {
    const { registered, credential } = declare({ oneTimeServer: "" });
    const [outcome] = await valueOf(credential.outcomes);
    assert.match(JSON.stringify(outcome), /--vault-name kv --name sesar-client-secret/);
    assert.deepEqual([linkCommands(registered), await valueOf(credential.links)], [[], {}]);
  });

  it("adopts with machines and people side by side when the last of them holds the secret", async () => {
    for (const [outcome, confirmations, settled] of [
      ["updated", {}, false],
      ["notNow", confirmed, false],
      ["updated", confirmed, true],
    ] as const) {
      const { credential } = declare({ confirmations }, [machine, people], outcome);
      assert.equal((await valueOf(credential.record)).settled, settled);
    }
  });
});
