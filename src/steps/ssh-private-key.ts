// A private key as the SSH library reads it. It does not know PKCS#8 ("BEGIN PRIVATE KEY"), which the command plugin takes, so
// that such a key is given to it in the form of its type.
import { type KeyObject, createPrivateKey } from "node:crypto";

const PKCS8 = /^-----BEGIN PRIVATE KEY-----$/m;
const BLOCK_BYTES = 8;
const LINE_CHARACTERS = 70;

/** The same key in a form that the library reads; any other text as it is. */
export function readableKey(text: string): string {
  if (!PKCS8.test(text.replaceAll("\r", ""))) return text;
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
