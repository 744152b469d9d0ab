// Which address is in which list of addresses and ranges, as tables.
import assert from "node:assert/strict";
import { addressesMeet, isAddress, isOneOf } from "../../src/addresses";

describe("isOneOf", () => {
  const rows: [address: string, list: readonly string[], inside: boolean][] = [
    ["203.0.113.7", ["203.0.113.7"], true],
    ["203.0.113.8", ["203.0.113.7"], false],
    ["203.0.113.8", ["203.0.113.7", "203.0.113.8"], true],
    ["203.0.113.8", [], false],
    ["203.0.113.255", ["203.0.113.0/24"], true],
    ["203.0.114.0", ["203.0.113.0/24"], false],
    ["203.0.113.9", ["203.0.113.7/24"], true],
    ["2001:db8::1", ["2001:db8:0:0:0:0:0:1"], true],
    ["2001:DB8::A", ["2001:db8::a"], true],
    ["2001:db8:0:1::5", ["2001:db8::/48"], true],
    ["2001:db8:1::5", ["2001:db8::/48"], false],
    ["::ffff:203.0.113.7", ["203.0.113.0/24"], true],
    ["203.0.113.7", ["::ffff:203.0.113.7"], true],
    ["203.0.113.7", ["2001:db8::/32"], false],
    ["", ["203.0.113.7"], false],
    ["", ["0.0.0.0/1"], false],
    ["an address that is none", ["203.0.113.0/24"], false],
  ];
  for (const [address, list, inside] of rows) {
    const told = `${address || "nothing"} ${inside ? "in" : "outside"} ${list.join(", ") || "an empty list"}`;
    it(`finds ${told}`, () => assert.equal(isOneOf(list)(address), inside));
  }
});

describe("addressesMeet", () => {
  const rows: [one: readonly string[], other: readonly string[], meet: boolean][] = [
    [["203.0.113.7"], ["203.0.113.8"], false],
    [["203.0.113.7"], ["203.0.113.7"], true],
    [["203.0.113.7"], ["203.0.113.0/24"], true],
    [["203.0.113.0/24"], ["203.0.113.7"], true],
    [["203.0.112.0/23"], ["203.0.113.128/25"], true],
    [["203.0.113.0/25"], ["203.0.113.128/25"], false],
    [["198.51.100.1", "203.0.113.0/25"], ["2001:db8::1", "203.0.113.1"], true],
    [["2001:db8::/32"], ["2001:db8:5::/48"], true],
    [["2001:db8::/32"], ["203.0.113.7"], false],
    [[], ["203.0.113.7"], false],
  ];
  for (const [one, other, meet] of rows) {
    it(`${meet ? "finds" : "does not find"} an address that ${one.join(", ") || "an empty list"} and ${other.join(", ")} share`, () => {
      assert.equal(addressesMeet(one, other), meet);
      assert.equal(addressesMeet(other, one), meet);
    });
  }
});

describe("isAddress", () => {
  const rows: [text: string, is: boolean][] = [
    ["203.0.113.7", true],
    ["2001:db8::1", true],
    ["fe80::1%eth0", false],
    ["203.0.113.0/24", false],
    ["an address that is none", false],
    ["", false],
  ];
  for (const [text, is] of rows) {
    it(`takes ${text || "nothing"} for ${is ? "one" : "none"}`, () =>
      assert.equal(isAddress(text), is));
  }
});
