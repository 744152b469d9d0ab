// What every emulated server shares: clock, certificates, tokens, directory, faults, and where each listens.
import { LabClock } from "../clock";
import { type LabCertificates, createCertificates } from "./certificates";
import { Directory, type DirectorySettings } from "./directory";
import type { CloudChoice, Endpoints, Proxied } from "./endpoints";
import { Faults } from "./faults";
import { Jobs } from "./jobs/jobs";
import { SUBSCRIPTION_ID, type Seed, TENANT_ID, seedDirectory } from "./seed";
import { type TokenIssuer, createTokenIssuer } from "./tokens";

export interface CloudContext {
  readonly tenantId: string;
  readonly subscriptionId: string;
  readonly clock: LabClock;
  readonly certificates: LabCertificates;
  readonly tokens: TokenIssuer;
  readonly directory: Directory;
  readonly faults: Faults;
  /** Jobs of pipelines, and the issuers of their identity tokens. */
  readonly jobs: Jobs;
  readonly endpoints: Endpoints;
  /** What was asked of the lab's proxy. */
  readonly proxied: Proxied;
  /** Seeded identities whose secrets were made for this lab only. */
  readonly seed: Seed;
}

export interface CloudOptions {
  readonly clock?: LabClock;
  /** Made anew when absent; tests share one to save time. */
  readonly certificates?: LabCertificates;
  readonly settings?: Partial<DirectorySettings>;
  /** By whose names the cloud speaks of itself. @default "lab" */
  readonly cloud?: CloudChoice;
}

export async function createCloudContext(options: CloudOptions = {}): Promise<CloudContext> {
  const clock = options.clock ?? new LabClock();
  const endpoints: Endpoints = {
    cloud: options.cloud ?? "lab",
    loginUrl: "",
    graphUrl: "",
    armUrl: "",
    vaultSuffix: "vault.localhost",
    vaultPort: 0,
    proxyUrl: "",
    snappassUrl: "",
    jobsUrl: "",
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
    jobs: new Jobs(directory.secretValues),
    endpoints,
    proxied: { led: {}, refused: {} },
    seed: seedDirectory(directory),
  };
}
