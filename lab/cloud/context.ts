// What every emulated server shares: clock, certificates, tokens, directory, faults, and where each listens.
import { LabClock } from "../clock";
import { type LabCertificates, createCertificates } from "./certificates";
import { Directory, type DirectorySettings } from "./directory";
import { Faults } from "./faults";
import { SUBSCRIPTION_ID, type Seed, TENANT_ID, seedDirectory } from "./seed";
import { type TokenIssuer, createTokenIssuer } from "./tokens";

/** Filled in as the servers start to listen; base addresses have no trailing slash. */
export interface Endpoints {
  loginUrl: string;
  graphUrl: string;
  armUrl: string;
  /** DNS suffix of vault names, without a port. */
  vaultSuffix: string;
  vaultPort: number;
  proxyUrl: string;
  snappassUrl: string;
}

export interface CloudContext {
  readonly tenantId: string;
  readonly subscriptionId: string;
  readonly clock: LabClock;
  readonly certificates: LabCertificates;
  readonly tokens: TokenIssuer;
  readonly directory: Directory;
  readonly faults: Faults;
  readonly endpoints: Endpoints;
  /** Seeded identities whose secrets were made for this lab only. */
  readonly seed: Seed;
}

export interface CloudOptions {
  readonly clock?: LabClock;
  /** Made anew when absent; tests share one to save time. */
  readonly certificates?: LabCertificates;
  readonly settings?: Partial<DirectorySettings>;
}

export async function createCloudContext(options: CloudOptions = {}): Promise<CloudContext> {
  const clock = options.clock ?? new LabClock();
  const endpoints: Endpoints = {
    loginUrl: "",
    graphUrl: "",
    armUrl: "",
    vaultSuffix: "vault.localhost",
    vaultPort: 0,
    proxyUrl: "",
    snappassUrl: "",
  };
  const directory = new Directory(clock, options.settings);
  return {
    tenantId: TENANT_ID,
    subscriptionId: SUBSCRIPTION_ID,
    clock,
    certificates: options.certificates ?? (await createCertificates()),
    tokens: await createTokenIssuer(endpoints, TENANT_ID),
    directory,
    faults: new Faults(),
    endpoints,
    seed: seedDirectory(directory),
  };
}
