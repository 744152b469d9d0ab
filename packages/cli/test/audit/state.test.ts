// An exported state as the rules see it: whole, but for what is secret.
import assert from "node:assert/strict";
import { readState } from "../../audit/state";
import { UsageError } from "../../usage-error";
import { evaluate } from "../../../../policy/evaluate";

const secret = {
  "4dabf18193072939515e22adb298388d": "1b47061264138c4ac30d75fd1eb44270",
  ciphertext: "v1:abc:def",
};
const PASSWORD = "urn:pulumi:dev::old::azuread:index/applicationPassword:ApplicationPassword::pw";
const SECRET = "urn:pulumi:dev::old::azure-native:keyvault:Secret::kv";
const resources = [
  { urn: "urn:pulumi:dev::old::pulumi:pulumi:Stack::old-dev", type: "pulumi:pulumi:Stack" },
  {
    urn: PASSWORD,
    type: "azuread:index/applicationPassword:ApplicationPassword",
    inputs: { applicationId: "/applications/a", endDate: "2099-01-01T00:00:00Z" },
    outputs: {
      keyId: "key-1",
      startDate: "2026-01-01T00:00:00Z",
      endDate: "2099-01-01T00:00:00Z",
      value: secret,
    },
  },
  {
    urn: SECRET,
    type: "azure-native:keyvault:Secret",
    inputs: { properties: { value: secret, attributes: { expires: 4_000_000_000 } } },
    outputs: { properties: { attributes: { expires: 4_000_000_000 } } },
    propertyDependencies: { properties: [PASSWORD], tags: null },
  },
  {
    urn: "urn:pulumi:dev::old::command:remote:Command::run",
    type: "command:remote:Command",
    inputs: { connection: secret, create: "sh run.sh" },
  },
  {
    urn: `${PASSWORD}-former`,
    type: "azuread:index/applicationPassword:ApplicationPassword",
    inputs: {},
    delete: true,
  },
];
const exported = (all: readonly object[] = resources): string =>
  JSON.stringify({ version: 3, deployment: { resources: all } });

describe("the audit of a state", () => {
  it("finds what the rules find in inputs, in outputs and between resources", () => {
    const found = evaluate(readState(exported())).filter(({ kind }) => kind === "violation");
    assert.deepEqual(
      found.map(({ rule, urn }) => `${rule} ${urn === PASSWORD ? "pw" : "kv"}`),
      [
        "passwordLifetimeAtMost pw",
        "secretExpiryMatchesPassword kv",
        "secretHasContentType kv",
        "secretHasRotationTags kv",
      ],
    );
  });

  it("says what is encrypted, and does not take it for absent", () => {
    const notes = evaluate(readState(exported())).filter(({ kind }) => kind === "note");
    assert.deepEqual(
      notes.map(({ rule, level }) => [rule, level]),
      [["remoteCommandHasHostKey", "advisory"]],
    );
    assert.match(notes[0]?.message ?? "", /connection is encrypted in this state/);
  });

  it("shows a rule no ciphertext", () => {
    assert(
      !JSON.stringify(readState(exported()).map(({ props, outputs }) => [props, outputs])).includes(
        "v1:abc",
      ),
    );
  });

  it("leaves out what is about to be deleted", () => {
    assert.equal(readState(exported()).length, resources.length - 1);
  });

  it("takes a stack without resources", () => {
    assert.deepEqual(readState(JSON.stringify({ deployment: {} })), []);
  });

  for (const text of ["{", "[]", '{"deployment":{"resources":[{"urn":"x","type":"y"}]}}']) {
    it(`refuses ${text}, which is no exported state`, () => {
      assert.throws(() => readState(text), UsageError);
    });
  }
});
