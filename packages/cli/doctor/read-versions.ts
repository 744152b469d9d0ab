// What is installed on the machine that runs Keyturn, in a clone or in a project of one's own, and what package.json asks for.
import { existsSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { z } from "zod";
import { CLONE } from "../clone";
import { runEngine } from "../engine";
import { UsageError } from "../usage-error";
import type { VersionFacts } from "./versions";

const manifest = z.object({
  engines: z.object({ node: z.string() }),
  peerDependencies: z.record(z.string(), z.string()),
});
const installed = z.object({ version: z.string() });
const SDK = "@pulumi/pulumi";
const PACK_NAME = "keyturn-policy";
/** Finds what Keyturn finds: beside it, or in the project that it is a package of. */
const { resolve } = createRequire(join(CLONE, "package.json"));

/** Reads files and asks `pulumi version`; no network. */
export async function readVersions(): Promise<VersionFacts> {
  const { engines, peerDependencies } = manifest.parse(json(join(CLONE, "package.json")));
  return {
    node: process.versions.node,
    nodeRange: engines.node,
    pulumi: await pulumiVersion(),
    pulumiAsked: peerDependencies[SDK] ?? "",
    packages: Object.entries(peerDependencies).map(([name, asked]) => ({
      name,
      asked,
      installed: versionOf(name),
    })),
    policyPack: hasPolicyPack(),
  };
}

async function pulumiVersion(): Promise<string | undefined> {
  try {
    return await runEngine({ workDir: CLONE, environment: {} }, ["version"]);
  } catch (error) {
    if (error instanceof UsageError) return undefined;
    throw error;
  }
}

function versionOf(name: string): string | undefined {
  try {
    return installed.parse(json(resolve(`${name}/package.json`))).version;
  } catch {
    return undefined;
  }
}

/** Compiled in the clone, or in the pack itself as it is published; and with the SDK that it is loaded by. */
function hasPolicyPack(): boolean {
  try {
    const manifestPath = resolve(`${PACK_NAME}/package.json`);
    createRequire(manifestPath).resolve("@pulumi/policy");
    const folder = dirname(manifestPath);
    const compiled = [join(CLONE, "dist", "policy"), join(folder, "dist")];
    return (
      existsSync(join(folder, "PulumiPolicy.yaml")) &&
      compiled.some((one) => existsSync(join(one, "index.js")))
    );
  } catch {
    return false;
  }
}

function json(path: string): unknown {
  return JSON.parse(readFileSync(path, "utf8"));
}
