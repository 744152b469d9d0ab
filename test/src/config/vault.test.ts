// The config of a vault's tags and network rules: what Azure takes, and what is refused before Azure is asked.
import assert from "node:assert/strict";
import { vaultNetworkSchema, vaultTagsSchema } from "../../../src/config/vault";

const SUBNET =
  "/subscriptions/11111111-1111-4111-8111-111111111111/resourceGroups/net/providers/Microsoft.Network/virtualNetworks/hub/subnets/runners";
const told = (result: { error?: { issues: readonly { message: string }[] } | undefined }): string =>
  (result.error?.issues ?? []).map(({ message }) => message).join("; ");

describe("vaultNetwork", () => {
  for (const given of [
    {},
    { addresses: ["203.0.113.7", "198.51.100.0/24", "172.32.0.1"] },
    { subnetIds: [SUBNET], publicAccess: false },
  ]) {
    it(`takes ${JSON.stringify(given)}`, () => {
      assert.equal(told(vaultNetworkSchema.safeParse(given)), "");
    });
  }

  for (const [given, rule] of [
    [{ addresses: ["10.1.2.3"] }, /must be public/],
    [{ addresses: ["172.16.0.0/12"] }, /must be public/],
    [{ addresses: ["192.168.1.0/24"] }, /must be public/],
    [{ addresses: ["256.1.1.1"] }, /public IPv4 address/],
    [{ addresses: ["203.0.113.0/33"] }, /public IPv4 address/],
    [{ addresses: ["::1"] }, /public IPv4 address/],
    [{ subnetIds: ["runners"] }, /resource id of a subnet/],
    [{ publicAccess: "no" }, /true or false/],
    [{ adresses: [] }, /adresses/],
  ] as const) {
    it(`refuses ${JSON.stringify(given)}`, () => {
      assert.match(told(vaultNetworkSchema.safeParse(given)), rule);
    });
  }
});

describe("vaultTags", () => {
  const many = (count: number): Record<string, string> =>
    Object.fromEntries(Array.from({ length: count }, (_, at) => [`tag${at}`, "x"]));

  it("takes as many as Azure does", () => {
    assert.equal(told(vaultTagsSchema.safeParse(many(50))), "");
  });

  it("refuses more, names that Azure refuses, and values that are long or no text", () => {
    assert.match(told(vaultTagsSchema.safeParse(many(51))), /at most 50/);
    assert.match(told(vaultTagsSchema.safeParse({ "a/b": "x" })), /./);
    assert.match(told(vaultTagsSchema.safeParse({ a: "x".repeat(257) })), /at most 256/);
    assert.match(told(vaultTagsSchema.safeParse({ a: 7 })), /must be texts/);
  });
});
