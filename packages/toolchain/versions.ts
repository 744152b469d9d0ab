// The one list of versions is versions.json, so that the plain JavaScript of the bootstrap can read
// it too. A test holds package.json and the Go modules to it.
import versions from "./versions.json";

/** The Pulumi CLI, engine and language host. */
export const pulumiVersion: string = versions.pulumi;

/** What a download must be, as SHA-256 in hexadecimal digits. What is not named here is not downloaded. */
export interface DownloadHashes {
  /** The engine's release archives by the vendor's name of the platform, such as linux-x64. */
  readonly releases: Readonly<Record<string, string>>;
  /** The plugins' archives by plugin, version and platform, such as random-4.21.1-linux-amd64. */
  readonly pluginArchives: Readonly<Record<string, string>>;
}

/** The hashes of the version list. */
export const downloadHashes: DownloadHashes = versions;

/** The oldest Go that compiles the CLI: one of its modules asks for it. */
export const goMinimum: string = versions.goMinimum;

/** The provider plugins by name. */
export const pluginVersions: Readonly<Record<keyof typeof versions.plugins, string>> =
  versions.plugins;

/** The vendor's plugins that `--plugins vendor` runs; the azure-native stand-in always stays. */
export const vendorPlugins = ["azuread", "command", "random"] as const;
