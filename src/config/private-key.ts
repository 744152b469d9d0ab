// Which private keys the command plugin signs in with, nobody being there to type a passphrase: the others are refused with
// the line that turns them into one, before anything is issued. No sentence holds a character of a key.
import { type KeyObject, createPrivateKey } from "node:crypto";

const PEM = /^-----BEGIN ([A-Z0-9 ]+)-----\r?\n([\s\S]*?)-----END \1-----/m;
const CURVES = ["prime256v1", "secp384r1", "secp521r1"];
const OPENSSH_TYPES = /^(ssh-(ed25519|rsa)|ecdsa-sha2-nistp(256|384|521))$/;
const OPENSSH_MAGIC = "openssh-key-v1\0";
const LENGTH_BYTES = 4;

const MUST = "must be a private key in OpenSSH's or PEM's form, without a passphrase";
const ANOTHER =
  "Make another: ssh-keygen -t ed25519 -f id, and have the host let the user in by id.pub";
const UNREADABLE = `${MUST}, but cannot be read: a part of it is missing or another. Give the file whole`;

/** What is wrong with a key, as the predicate of a sentence; undefined when the plugin can sign in with it. */
export function privateKeyProblem(text: string): string | undefined {
  const [block, label, body] = PEM.exec(text) ?? [];
  if (block === undefined || label === undefined || body === undefined) return noPem(text);
  switch (label) {
    case "OPENSSH PRIVATE KEY":
      return opensshProblem(Buffer.from(body, "base64"));
    case "PRIVATE KEY":
    case "RSA PRIVATE KEY":
    case "EC PRIVATE KEY":
      return /^Proc-Type: *4,ENCRYPTED/m.test(body) ? WITH_PASSPHRASE : pemProblem(block);
    case "ENCRYPTED PRIVATE KEY":
      return `${MUST}, but has one. Take it off a copy: openssl pkcs8 -in id -out id-open`;
    case "DSA PRIVATE KEY":
      return `${MUST}, but is of the type DSA, which SSH servers refuse. ${ANOTHER}`;
    default:
      return `${MUST}, but is a ${label}. ${ANOTHER}`;
  }
}

const WITH_PASSPHRASE = `${MUST}, but has one. Take it off a copy (the new one stays empty): ssh-keygen -p -f id`;

function noPem(text: string): string {
  if (/^\uFEFF-----BEGIN /.test(text)) {
    return `${MUST}, but has a byte order mark before its first line, where nobody looks for a key. Save it without`;
  }
  if (/^PuTTY-User-Key-File/m.test(text)) {
    return `${MUST}, but is in PuTTY's form. Turn it: puttygen id.ppk -O private-openssh -o id`;
  }
  if (/^(ssh|ecdsa|sk)-\S+ AAAA|BEGIN SSH2 PUBLIC KEY/m.test(text)) {
    return `${MUST}, but is a public key. Give the file beside it, without .pub`;
  }
  return /-----BEGIN [A-Z0-9 ]*PRIVATE KEY-----/.test(text) ? UNREADABLE : `${MUST}. ${ANOTHER}`;
}

/** The container says in plain whether it is encrypted, and of what type the key is. */
function opensshProblem(container: Buffer): string | undefined {
  if (!container.toString("latin1").startsWith(OPENSSH_MAGIC)) return UNREADABLE;
  const [cipher, , , publicKey] = fields(container.subarray(OPENSSH_MAGIC.length));
  if (cipher === undefined || publicKey === undefined) return UNREADABLE;
  const type = fields(publicKey)[0]?.toString("latin1") ?? "";
  if (!OPENSSH_TYPES.test(type)) {
    return `${MUST}, of the type ed25519, ecdsa or rsa, but is of another type. ${ANOTHER}`;
  }
  return cipher.toString("latin1") === "none" ? undefined : WITH_PASSPHRASE;
}

/** Cipher, way to its key, what that needs, and the public key; a number is between the last two. */
function fields(bytes: Buffer): Buffer[] {
  const found: Buffer[] = [];
  let rest = bytes;
  while (rest.length >= LENGTH_BYTES) {
    const length = rest.readUInt32BE();
    if (rest.length < LENGTH_BYTES + length) break;
    found.push(rest.subarray(LENGTH_BYTES, LENGTH_BYTES + length));
    const next = LENGTH_BYTES + length + (found.length === 3 ? LENGTH_BYTES : 0);
    rest = rest.subarray(next);
  }
  return found;
}

function pemProblem(block: string): string | undefined {
  let key: KeyObject;
  try {
    key = createPrivateKey(block);
  } catch {
    return UNREADABLE;
  }
  const { asymmetricKeyType: type, asymmetricKeyDetails: details } = key;
  const known =
    type === "rsa" ||
    type === "ed25519" ||
    (type === "ec" && CURVES.includes(details?.namedCurve ?? ""));
  if (known) return undefined;
  return `${MUST}, of the type ed25519, ecdsa or rsa, but is of another type. ${ANOTHER}`;
}
