// The host's SSH keys: made anew at each start, ed25519, kept in memory only.
import { utils } from "ssh2";

export interface KeyPair {
  /** OpenSSH private key text. */
  readonly privateKeyPem: string;
  /** One line as in authorized_keys: algorithm, base64, without a comment. */
  readonly publicKeyLine: string;
}

/** Makes an ed25519 key pair in OpenSSH's formats; about one in three hundred of ssh2 1.17's cannot be read back. */
export function createKeyPair(): KeyPair {
  for (;;) {
    const pair = utils.generateKeyPairSync("ed25519");
    const [algorithm = "", base64 = ""] = pair.public.split(" ");
    const made = { privateKeyPem: pair.private, publicKeyLine: `${algorithm} ${base64}` };
    const unreadable = Object.values(made).some((text) => utils.parseKey(text) instanceof Error);
    if (!unreadable) return made;
  }
}
