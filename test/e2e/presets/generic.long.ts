// The preset generic from birth to removal, in both file modes side by side: three epochs, a month without a run, and an
// epoch without one. The service leaves its file readable and may be stopped at any time, or once a day.
import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import { sesar } from "../../../src/presets/sesar";
import { E2E_TIMEOUT_MS, LabStack } from "../../helpers/lab-stack";
import { acceptedFor, assertUnharmed, issuedFor, lastSignIn } from "../../helpers/records";
import { until } from "../../helpers/until";

const NAMES = ["content", "edit"] as const;
const MINUTE_MS = 60_000;
const KEYS = {
  secretKey: "AzureAD_Secret",
  clientIdKey: "AzureAD_ClientId",
  tenantIdKey: "AzureAD_TenantId",
};
const BEFORE_VALUE = '"AzureAD_Secret": "';

/** A window around now, across midnight if need be, in the host's time: UTC. */
function windowAroundNow(): string {
  const at = (ms: number): string => new Date(Date.now() + ms).toISOString().slice(11, 16);
  return `${at(-30 * MINUTE_MS)}-${at(6 * 60 * MINUTE_MS)}`;
}

describe("the preset generic over three epochs, in both file modes", function () {
  this.timeout(2 * E2E_TIMEOUT_MS);
  let byName: Record<(typeof NAMES)[number], LabStack>;
  let paths: Record<(typeof NAMES)[number], string>;

  const config = (name: string, host: Readonly<Record<string, unknown>>) => ({
    "keyturn:name": name,
    "keyturn:preset": "generic",
    "keyturn:every": "P3M",
    "keyturn:overrides": {
      applicationName: `Service ${name}`,
      permissions: sesar.permissions,
      host: { ...KEYS, ...host },
    },
  });

  before(async () => {
    const content = await LabStack.open({
      lab: {
        now: "2026-11-21T08:00:00Z",
        hosts: [...NAMES],
        timeZone: "UTC",
        reencrypts: false,
        documentsPerSync: 0,
      },
      consumers: { content: "content" },
      config: config("content", { window: "none" }),
    });
    const daily = { window: "daily", windowDaily: windowAroundNow() };
    // A mistake in the text before the value, which the first run finds.
    const edit = await content.beside("edit", {
      consumers: { edit: "edit" },
      config: {
        ...config("edit", {
          fileMode: "edit",
          editBefore: '"Secret": "',
          editAfter: '"',
          ...daily,
        }),
        "keyturn:vaultCreate": false,
      },
    });
    byName = { content, edit };
    const path = async (name: string): Promise<string> =>
      (await content.rehearsal.service(name)).instancePath;
    paths = { content: await path("content"), edit: await path("edit") };
  });
  after(async () => {
    await (byName as typeof byName | undefined)?.content.close();
  });

  const both = <T>(act: (labStack: LabStack, name: string) => Promise<T>): Promise<T[]> =>
    Promise.all(NAMES.map((name) => act(byName[name], name)));
  const up = (): Promise<unknown> => both((labStack) => labStack.up());
  const goTo = (day: string): Promise<void> => byName.content.rehearsal.goTo(day);

  /** Each service itself signs in with its active secret, after so many stops. */
  const assertHeld = (label: string, stops: number): Promise<unknown> =>
    both(async (labStack, name) => {
      const { active } = await labStack.history();
      assert.equal(active?.label, label, name);
      const { syncs } = await labStack.rehearsal.service(name);
      const synced = async (): Promise<boolean> =>
        (await labStack.rehearsal.service(name)).syncs > syncs;
      await until(`a good sync of ${name}`, synced, (2 * MINUTE_MS) / 1000);
      assert.equal(await lastSignIn(labStack), active.keyId, name);
      assert.equal((await labStack.rehearsal.service(name)).stops.length, stops, name);
    });

  const assertAccepted = (...labels: string[]): Promise<unknown> =>
    both(async (labStack, name) => {
      assert.deepEqual(await acceptedFor(labStack, name), labels, name);
    });

  it("refuses to edit a file that does not hold the text before the value, and touches nothing", async () => {
    const file = readFileSync(paths.edit);
    await byName.content.up();
    assert.match(await byName.edit.failingUp(), /keyturn: The host is not ready: .*before/);
    assert.deepEqual(readFileSync(paths.edit), file);
    assert.equal((await byName.edit.rehearsal.service("edit")).stops.length, 0);
  });

  it("begins with the first secret once text and client id are there", async () => {
    const { credentials } = await byName.edit.rehearsal.status();
    const application = credentials.find(({ displayName }) => displayName === "Service edit");
    const file = readFileSync(paths.edit, "utf8");
    const known = `"AzureAD_ClientId": "${application?.clientId ?? ""}"`;
    writeFileSync(paths.edit, file.replace('"AzureAD_ClientId": ""', known));
    byName.edit.set(["keyturn:overrides", "host", "editBefore"], BEFORE_VALUE);
    await byName.edit.up();
    await assertHeld("2026-11", 1);
  });

  it("rotates a month late after a month without a run, and changes nothing else in the file", async () => {
    const withoutValue = (path: string): string[] =>
      readFileSync(path, "utf8").split(/(?<="AzureAD_Secret": ")[^"]*/);
    const before = NAMES.map((name) => withoutValue(paths[name]));
    await goTo("2027-03-04");
    await up();
    await assertHeld("2027-02", 2);
    assert.deepEqual(
      NAMES.map((name) => withoutValue(paths[name])),
      before,
    );
    assert(before.every((parts) => parts.length === 2));
  });

  it("removes the former secret only after the whole overlap from then on", async () => {
    await goTo("2027-03-18");
    await up();
    await assertAccepted("2026-11", "2027-02");
    await goTo("2027-03-19");
    await up();
    await assertAccepted("2026-11", "2027-02");
    await up();
    await assertAccepted("2027-02");
  });

  it("issues no secret for an epoch in which nothing ran, and rotates in the next", async () => {
    await goTo("2027-08-10");
    await up();
    await assertHeld("2027-08", 3);
    await both(async (labStack, name) => {
      const names = (await issuedFor(labStack, name)).map(({ displayName }) => displayName);
      assert.deepEqual(names, [`${name} 2026-11`, `${name} 2027-02`, `${name} 2027-08`]);
    });
  });

  it("has failed no sync, lost no document and leaked no secret", async () => {
    await assertUnharmed("generic", Object.values(byName), NAMES, Object.values(paths));
  });
});
