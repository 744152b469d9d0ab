// The one host key that a connection accepts, given as a line of `authorized_keys`.
// Only the algorithm of that key's own name is offered to the host.
import { utils } from "ssh2";
import type { ParsedKey, ServerHostKeyAlgorithm } from "ssh2";

import { ProviderError } from "../../provider/errors";

export class HostKey {
  private constructor(private readonly key: ParsedKey) {}

  static parse(text: string): HostKey {
    const key = utils.parseKey(text);
    if (key instanceof Error)
      throw new ProviderError("failed to parse host key: ssh: no key found");
    return new HostKey(key);
  }

  /** The vendor's plugin offers the type's own name only: for an RSA key that is SHA-1, which OpenSSH refuses since 8.8. */
  get algorithms(): ServerHostKeyAlgorithm[] {
    return [this.key.type];
  }

  accepts(offered: Buffer): boolean {
    return this.key.getPublicSSH().equals(offered);
  }
}
