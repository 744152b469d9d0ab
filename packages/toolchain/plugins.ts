// The vendor's provider plugins, for `--plugins vendor`: found in the tool cache, or installed by the CLI as it does for
// every stack. Where the version list has an archive's hash, the CLI is given it and takes nothing else; where it has none,
// nothing but the vendor's TLS vouches for the archive, and that is said.
import { constants } from "node:fs";
import { access } from "node:fs/promises";
import path from "node:path";

import { platformName } from "./download";
import { ToolchainError } from "./errors";
import { engineFolders, pulumiFile, pulumiHome } from "./locations";
import { progressOn, type Progress } from "./progress";
import { run } from "./run";
import { downloadHashes, pluginVersions, vendorPlugins, type DownloadHashes } from "./versions";

/** A plugin that is there. */
export interface VendorPlugin {
  readonly name: (typeof vendorPlugins)[number];
  readonly version: string;
  /** The plugin's executable. */
  readonly file: string;
}

/** How the plugins are looked for. */
export interface VendorPluginOptions {
  /** @default process.env */
  readonly environment?: NodeJS.ProcessEnv;
  /** The folder of the CLI. @default that of the tool cache */
  readonly pulumiBin?: string;
  /** @default those of versions.json */
  readonly hashes?: DownloadHashes;
  /** @default lines on standard error */
  readonly progress?: Progress;
}

/** Makes sure of the vendor's azuread, command and random; without them one sentence names each. */
export async function ensureVendorPlugins(
  options: VendorPluginOptions = {},
): Promise<readonly VendorPlugin[]> {
  const environment = options.environment ?? process.env;
  const home = pulumiHome(environment);
  const pulumi = path.join(options.pulumiBin ?? engineFolders(home).bin, pulumiFile);
  const progress = options.progress ?? progressOn(process.stderr);
  const plugins: VendorPlugin[] = [];
  const missing: string[] = [];
  const hashes = options.hashes ?? downloadHashes;
  for (const name of vendorPlugins) {
    const version = pluginVersions[name];
    const file = pluginFile(home, name, version);
    if (!(await isInstalled(file))) {
      const hash = hashes.pluginArchives[pluginArchive(name, version)];
      const checked = hash === undefined ? [] : ["--checksum", hash];
      const install = ["plugin", "install", "resource", name, version, ...checked];
      const unchecked = hash === undefined ? ", held to no hash: versions.json has none" : "";
      progress.step(`Installing the plugin ${name} ${version}${unchecked}`);
      await run(pulumi, install, {
        environment: { ...environment, PULUMI_SKIP_UPDATE_CHECK: "true" },
      }).catch(() => undefined);
      progress.done((await isInstalled(file)) ? "installed" : "not installed");
      if (!(await isInstalled(file))) {
        missing.push(`${name} ${version} (pulumi ${install.join(" ")})`);
        continue;
      }
    }
    plugins.push({ name, version, file });
  }
  if (missing.length > 0) {
    throw new ToolchainError(
      `The vendor's plugins are not in ${path.join(home, "plugins")} and were not downloaded: ${missing.join(", ")}. ` +
        "Run the commands named where the vendor can be reached, " +
        "or leave out --plugins vendor (KEYTURN_PLUGINS) to use the lab's stand-ins.",
    );
  }
  return plugins;
}

/** The version list's name for a plugin's archive on this machine; the vendor calls x64 amd64 here. */
export function pluginArchive(
  name: string,
  version: string,
  platform: string = platformName(),
): string {
  return `${name}-${version}-${platform.replace("x64", "amd64")}`;
}

function pluginFile(home: string, name: string, version: string): string {
  const suffix = process.platform === "win32" ? ".exe" : "";
  return path.join(
    home,
    "plugins",
    `resource-${name}-v${version}`,
    `pulumi-resource-${name}${suffix}`,
  );
}

/** A plugin whose folder has a sibling `.partial` was not unpacked to its end. */
async function isInstalled(file: string): Promise<boolean> {
  const folder = path.dirname(file);
  const partial = await access(`${folder}.partial`).then(
    () => true,
    () => false,
  );
  if (partial) return false;
  return access(file, constants.X_OK).then(
    () => true,
    () => false,
  );
}
