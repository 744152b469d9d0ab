// The host's SSH keys: made anew at each start, ed25519, kept in memory only.
import { utils } from "ssh2";

export interface KeyPair {
  /** OpenSSH private key text. */
  readonly privateKeyPem: string;
  /** One line as in authorized_keys: algorithm, base64, without a comment. */
  readonly publicKeyLine: string;
}

/** Makes an ed25519 key pair in OpenSSH's formats. */
export function createKeyPair(): KeyPair {
  // ssh2 1.17 writes a few pairs in a thousand so that it cannot read them back.
  let pair = utils.generateKeyPairSync("ed25519");
  while (!isReadable(pair.private) || !isReadable(pair.public)) {
    pair = utils.generateKeyPairSync("ed25519");
  }
  const [algorithm = "", base64 = ""] = pair.public.split(" ");
  return { privateKeyPem: pair.private, publicKeyLine: `${algorithm} ${base64}` };
}

function isReadable(key: string): boolean {
  return !(utils.parseKey(key) instanceof Error);
}
