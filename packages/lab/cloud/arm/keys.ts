// Microsoft.KeyVault/vaults/keys: keys over the control plane, which makes the first version of a key and never another. There is
// no key material and no data plane of keys in the lab: nothing can be encrypted with one.
import { randomBytes } from "node:crypto";
import { z } from "zod";
import { vaultUri } from "../vault/server";
import { vaultId, type Vault } from "../vault/store";
import { readBody, Tags } from "./body";
import { badRequest, resourceNotFound } from "./errors";
import type { Key } from "./key-store";
import { ok, type ArmAnswer, type ArmCall, type ArmRoute } from "./router";
import { requiredVault, VAULTS_PATH } from "./vaults";

const TYPE = "Microsoft.KeyVault/vaults/keys";
const shared = { type: TYPE, path: `${VAULTS_PATH}/{vault}/keys/{key}` } as const;
const NAME = /^[0-9a-zA-Z-]{1,127}$/;
const OPERATIONS = ["encrypt", "decrypt", "sign", "verify", "wrapKey", "unwrapKey"] as const;

const Body = z.strictObject({
  tags: Tags.nullish(),
  properties: z.strictObject({
    kty: z.literal("RSA"),
    keySize: z.union([z.literal(2048), z.literal(3072), z.literal(4096)]).optional(),
    keyOps: z.array(z.enum(OPERATIONS)).optional(),
    attributes: z
      .strictObject({
        enabled: z.boolean().optional(),
        exp: z.int().nonnegative().optional(),
        nbf: z.int().nonnegative().optional(),
      })
      .optional(),
  }),
});

export const keyRoutes: readonly ArmRoute[] = [
  { ...shared, method: "PUT", action: `${TYPE}/write`, run: put },
  {
    ...shared,
    method: "GET",
    action: `${TYPE}/read`,
    run: (call) => {
      const vault = requiredVault(call);
      const name = call.params["key"] ?? "";
      const found = call.resources.keys.of(vault).get(name.toLowerCase());
      if (found !== undefined) return ok(answer(call, vault, found));
      throw resourceNotFound(
        "Microsoft.KeyVault/vaults",
        `${vault.name}/keys/${name}`,
        vault.resourceGroup,
      );
    },
  },
];

/** A key that exists is answered as it is, whatever the body says. */
function put(call: ArmCall): ArmAnswer {
  const vault = requiredVault(call);
  const name = call.params["key"] ?? "";
  if (!NAME.test(name)) throw badRequest(`The request URI contains an invalid name: ${name}`);
  const { properties, tags } = readBody(Body, call.request.body);
  const keys = call.resources.keys.of(vault);
  const made: Key = keys.get(name.toLowerCase()) ?? {
    name,
    version: randomBytes(16).toString("hex"),
    tags: tags ?? {},
    properties,
    created: Math.floor(call.now.getTime() / 1000),
  };
  keys.set(name.toLowerCase(), made);
  return ok(answer(call, vault, made));
}

function answer({ context }: ArmCall, vault: Vault, key: Key): object {
  const { name, version, tags, properties, created } = key;
  const { kty, keySize = 2048, keyOps = OPERATIONS, attributes } = properties;
  const keyUri = `${vaultUri(vault.name, context)}/keys/${name}`;
  const { enablePurgeProtection } = vault.properties;
  return {
    id: `${vaultId(vault)}/keys/${name}`,
    name,
    type: TYPE,
    location: vault.location,
    tags,
    properties: {
      attributes: {
        enabled: true,
        ...attributes,
        created,
        updated: created,
        recoveryLevel: enablePurgeProtection === true ? "Recoverable" : "Recoverable+Purgeable",
        exportable: false,
      },
      kty,
      keySize,
      keyOps,
      keyUri,
      keyUriWithVersion: `${keyUri}/${version}`,
    },
  };
}
