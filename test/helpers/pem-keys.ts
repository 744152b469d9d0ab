// Private keys of every type and PEM form that the command plugin takes, made anew.
import { type KeyObject, generateKeyPairSync } from "node:crypto";

/** One key in one form. */
export interface PemKey {
  readonly what: string;
  readonly text: string;
  readonly publicKey: KeyObject;
}

export function pemKeys(): PemKey[] {
  const pairs = {
    rsa: generateKeyPairSync("rsa", { modulusLength: 2048 }),
    "ecdsa-256": generateKeyPairSync("ec", { namedCurve: "P-256" }),
    "ecdsa-384": generateKeyPairSync("ec", { namedCurve: "P-384" }),
    "ecdsa-521": generateKeyPairSync("ec", { namedCurve: "P-521" }),
    ed25519: generateKeyPairSync("ed25519"),
  };
  return Object.entries(pairs).flatMap(([type, { privateKey, publicKey }]) => {
    const forms = ["pkcs8", ...(type === "rsa" ? ["pkcs1"] : type === "ed25519" ? [] : ["sec1"])];
    return forms.map((form) => ({
      what: `${type} as ${form}`,
      text: String(privateKey.export({ type: form as "pkcs8", format: "pem" })),
      publicKey,
    }));
  });
}
