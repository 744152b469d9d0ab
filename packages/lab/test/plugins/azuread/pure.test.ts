// The decisions without a wire: what differs, what is planned, how long to wait, who goes first.
import assert from "node:assert/strict";

import fc from "fast-check";

import { waitUntilSeen, paceOf, DEFAULT_PACE } from "../../../plugins/azuread/consistency";
import { diff } from "../../../plugins/azuread/diff";
import { Locks } from "../../../plugins/azuread/locks";
import { plan } from "../../../plugins/azuread/plan";
import { APPLICATION_FIELDS } from "../../../plugins/azuread/resources/application-fields";
import { GROUP_FIELDS } from "../../../plugins/azuread/resources/group-fields";
import { type Field, type Fields, isInput } from "../../../plugins/azuread/schema";
import { UNKNOWN, type Properties, type PropertyValue } from "../../../plugins/provider/values";

/** Any inputs that fit a description. */
function inputsFor(fields: Fields): fc.Arbitrary<Properties> {
  const inputs = Object.entries(fields).filter(([, field]) => isInput(field));
  const arbitraries = Object.fromEntries(inputs.map(([name, field]) => [name, valueFor(field)]));
  return fc.record(arbitraries, { requiredKeys: [] }) as fc.Arbitrary<Properties>;
}

function valueFor(field: Field): fc.Arbitrary<PropertyValue> {
  switch (field.kind) {
    case "bool":
      return fc.boolean();
    case "int":
      return fc.integer();
    case "string":
      return fc.string();
    case "map":
      return fc.dictionary(fc.string(), fc.string());
    case "list":
      return fc.array(fc.string(), { maxLength: 3 });
    case "set":
      return fc.uniqueArray(fc.string(), { maxLength: 3 });
    case "block":
      return inputsFor(field.fields);
    case "blocks":
      return fc.array(inputsFor(field.fields), { maxLength: 2 });
  }
}

/** A state that Entra left empty where a plan says unknown. */
const known = (planned: Properties) =>
  JSON.parse(JSON.stringify(planned).replaceAll(`"${UNKNOWN}"`, "null")) as Properties;
import { readSettings } from "../../../plugins/azuread/settings";
import { SECRET_SIGNATURE, SIGNATURE_KEY } from "../../../plugins/provider/values";

describe("the azuread stand-in's settings", () => {
  it("take what the stack's config has encrypted before the environment", () => {
    const secret = (value: string) => ({ [SIGNATURE_KEY]: SECRET_SIGNATURE, value });
    const environment = {
      ARM_METADATA_HOSTNAME: "localhost",
      ARM_TENANT_ID: "tenant",
      ARM_CLIENT_ID: "of-the-environment",
      ARM_CLIENT_SECRET: "of-the-environment",
    };
    const args = { clientId: secret("of-the-config"), clientSecret: secret("of-the-config") };
    const { clientId, credential } = readSettings(args, environment);
    assert.deepEqual([clientId, credential.clientSecret], ["of-the-config", "of-the-config"]);
  });
});

describe("diff", () => {
  for (const [name, fields] of Object.entries({ APPLICATION_FIELDS, GROUP_FIELDS })) {
    it(`finds no change between a state and the inputs that made it, for ${name}`, () => {
      fc.assert(
        fc.property(inputsFor(fields), (inputs) => {
          assert.equal(diff(fields, known(plan(fields, inputs)), inputs).changes, "NONE");
        }),
        { numRuns: 200 },
      );
    });
  }

  const accesses = (...ids: readonly string[]): Properties => ({
    displayName: "T",
    requiredResourceAccesses: [
      { resourceAppId: "api", resourceAccesses: ids.map((id) => ({ id, type: "Role" })) },
    ],
  });
  const detail = (olds: Properties, news: Properties) =>
    diff(APPLICATION_FIELDS, olds, news).detailed;

  it("points at the one permission that is added, changed or removed", () => {
    const path = "requiredResourceAccesses[0].resourceAccesses[1]";
    assert.deepEqual(detail(accesses("a"), accesses("a", "b")), { [path]: "ADD" });
    assert.deepEqual(detail(accesses("a", "b"), accesses("a")), { [path]: "DELETE" });
    assert.deepEqual(detail(accesses("a", "b"), accesses("a", "c")), { [`${path}.id`]: "UPDATE" });
  });

  it("sees no change in a set that was given in another order", () => {
    const olds = { displayName: "T", identifierUris: ["a", "b"] };
    assert.deepEqual(detail(olds, { displayName: "T", identifierUris: ["b", "a"] }), {});
  });

  it("sees that an input which is no longer given goes away, and keeps what Entra computes", () => {
    const olds = { displayName: "T", description: "d", tags: ["a"] };
    assert.deepEqual(detail(olds, { displayName: "T" }), { description: "DELETE" });
  });

  it("names every property that can only be replaced, and has not changed, as stable", () => {
    const olds = { displayName: "G", mailNickname: "g" };
    const { stables, replaces, detailed } = diff(GROUP_FIELDS, olds, {
      displayName: "G",
      mailNickname: "h",
    });
    assert.deepEqual(stables, ["assignableToRole", "behaviors", "provisioningOptions", "types"]);
    assert.deepEqual(replaces, ["mailNickname"]);
    assert.deepEqual(detailed, { mailNickname: "UPDATE_REPLACE" });
  });
});

describe("waitUntilSeen", () => {
  const wait = (looks: readonly boolean[], more: { pace?: number; deadline?: number } = {}) => {
    let index = 0;
    const at: number[] = [];
    const done = waitUntilSeen({
      look: () => {
        at.push(Date.now());
        return Promise.resolve(looks[Math.min(index++, looks.length - 1)] ?? false);
      },
      intervalSeconds: 5,
      pace: 0,
      deadline: Date.now() + 10_000,
      signal: new AbortController().signal,
      target: "Done",
      ...more,
    });
    return done.then(() => at);
  };

  it("returns when the state was seen five times in a row", async () => {
    assert.equal((await wait([true])).length, 5);
  });

  it("starts to count again after a miss", async () => {
    assert.equal((await wait([true, true, true, true, false, true])).length, 10);
  });

  it("looks at once, and then at the paced interval", async () => {
    const at = await wait([true], { pace: 0.01 });
    const elapsed = (at.at(-1) ?? 0) - (at[0] ?? 0);
    assert.ok(elapsed >= 4 * 50 - 5 && elapsed < 2000, `${elapsed} ms`);
  });

  it("gives up at the deadline, in the vendor's words", async () => {
    await assert.rejects(
      wait([false], { pace: 1, deadline: Date.now() + 1000 }),
      /timeout while waiting for state to become 'Done' \(last state: 'Waiting', timeout: 1s\)/,
    );
  });
});

describe("paceOf", () => {
  it("takes the pace from the environment, and refuses what is no number", () => {
    assert.equal(paceOf({}), DEFAULT_PACE);
    assert.equal(paceOf({ KEYTURN_LAB_PACE: "1" }), 1);
    assert.throws(() => paceOf({ KEYTURN_LAB_PACE: "fast" }), /must be a number of at least 0/);
  });
});

describe("Locks", () => {
  it("lets the next one in after the one before has failed", async () => {
    const locks = new Locks();
    const order: string[] = [];
    const failing = locks.hold("a", () => {
      order.push("first");
      return Promise.reject(new Error("no"));
    });
    const next = locks.hold("a", () => Promise.resolve(order.push("second")));
    const other = locks.hold("b", () => Promise.resolve(order.push("other")));
    await assert.rejects(failing, /no/);
    await Promise.all([next, other]);
    assert.deepEqual(order.sort(), ["first", "other", "second"]);
    assert.ok(order.indexOf("first") < order.indexOf("second"));
  });
});
