// One configured connection to a cloud: ARM, vaults, and who is signed in.
import { ArmClient } from "./client/arm";
import { readAddresses, type CloudAddresses, type Configuration } from "./client/configuration";
import { claimsOf, Tokens } from "./client/tokens";
import { VaultClient } from "./client/vault";

const GROUP_API_VERSION = "2024-03-01";

export interface ClientIdentity {
  readonly clientId: string;
  readonly objectId: string;
  readonly subscriptionId: string;
  readonly tenantId: string;
}

export class Azure {
  private readonly locations = new Map<string, string>();

  private constructor(
    private readonly configuration: Configuration,
    private readonly addresses: CloudAddresses,
    private readonly tokens: Tokens,
    readonly arm: ArmClient,
    readonly vaults: VaultClient,
  ) {}

  static async connect(configuration: Configuration): Promise<Azure> {
    const addresses = await readAddresses(configuration.metadataHost);
    const tokens = new Tokens(configuration, addresses);
    const arm = new ArmClient(addresses, tokens);
    return new Azure(configuration, addresses, tokens, arm, new VaultClient(addresses, tokens));
  }

  get subscriptionId(): string {
    return this.configuration.subscriptionId;
  }

  get location(): string | undefined {
    return this.configuration.location;
  }

  get skipReadOnUpdate(): boolean {
    return this.configuration.skipReadOnUpdate;
  }

  /** A resource group's location; nothing when it cannot be read. */
  async locationOf(resourceGroupName: string, signal: AbortSignal): Promise<string | undefined> {
    const known = this.locations.get(resourceGroupName);
    if (known !== undefined) return known;
    const id = `/subscriptions/${this.subscriptionId}/resourceGroups/${resourceGroupName}`;
    const group = await this.arm.get(id, GROUP_API_VERSION, signal).catch(() => undefined);
    const location = group?.["location"];
    if (typeof location !== "string") return undefined;
    this.locations.set(resourceGroupName, location);
    return location;
  }

  /** Who is signed in, by the claims of a token for Microsoft Graph. */
  async identity(signal: AbortSignal): Promise<ClientIdentity> {
    const { clientId, subscriptionId, tenantId } = this.configuration;
    const claims = claimsOf(await this.tokens.get(`${this.addresses.graph}/.default`, signal));
    return {
      clientId: claims.appid ?? clientId,
      objectId: claims.oid ?? "",
      subscriptionId,
      tenantId: claims.tid ?? tenantId,
    };
  }

  /** A token for an address; for ARM when none is given. */
  token(endpoint: string | undefined, signal: AbortSignal): Promise<string> {
    return this.tokens.get(`${endpoint ?? this.addresses.resourceManager}/.default`, signal);
  }
}
