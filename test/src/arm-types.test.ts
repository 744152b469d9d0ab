// The one table of Azure's types and the versions of their API, held to all that asks Azure: what the program declares,
// what it reads, what the SDK takes by itself, and what the documents say.
import assert from "node:assert/strict";
import { readFileSync, readdirSync } from "node:fs";
import https from "node:https";
import type { AddressInfo } from "node:net";
import { dirname, join } from "node:path";
import * as pulumi from "@pulumi/pulumi";
import { z } from "zod";
import main from "../../index";
import {
  ANNOUNCED_ENDS,
  ARM_TYPES,
  type ArmResourceType,
  type ArmType,
  armTypeOf,
  tokenOf,
} from "../../src/arm-types";
import { createCertificates } from "../../packages/lab/cloud/certificates";
import { trust } from "../../packages/lab/test/cloud/harness";
import { AzureReader } from "../../src/http/azure";
import { inClone } from "../helpers/paths";
import { configure, record, report, valueOf } from "../helpers/pulumi-mocks";
import { until } from "../helpers/until";

interface Facts {
  readonly apiVersion: string;
  readonly resource?: string;
  readonly isNamed?: true;
}

const TABLE = Object.entries(ARM_TYPES) as [ArmType, Facts][];
const SDK = dirname(require.resolve("@pulumi/azure-native/package.json"));
const LITERAL = /["'`/?&](?:api-version=)?(\d{4}-\d{2}-\d{2}(?:-preview)?|\d\.\d)["'`]/g;

const PROGRAM = {
  vaultReaders: JSON.stringify([
    { principalObjectId: "0a1b2c3d-4e5f-4071-8293-a4b5c6d7e8f9", principalType: "Group" },
  ]),
  alarmActionGroups: JSON.stringify([
    "/subscriptions/0a1b2c3d-4e5f-4071-8293-a4b5c6d7e8f9/resourceGroups/ops/providers/Microsoft.Insights/actionGroups/on-call",
  ]),
  preset: "ci-sync",
  oneTimeServer: "https://once.example.org",
  consumers: JSON.stringify([{ name: "agent" }]),
};

describe("the table of Azure's types", function () {
  this.timeout(60_000);

  const declared = TABLE.filter(([, { resource }]) => resource !== undefined);
  const sdkModule = ({ resource = "" }: Facts): string => {
    const [module = "", name = ""] = resource.split(":");
    return join(SDK, module, `${name.charAt(0).toLowerCase()}${name.slice(1)}`);
  };

  it("has every type that the program declares, and no other", async () => {
    const registered = record((stdin) => report(stdin, "updated"));
    configure(PROGRAM);
    await valueOf(pulumi.output(await main()));
    const tokens = declared.map(([type]) => tokenOf(type as ArmResourceType));
    // The alarm's subscription registers after its topic.
    const azure = (): string[] =>
      [...new Set(registered.map(({ type }) => type))].filter((type) => /^azure-/.test(type));
    await until(
      "as many types are declared as the table has",
      () => azure().length >= tokens.length,
    );
    assert.deepEqual(azure().sort(), tokens.sort());
    assert.deepEqual(
      tokens.map(armTypeOf).sort(),
      declared.map(([type]) => type),
    );
  });

  it("names the SDK's own version where the token names none, and one that its plugin has elsewhere", () => {
    for (const [type, facts] of declared) {
      const path = sdkModule(facts);
      const own = /Uses Azure REST API version ([\w-]+)\./.exec(
        readFileSync(`${path}.d.ts`, "utf8"),
      );
      if (facts.isNamed) {
        const token = tokenOf(type as ArmResourceType);
        assert(readFileSync(`${path}.js`, "utf8").includes(`{ type: "${token}" }`), token);
      } else assert.equal(own?.[1], facts.apiVersion, type);
    }
  });

  it("is what every reading of Azure's management names", async () => {
    const asked: (string | undefined)[] = [];
    const { caPem, serverPem: cert, serverKeyPem: key } = await createCertificates();
    const distrust = trust(caPem);
    const server = https.createServer({ cert, key }, (request, response) => {
      asked.push(request.url);
      response.setHeader("content-type", "application/json").end("{}");
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    try {
      const { port } = server.address() as AddressInfo;
      const arm = `https://localhost:${port}`;
      const azure = new AzureReader({ arm, vaultSuffix: "vault.example" }, () =>
        Promise.resolve("token"),
      );
      for (const [type] of TABLE) await azure.arm("/thing", type, z.looseObject({}));
    } finally {
      distrust();
      server.close();
    }
    assert.deepEqual(
      asked,
      TABLE.map(([, { apiVersion }]) => `/thing?api-version=${apiVersion}`),
    );
  });

  it("is the only place that names a version, but for the vault's data and Azure's metadata", () => {
    const named = sources(["src", "components", "packages/cli", "packages/rehearsal"]).flatMap(
      ([file, text]) =>
        text.includes("api-version") || file === "src/arm-types.ts"
          ? [...text.matchAll(LITERAL)].map(([, version]) => `${file} ${version ?? ""}`)
          : [],
    );
    const own = named.filter((one) => !one.startsWith("src/arm-types.ts "));
    assert.deepEqual(own, ["src/http/azure.ts 7.6", "src/http/endpoints.ts 2022-09-01"]);
    assert.notEqual(named.length, own.length);
  });

  it("has the SDK's class of no type whose token names a version", () => {
    const imported = sources(["src", "components", "packages/cli", "packages/rehearsal"]).flatMap(
      ([file, text]) =>
        [...text.matchAll(/import \{[^}]*\} from "@pulumi\/azure-native\/([\w/]+)"/g)].map(
          ([, module]) => ({ file, module: join(SDK, module ?? "") }),
        ),
    );
    const named = declared
      .filter(([, { isNamed }]) => isNamed)
      .map(([, facts]) => sdkModule(facts));
    assert.deepEqual(
      imported.filter(({ module }) => named.includes(module)),
      [],
    );
    // That the search finds what it looks for.
    assert(imported.some(({ module }) => module === join(SDK, "eventgrid", "systemTopic")));
  });

  it("names no version of which an end is announced", () => {
    for (const { namespace, before } of ANNOUNCED_ENDS) {
      const ending = TABLE.filter(
        ([type, { apiVersion }]) => type.startsWith(`${namespace}/`) && apiVersion < before,
      );
      assert.deepEqual(ending, [], namespace);
    }
  });

  it("stands in the documents as it is", () => {
    const page = readFileSync(inClone("docs", "design", "api-versions.md"), "utf8");
    const rows = [...page.matchAll(/^\| `(Microsoft\.[\w/.]+)` \| ([\w-]+) \| ([^|]+) \|/gm)];
    assert.deepEqual(
      rows.map(([, type, version, token]) => [type, version, (token ?? "").trim()]),
      TABLE.map(([type, { apiVersion, resource }]) => [
        type,
        apiVersion,
        resource === undefined ? "read only" : `\`${tokenOf(type as ArmResourceType)}\``,
      ]),
    );
    for (const { namespace, before, day } of ANNOUNCED_ENDS) {
      assert(page.includes(`\`${namespace}\` before ${before} end on ${day}`), namespace);
    }
  });
});

/** Our own sources, without tests. */
function sources(folders: readonly string[]): [file: string, text: string][] {
  return folders.flatMap((folder) =>
    readdirSync(inClone(folder), { recursive: true, encoding: "utf8" })
      .filter((path) => path.endsWith(".ts") && !/(^|\/)(test|node_modules)\//.test(path))
      .sort()
      .map((path): [string, string] => [
        `${folder}/${path}`,
        readFileSync(inClone(folder, path), "utf8"),
      ]),
  );
}
