// A credential in a program of one's own, under mocks: what it takes from the program and from the config, and several in
// one program. That Keyturn's own program declares what it always did is test/program's.
import assert from "node:assert/strict";
import * as pulumi from "@pulumi/pulumi";
import { RotatedClientSecret, type RotatedClientSecretArgs } from "../../components";
import { firstAdopted } from "../src/decide/fixtures";
import {
  type Before,
  CLIENT,
  PROGRAM_CONFIG,
  type Registered,
  VALUE,
  keyIdOf,
  ofType,
  record,
  report,
  valueOf,
} from "../helpers/pulumi-mocks";

const PASSWORD = "azuread:index/applicationPassword:ApplicationPassword";
const APPLICATION = "azuread:index/application:Application";
const ASSISTED: RotatedClientSecretArgs = { preset: "ci-sync", consumers: [{ name: "agent" }] };

/** The passwords that a program declares, by display name. */
const passwords = (registered: readonly Registered[]): unknown[] =>
  ofType(registered, PASSWORD).map(({ inputs }) => inputs["displayName"]);

/** Begins a run whose config is said by full key. */
function begin(config: Readonly<Record<string, string>>, before: Before = {}): Registered[] {
  const registered = record((stdin) => report(stdin, "updated"), before);
  pulumi.runtime.setAllConfig({ ...config });
  return registered;
}

const inNamespace = (namespace: string, values: Readonly<Record<string, string>>) =>
  Object.fromEntries(Object.entries(values).map(([key, value]) => [`${namespace}:${key}`, value]));

const settled = (outputs: Promise<object>): Promise<Record<string, unknown>> =>
  outputs.then((values) => valueOf(pulumi.output(values))) as Promise<Record<string, unknown>>;

describe("RotatedClientSecret", () => {
  it("takes from the program what it says, from the config what it does not, and of both the program's", async () => {
    const registered = begin(inNamespace("keyturn", { ...PROGRAM_CONFIG, overlap: "P120D" }));
    const mail = new RotatedClientSecret("mail", { ...ASSISTED, overlap: "P7D" });
    const outputs = await settled(mail.outputs);
    assert.deepEqual(passwords(registered), ["mail 2000-01"]);
    assert.equal(outputs["nextRotation"], "2100-01-01");
    assert.equal(await valueOf(mail.clientId), CLIENT);
    assert.equal(await valueOf(mail.nextRotation), "2100-01-01");
  });

  it("refuses an argument that is none, where its default would stand in without a word", async () => {
    begin(inNamespace("keyturn", PROGRAM_CONFIG));
    const misspelt = { ...ASSISTED, overlpa: "P7D" };
    const { outputs } = new RotatedClientSecret("mail", misspelt);
    await assert.rejects(outputs, /1 problem\.\n- overlpa is no argument of a credential/);
  });

  it("leaves alone an application of the stack that is another's", async () => {
    const outputs = { clientId: "99999999-2222-4333-8444-555555555555", displayName: "Payroll" };
    const state = {
      [`urn:pulumi:test::keyturn::${APPLICATION}::payroll`]: { type: APPLICATION, outputs },
    };
    begin(inNamespace("keyturn", PROGRAM_CONFIG), { state, tokenError: "no identity here" });
    const mail = new RotatedClientSecret("mail", ASSISTED);
    assert(!JSON.stringify(await settled(mail.outputs)).includes(outputs.clientId));
  });

  it("beside others has its own config and plans from its own outputs", async () => {
    const label = "1999-01";
    const active = { ...firstAdopted.active, label, start: "1999-01-01", keyId: keyIdOf(label) };
    const issued = {
      displayName: `mail ${label}`,
      endDate: "2101-01-01T00:00:00Z",
      keyId: keyIdOf(label),
    };
    const before: Before = {
      outputs: { mail: { history: { ...firstAdopted, active } } },
      state: { "urn:a": { type: PASSWORD, outputs: { ...issued, value: VALUE } } },
    };
    const config = {
      ...inNamespace("mail", PROGRAM_CONFIG),
      ...inNamespace("scan", { ...PROGRAM_CONFIG, anchor: "2001-01-01" }),
    };
    const registered = begin(config, before);
    const all = ["mail", "scan"].map(
      (name) => new RotatedClientSecret(name, { ...ASSISTED, besideOthers: true }),
    );
    const [mail, scan] = await Promise.all(all.map((one) => settled(one.outputs)));
    assert.deepEqual(passwords(registered).toSorted(), [
      "mail 1999-01",
      "mail 2000-01",
      "scan 2001-01",
    ]);
    assert.match(String(mail?.["reason"]), /^mail: .*1999-01/);
    assert.match(String(scan?.["reason"]), /^scan: 2001-01/);
    const names = registered.map(({ type, name }) => `${type} ${name}`);
    assert.equal(new Set(names).size, names.length, names.join("\n"));
  });
});
