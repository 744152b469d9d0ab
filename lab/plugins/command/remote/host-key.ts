// The one host key that a connection accepts, given as a line of `authorized_keys`.
// Only algorithms of that key's type are offered to the host.
import { utils } from "ssh2";
import type { ParsedKey, ServerHostKeyAlgorithm } from "ssh2";

import { ProviderError } from "../../provider/errors";

const RSA_ALGORITHMS: readonly ServerHostKeyAlgorithm[] = [
  "rsa-sha2-512",
  "rsa-sha2-256",
  "ssh-rsa",
];

export class HostKey {
  private constructor(private readonly key: ParsedKey) {}

  static parse(text: string): HostKey {
    const key = utils.parseKey(text);
    if (key instanceof Error)
      throw new ProviderError("failed to parse host key: ssh: no key found");
    return new HostKey(key);
  }

  get algorithms(): ServerHostKeyAlgorithm[] {
    return this.key.type === "ssh-rsa" ? [...RSA_ALGORITHMS] : [this.key.type];
  }

  accepts(offered: Buffer): boolean {
    return this.key.getPublicSSH().equals(offered);
  }
}
