// Which host keys the command plugin can hold a host to: it offers a host the one algorithm of the key's own name, which for
// an RSA key is SHA-1, and OpenSSH has refused that since 8.8.

/** A public key's whole length by its type: the type's name and the point, each with its length before it. */
const BYTES: Readonly<Record<string, number>> = {
  "ssh-ed25519": 51,
  "ecdsa-sha2-nistp256": 104,
  "ecdsa-sha2-nistp384": 136,
  "ecdsa-sha2-nistp521": 172,
};
const LENGTH_BYTES = 4;
const LINE = /^(\S+) +([A-Za-z0-9+/]+=*)( .*)?$/;
const KNOWN_HOST = /^\S+ +(ssh-|ecdsa-|sk-)\S+ +AAAA/;

const MUST =
  "must be one public key line of the host, of the type ssh-ed25519 or ecdsa-sha2-nistp256, 384 or 521";
const TAKE =
  "Every OpenSSH has another: give the line of ssh_host_ed25519_key.pub, in /etc/ssh or on Windows in C:\\ProgramData\\ssh";

/** What is wrong with a host key's line, as the predicate of a sentence; undefined when the plugin can hold a host to it. */
export function hostKeyProblem(line: string): string | undefined {
  const [, type = "", key = ""] = LINE.exec(line) ?? [];
  const length = Object.hasOwn(BYTES, type) ? BYTES[type] : undefined;
  if (length !== undefined) {
    const bytes = Buffer.from(key, "base64");
    const name = bytes.subarray(LENGTH_BYTES, LENGTH_BYTES + type.length).toString("latin1");
    if (bytes.length === length && bytes.readUInt32BE() === type.length && name === type) return;
    return `${MUST}, but is not whole, or another key than it says. Give the line as it stands on the host`;
  }
  if (KNOWN_HOST.test(line)) return `${MUST}, without the host's name before it. Take that away`;
  if (/^(ssh-rsa|rsa-sha2-(256|512)) /.test(line)) {
    return `${MUST}: of an RSA key the command plugin offers SHA-1 only, which OpenSSH refuses since 8.8. ${TAKE}`;
  }
  return `${MUST}. ${TAKE}`;
}
