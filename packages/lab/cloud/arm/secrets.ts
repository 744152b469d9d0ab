// Microsoft.KeyVault/vaults/secrets: secrets over the control plane. It writes values and never gives one back,
// and needs no right on the data plane.
import { z } from "zod";
import { VaultError } from "../vault/errors";
import { requireName, SetBody } from "../vault/input";
import { newest, type SecretInput, type SecretVersion } from "../vault/secrets";
import { vaultUri } from "../vault/server";
import { vaultId, type Vault } from "../vault/store";
import { readBody, Tags } from "./body";
import { ArmError } from "./errors";
import { ok, type ArmAnswer, type ArmCall, type ArmRoute } from "./router";
import { requiredVault, VAULTS_PATH } from "./vaults";

const TYPE = "Microsoft.KeyVault/vaults/secrets";
const PATH = `${VAULTS_PATH}/{vault}/secrets/{secret}`;
const shared = { type: TYPE } as const;

// Attributes are strict: "expires" and "notBefore" are the SDKs' names for exp and nbf, and an expiry must not get lost.
const Attributes = z.strictObject({
  enabled: z.boolean().nullish(),
  nbf: z.int().nonnegative().nullish(),
  exp: z.int().nonnegative().nullish(),
  created: z.int().nullish(),
  updated: z.int().nullish(),
});
const Properties = SetBody.omit({ tags: true }).extend({ attributes: Attributes.nullish() });
const PutBody = z.object({ properties: Properties, tags: Tags.nullish() });
const PatchBody = z.object({ properties: Properties.partial().optional(), tags: Tags.nullish() });

export const secretRoutes: readonly ArmRoute[] = [
  { ...shared, method: "PUT", path: PATH, action: `${TYPE}/write`, run: translate(put) },
  { ...shared, method: "PATCH", path: PATH, action: `${TYPE}/write`, run: translate(patch) },
  {
    ...shared,
    method: "GET",
    path: PATH,
    action: `${TYPE}/read`,
    run: translate((call) => {
      const vault = requiredVault(call);
      const { name, versions } = vault.secrets.find(call.params["secret"] ?? "");
      return ok(answer(call, vault, name, newest(versions)));
    }),
  },
  {
    ...shared,
    method: "GET",
    path: `${VAULTS_PATH}/{vault}/secrets`,
    action: `${TYPE}/read`,
    run: (call) => {
      const vault = requiredVault(call);
      const value = vault.secrets
        .list()
        .map(({ name, versions }) => answer(call, vault, name, newest(versions)));
      return ok({ value });
    },
  },
];

function put(call: ArmCall): ArmAnswer {
  const vault = requiredVault(call);
  const name = requireName(call.params["secret"] ?? "");
  const { properties, tags } = readBody(PutBody, call.request.body);
  const input = inputOf(properties, tags ?? undefined);
  const live = vault.secrets.list().find((one) => one.name.toLowerCase() === name.toLowerCase());
  const current = live && newest(live.versions);
  if (live && current && same(current, input)) return ok(answer(call, vault, live.name, current));
  const version = vault.secrets.set(name, input, call.now);
  return { status: live ? 200 : 201, body: answer(call, vault, live?.name ?? name, version) };
}

function patch(call: ArmCall): ArmAnswer {
  const vault = requiredVault(call);
  const live = vault.secrets.find(call.params["secret"] ?? "");
  const current = newest(live.versions);
  const { properties = {}, tags } = readBody(PatchBody, call.request.body);
  const { value, contentType, attributes } = properties;
  const merged = inputOf(
    {
      value: value ?? current.value,
      contentType: contentType ?? current.contentType,
      attributes: {
        enabled: attributes?.enabled ?? current.attributes.enabled,
        nbf: attributes?.nbf ?? current.attributes.notBefore,
        exp: attributes?.exp ?? current.attributes.expires,
      },
    },
    tags ?? current.tags,
  );
  const changed =
    merged.value === current.value
      ? vault.secrets.update(live.name, current.version, merged, call.now)
      : vault.secrets.set(live.name, merged, call.now);
  return ok(answer(call, vault, live.name, changed));
}

function inputOf(
  properties: z.infer<typeof Properties>,
  tags: Readonly<Record<string, string>> | undefined,
): SecretInput {
  const { value, contentType, attributes } = properties;
  return {
    value,
    ...(contentType == null ? {} : { contentType }),
    ...(tags === undefined ? {} : { tags }),
    attributes: {
      enabled: attributes?.enabled ?? true,
      ...(attributes?.nbf == null ? {} : { notBefore: attributes.nbf }),
      ...(attributes?.exp == null ? {} : { expires: attributes.exp }),
    },
  };
}

/** An identical PUT adds no version. */
function same(current: SecretVersion, input: SecretInput): boolean {
  const facts = ({ value, contentType, tags, attributes }: SecretInput): string =>
    JSON.stringify([
      value,
      contentType ?? "",
      Object.entries(tags ?? {}).sort(([a], [b]) => (a < b ? -1 : 1)),
      attributes.enabled,
      attributes.notBefore ?? null,
      attributes.expires ?? null,
    ]);
  return facts(current) === facts(input);
}

/** The resource provider passes the data plane's refusals on under ARM's error shape. */
function translate(run: (call: ArmCall) => ArmAnswer): (call: ArmCall) => ArmAnswer {
  return (call) => {
    try {
      return run(call);
    } catch (error) {
      if (!(error instanceof VaultError)) throw error;
      const code = error.code === "BadParameter" ? "BadRequest" : error.code;
      throw new ArmError(error.status, code, error.message);
    }
  };
}

function answer({ context }: ArmCall, vault: Vault, name: string, version: SecretVersion): object {
  const secretUri = `${vaultUri(vault.name, context)}/secrets/${name}`;
  const { enabled, notBefore, expires } = version.attributes;
  return {
    id: `${vaultId(vault)}/secrets/${name}`,
    name,
    type: TYPE,
    location: vault.location,
    ...(version.tags === undefined ? {} : { tags: version.tags }),
    properties: {
      ...(version.contentType === undefined ? {} : { contentType: version.contentType }),
      attributes: {
        enabled,
        ...(notBefore === undefined ? {} : { nbf: notBefore }),
        ...(expires === undefined ? {} : { exp: expires }),
        created: version.created,
        updated: version.updated,
      },
      secretUri,
      secretUriWithVersion: `${secretUri}/${version.version}`,
    },
  };
}
