// Addresses and CIDR ranges, IPv4 and IPv6, as Node.js compares them: which address is in which list, and which lists share one.
import { BlockList, isIP } from "node:net";

/** An address as it is compared and told: IPv4 in IPv6's clothes is IPv4. */
export function plainAddress(address: string): string {
  return address.toLowerCase().replace(/^::ffff:(?=\d+\.)/, "");
}

/** Whether a text is one IPv4 or IPv6 address, without the zone of a machine's own network. */
export function isAddress(text: string): boolean {
  return isIP(text) !== 0 && !text.includes("%");
}

/** Whether an address is one of a list of addresses and CIDR ranges. What is no address is one of those that are written like it. */
export function isOneOf(list: readonly string[]): (address: string) => boolean {
  const block = new BlockList();
  for (const entry of list) {
    const [address = "", prefix] = parts(entry);
    if (isIP(address) === 0) continue;
    if (prefix === undefined) block.addAddress(address, family(address));
    else block.addSubnet(address, Number(prefix), family(address));
  }
  const written = new Set(list.map(plainAddress));
  return (given) => {
    const address = plainAddress(given);
    return written.has(address) || (isIP(address) !== 0 && block.check(address, family(address)));
  };
}

/** Whether an address is in both lists: of two ranges that meet, one holds the other whole. */
export function addressesMeet(one: readonly string[], other: readonly string[]): boolean {
  const first = ([address = ""]: readonly string[]): string => address;
  const inOne = isOneOf(one);
  const inOther = isOneOf(other);
  return (
    one.some((entry) => inOther(first(parts(entry)))) ||
    other.some((entry) => inOne(first(parts(entry))))
  );
}

function parts(entry: string): string[] {
  return plainAddress(entry).split("/");
}

function family(address: string): "ipv4" | "ipv6" {
  return isIP(address) === 4 ? "ipv4" : "ipv6";
}
