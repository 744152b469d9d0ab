// One whole rotation on the lab with the real engine, from the deployment on: what `npm test` has of the end-to-end tests.
// It is made in Azure's public cloud, as in production: the stack knows nothing of the lab's cloud, and what leads there is
// the proxy and the authority of the environment.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { parse } from "yaml";
import { E2E_TIMEOUT_MS, type History, LabStack, closing } from "../helpers/lab-stack";

const ROTATION = [
  "create sesar-2027-05",
  "create sesar-2027-05-password",
  "create-replacement sesar-sesar-script",
  "delete-replaced sesar-sesar-script",
  "replace sesar-sesar-script",
  "update sesar",
  "update sesar-client-secret",
  "update sesar-client-secret-secret",
  "update sesar-proof",
  "update sesar-proof-command",
  "update sesar-sesar",
  "update sesar-sesar-command",
  "update sesar-sesar-file",
  "update sesar-sesar-file-secret",
  "update sesar-sesar-reach-command",
];

describe("a rotation", function () {
  this.timeout(E2E_TIMEOUT_MS);
  let labStack: LabStack;
  let first: History;
  before(async () => {
    labStack = await LabStack.open({
      policy: true,
      lab: { now: "2026-11-21T08:00:00Z", cloud: "public" },
      // No value is handed over, and that server is the operator's, not Azure's.
      config: { "keyturn:oneTimeServer": undefined },
    });
  });
  after(closing(() => labStack));

  const signInsOf = async (keyId: string | undefined): Promise<number> => {
    const { credentials } = await labStack.rehearsal.status();
    const password = credentials
      .flatMap((application) => application.passwords)
      .find((candidate) => candidate.keyId === keyId);
    return password?.signIns ?? 0;
  };
  const accepted = async (keyId: string | undefined): Promise<boolean> => {
    const { credentials } = await labStack.rehearsal.status();
    const all = credentials.flatMap((application) => application.passwords);
    return all.find((candidate) => candidate.keyId === keyId)?.acceptedNow ?? false;
  };

  it("is told of no cloud of the lab's, by its config or by its environment", () => {
    const { workspaceDir, environment } = labStack.rehearsal;
    const { config } = parse(readFileSync(join(workspaceDir, "Pulumi.dev.yaml"), "utf8")) as {
      config: Record<string, unknown>;
    };
    assert.equal(config["keyturn:environment"], "public");
    const local = Object.entries({ ...config, ...environment })
      .filter(([, value]) => /localhost|127\.0\.0\.1|:\d{4,5}\b/.test(JSON.stringify(value)))
      .map(([name]) => name);
    const proxy = ["HTTPS_PROXY", "NO_PROXY", "https_proxy", "no_proxy"];
    const host = ["keyturn:consumers"];
    assert.deepEqual(
      local.filter((name) => name !== "PULUMI_DEBUG_PROVIDERS").sort(),
      [...proxy, ...host].sort(),
    );
  });

  it("begins with a service that is proven on the first secret, in one restart", async () => {
    await labStack.up();
    first = await labStack.history();
    assert.equal(first.active?.label, "2026-11");
    assert(await accepted(first.active.keyId));
    const service = await labStack.rehearsal.service();
    assert.equal(service.encrypted, true);
    assert.equal(service.stops.length, 1);
    assert.equal(service.state, "running");
    assert((await signInsOf(first.active.keyId)) > 0);
  });

  it("keeps the value in the vault with the password's own end date", async () => {
    const { vaults } = await labStack.rehearsal.status();
    const secrets = vaults.flatMap((vault) => vault.secrets);
    const stored = secrets.find((secret) => secret.name === "sesar-client-secret");
    const version = stored?.versions.at(-1);
    assert.equal(version?.expires, "2027-11-01T00:00:00.000Z");
    assert.equal(version.tags["keyId"], first.active?.keyId);
    assert.equal(version.tags["epoch"], "2026-11");
  });

  it("changes nothing in a second run, and says how long until the rotation", async () => {
    await labStack.up({ expectNoChanges: true });
    assert.match(
      String(await labStack.rehearsal.output("reason")),
      /^sesar: 161 days until rotation/,
    );
    assert.match(labStack.printed, /not rotated: sesar: 161 days until rotation/);
    assert.equal((await labStack.rehearsal.service()).stops.length, 1);
  });

  it("puts the service on the new secret in one restart, without a failed sync or a lost document", async () => {
    await labStack.rehearsal.goTo("2027-05-01");
    assert.deepEqual(await labStack.changes("up"), ROTATION);
    const { active, retiring } = await labStack.history();
    assert.equal(active?.label, "2027-05");
    assert.deepEqual(
      retiring.map(({ keyId }) => keyId),
      [first.active?.keyId],
    );
    const service = await labStack.rehearsal.service();
    assert.equal(service.stops.length, 2);
    assert.equal(service.failedSyncs, 0);
    assert.equal(service.documentsLost, 0);
    assert(service.stops.every((stop) => !stop.midSync));
    const clientId = String(await labStack.rehearsal.output("clientId"));
    const signIns = await labStack.rehearsal.control.signIns(clientId);
    assert.equal(signIns.at(-1)?.keyId, active.keyId);
  });

  it("leaves the former secret valid for its overlap", async () => {
    assert(await accepted(first.active?.keyId));
  });

  it("asks Microsoft's own names, and no other address of a cloud", async () => {
    const { led, refused } = (await labStack.rehearsal.status()).proxied;
    const names = ["graph.microsoft.com", "login.microsoftonline.com", "management.azure.com"];
    assert.deepEqual(
      Object.keys(led).sort(),
      names.map((name) => `${name}:443`),
    );
    const clouds = /microsoft|azure|windows|localhost/;
    assert.deepEqual(
      Object.keys(refused).filter((address) => clouds.test(address)),
      [],
    );
  });
});
