// A small cloud for wire tests: sign-in, ARM and Key Vault of one lab, and the calls that tests make of them.
import { startLogin } from "../../cloud/entra";
import { type CloudContext, type CloudOptions, createCloudContext } from "../../cloud/context";
import { startArm } from "../../cloud/arm/server";
import { AzureResources, groupId } from "../../cloud/arm/store";
import { roleGuid } from "../../cloud/arm/roles";
import { startProxy } from "../../cloud/proxy";
import { addForeignPassword } from "../../cloud/mutations";
import { RESOURCE_GROUP, SUBSCRIPTION_ID, TENANT_ID } from "../../cloud/seed";
import type { RunningServer } from "../../cloud/server";
import { startVault } from "../../cloud/vault/server";
import { type HttpResponse, request } from "../../shared/https";

export interface Answer {
  readonly status: number;
  readonly headers: HttpResponse["headers"];
  readonly body: unknown;
}

export interface Client {
  readonly clientId: string;
  readonly objectId: string;
  readonly secret: string;
}

export const GROUP = groupId(SUBSCRIPTION_ID, RESOURCE_GROUP);
export const API = { vault: "2026-02-01", group: "2024-03-01", role: "2022-04-01", data: "7.5" };

export class Cloud {
  private readonly tokens = new Map<string, string>();

  private constructor(
    readonly context: CloudContext,
    readonly resources: AzureResources,
    readonly servers: readonly RunningServer[],
  ) {}

  static async start(options: CloudOptions = {}): Promise<Cloud> {
    const context = await createCloudContext(options);
    const resources = new AzureResources(context);
    const holds = (id: string, action: string, scope: string): boolean =>
      resources.holds(id, "dataActions", action, scope);
    const servers = [
      await startLogin(context, 0),
      await startArm(context, resources, 0),
      await startVault(context, resources.vaults, holds, 0),
      await startProxy(context, 0),
    ];
    return new Cloud(context, resources, servers);
  }

  async stop(): Promise<void> {
    await Promise.all(this.servers.map((server) => server.close()));
  }

  get deployer(): Client {
    const { clientId, servicePrincipalObjectId, clientSecret } = this.context.seed.deployer;
    return { clientId, objectId: servicePrincipalObjectId, secret: clientSecret };
  }

  /** A further application with a secret that works and no role anywhere. */
  client(displayName: string): Client {
    const { directory } = this.context;
    const { clientId } = directory.createApplication({ displayName });
    const principal = directory.createServicePrincipal(clientId, {
      displayName,
      accountEnabled: true,
    });
    const { value } = addForeignPassword(directory, clientId);
    return { clientId, objectId: principal.servicePrincipalObjectId, secret: value };
  }

  async token(client: Client, audience: string): Promise<string> {
    const key = `${client.clientId} ${audience}`;
    const known = this.tokens.get(key);
    if (known !== undefined) return known;
    const { json } = await request({
      method: "POST",
      url: `${this.context.endpoints.loginUrl}/${TENANT_ID}/oauth2/v2.0/token`,
      caPem: this.context.certificates.caPem,
      headers: { "content-type": "application/x-www-form-urlencoded" },
      body: new URLSearchParams({
        grant_type: "client_credentials",
        client_id: client.clientId,
        client_secret: client.secret,
        scope: `${audience}/.default`,
      }).toString(),
    });
    const token = String(at(json, "access_token"));
    this.tokens.set(key, token);
    return token;
  }

  async arm(
    method: string,
    path: string,
    options: { as?: Client; body?: unknown; api?: string; token?: string } = {},
  ): Promise<Answer> {
    const { armUrl } = this.context.endpoints;
    const token = options.token ?? (await this.token(options.as ?? this.deployer, armUrl));
    const api = options.api ?? apiFor(path);
    const joint = path.includes("?") ? "&" : "?";
    return this.send(method, `${armUrl}${path}${joint}api-version=${api}`, token, options.body);
  }

  async vault(
    method: string,
    vaultName: string,
    path: string,
    options: { as?: Client; body?: unknown; token?: string } = {},
  ): Promise<Answer> {
    const { vaultSuffix, vaultPort } = this.context.endpoints;
    const token =
      options.token ?? (await this.token(options.as ?? this.deployer, `https://${vaultSuffix}`));
    const joint = path.includes("?") ? "&" : "?";
    const url = path.startsWith("https:")
      ? path
      : `https://${vaultName}.${vaultSuffix}:${vaultPort}${path}${joint}api-version=${API.data}`;
    return this.send(method, url, token, options.body);
  }

  async send(method: string, url: string, token: string, body?: unknown): Promise<Answer> {
    const response = await request({
      method,
      url,
      caPem: this.context.certificates.caPem,
      headers: token === "" ? {} : { authorization: `Bearer ${token}` },
      ...(body === undefined ? {} : { body }),
    });
    return { status: response.status, headers: response.headers, body: response.json };
  }

  /** A vault that uses RBAC, made by the deployer. */
  async createVault(name: string, properties: Record<string, unknown> = {}): Promise<Answer> {
    return this.arm("PUT", vaultPath(name), { body: vaultBody(properties) });
  }

  async assign(client: Client, roleName: string, scope: string, guid: string): Promise<Answer> {
    return this.arm("PUT", `${scope}/providers/Microsoft.Authorization/roleAssignments/${guid}`, {
      body: {
        properties: {
          roleDefinitionId: roleId(roleName),
          principalId: client.objectId,
          principalType: "ServicePrincipal",
        },
      },
    });
  }
}

export function vaultPath(name: string): string {
  return `${GROUP}/providers/Microsoft.KeyVault/vaults/${name}`;
}

export function vaultBody(properties: Record<string, unknown> = {}): object {
  return {
    location: "westeurope",
    properties: {
      tenantId: TENANT_ID,
      sku: { family: "A", name: "standard" },
      enableRbacAuthorization: true,
      ...properties,
    },
  };
}

export function roleId(roleName: string): string {
  return `/subscriptions/${SUBSCRIPTION_ID}/providers/Microsoft.Authorization/roleDefinitions/${roleGuid(roleName)}`;
}

/** A member of a JSON body, by path. */
export function at(body: unknown, ...path: (string | number)[]): unknown {
  return path.reduce<unknown>(
    (value, key) => (value as Record<string | number, unknown> | undefined)?.[key],
    body,
  );
}

export const code = (answer: Answer): unknown => at(answer.body, "error", "code");
export const message = (answer: Answer): string => String(at(answer.body, "error", "message"));

function apiFor(path: string): string {
  if (/Microsoft\.Authorization/i.test(path)) return API.role;
  if (/Microsoft\.KeyVault/i.test(path)) return API.vault;
  return /resourcegroups/i.test(path) ? API.group : "2022-12-01";
}
