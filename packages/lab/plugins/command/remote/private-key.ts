// The private key of a connection, as the vendor's plugin reads it: OpenSSH's and PEM's forms, PKCS#8 among them, which the SSH
// library here does not know; and not PuTTY's, which it does. Texts are those of the vendor's plugin.
import { type KeyObject, createPrivateKey } from "node:crypto";

import { utils } from "ssh2";
import type { ParsedKey } from "ssh2";

import { ProviderError } from "../../provider/errors";

const PEM = /^-----BEGIN ([^-]+)-----\r?$/m;
const BLOCK_BYTES = 8;
const LINE_CHARACTERS = 70;

export function parsePrivateKey(text: string, password: string | undefined): ParsedKey {
  const label = PEM.exec(text)?.[1];
  if (label === undefined) throw new ProviderError("ssh: no key found");
  if (label === "ENCRYPTED PRIVATE KEY") {
    throw new ProviderError(`ssh: unsupported key type "${label}"`);
  }
  const key = utils.parseKey(label === "PRIVATE KEY" ? readable(text) : text, password);
  if (!(key instanceof Error)) return key;
  if (/no passphrase/i.test(key.message)) {
    throw new ProviderError("ssh: this private key is passphrase protected");
  }
  if (/bad passphrase|decrypt|integrity/i.test(key.message)) {
    throw new ProviderError("x509: decryption password incorrect");
  }
  throw new ProviderError("ssh: no key found");
}

/** A key in PKCS#8 in the form of its type, which the library reads; any other text as it is. */
function readable(text: string): string {
  try {
    return rewritten(createPrivateKey(text)) ?? text;
  } catch {
    return text;
  }
}

function rewritten(key: KeyObject): string | undefined {
  const { asymmetricKeyType: type } = key;
  if (type === "rsa") return String(key.export({ type: "pkcs1", format: "pem" }));
  if (type === "ec") return String(key.export({ type: "sec1", format: "pem" }));
  return type === "ed25519" ? opensshKey(key) : undefined;
}

/** OpenSSH's container of one key that is not encrypted (PROTOCOL.key). */
function opensshKey(key: KeyObject): string {
  const { d = "", x = "" } = key.export({ format: "jwk" });
  const [seed, point] = [Buffer.from(d, "base64url"), Buffer.from(x, "base64url")];
  const type = field("ssh-ed25519");
  // Twice the same number: whoever decrypts sees by it that the passphrase was right.
  const check = Buffer.alloc(BLOCK_BYTES);
  const pair = [check, type, field(point), field(Buffer.concat([seed, point])), field("")];
  const length = Buffer.concat(pair).length;
  const padding = Buffer.from(
    Array.from({ length: (BLOCK_BYTES - (length % BLOCK_BYTES)) % BLOCK_BYTES }, (_, at) => at + 1),
  );
  const container = Buffer.concat([
    Buffer.from("openssh-key-v1\0"),
    ...["none", "none", ""].map(field),
    Buffer.from([0, 0, 0, 1]),
    field(Buffer.concat([type, field(point)])),
    field(Buffer.concat([...pair, padding])),
  ]);
  const lines = container.toString("base64").match(new RegExp(`.{1,${LINE_CHARACTERS}}`, "g"));
  const label = "OPENSSH PRIVATE KEY";
  return [`-----BEGIN ${label}-----`, ...(lines ?? []), `-----END ${label}-----`, ""].join("\n");
}

function field(value: Buffer | string): Buffer {
  const bytes = Buffer.from(value);
  const length = Buffer.alloc(4);
  length.writeUInt32BE(bytes.length);
  return Buffer.concat([length, bytes]);
}
