// The stand-in as a test uses it: served over gRPC, configured for one cloud, with one call a method.
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { createAzureNativeStandIn } from "../../../plugins/azure-native/stand-in";
import { serveStandIn, type ServedStandIn } from "../../../plugins/provider/server";
import type { Properties } from "../../../plugins/provider/values";
import type { Client, Cloud } from "../../arm/cloud";
import { StandInClient, type RecordedAnswer, type RecordedRequest } from "../provider/client";

export const TYPES = {
  group: "azure-native:resources:ResourceGroup",
  vault: "azure-native:keyvault/v20260201:Vault",
  secret: "azure-native:keyvault/v20260201:Secret",
  assignment: "azure-native:authorization:RoleAssignment",
} as const;

export interface Created {
  readonly id: string;
  readonly inputs: Properties;
  readonly properties: Properties;
}

export class AzureNative {
  private constructor(
    private readonly served: ServedStandIn,
    readonly client: StandInClient,
    private readonly restore: () => void,
  ) {}

  static async start(
    cloud: Cloud,
    as: Client = cloud.deployer,
    more: Properties = { location: "westeurope" },
  ): Promise<AzureNative> {
    const folder = mkdtempSync(join(tmpdir(), "azure-native-"));
    const authority = join(folder, "ca.pem");
    writeFileSync(authority, cloud.context.certificates.caPem);
    const before = { ...process.env };
    process.env["SSL_CERT_FILE"] = authority;
    process.env["KEYTURN_LAB_PACE"] = "0.0005";
    const served = await serveStandIn(createAzureNativeStandIn(), 0);
    const client = new StandInClient(served.port);
    const answer = await client.call("configure", {
      args: { ...configuration(cloud, as), ...more },
    });
    const restore = (): void => {
      for (const name of ["SSL_CERT_FILE", "KEYTURN_LAB_PACE"]) {
        if (before[name] === undefined) Reflect.deleteProperty(process.env, name);
        else process.env[name] = before[name];
      }
      rmSync(folder, { recursive: true });
    };
    if ("error" in answer) throw new Error(JSON.stringify(answer));
    return new AzureNative(served, client, restore);
  }

  stop(): void {
    this.client.close();
    this.served.close();
    this.restore();
  }

  call(method: string, request: RecordedRequest): Promise<RecordedAnswer> {
    return this.client.call(method, request);
  }

  /** Check and Create, as the engine makes them; a failure is thrown. */
  async create(type: string, name: string, news: Properties): Promise<Created> {
    const { inputs, failures } = (await this.call("check", { type, name, news })) as {
      inputs: Properties;
      failures: unknown[];
    };
    if (failures.length > 0) throw new Error(JSON.stringify(failures));
    const answer = await this.call("create", { type, name, properties: inputs });
    if ("error" in answer) throw new Error(details(answer));
    return { ...(answer as { id: string; properties: Properties }), inputs };
  }

  async delete(type: string, { id, inputs, properties }: Created): Promise<RecordedAnswer> {
    return this.call("delete", { type, id, oldInputs: inputs, properties });
  }
}

export function details(answer: RecordedAnswer): string {
  return (answer["error"] as { details?: string } | undefined)?.details ?? "";
}

function configuration(cloud: Cloud, as: Client): Properties {
  return {
    clientId: as.clientId,
    clientSecret: as.secret,
    tenantId: cloud.context.tenantId,
    subscriptionId: cloud.context.subscriptionId,
    metadataHost: cloud.context.endpoints.loginUrl,
  };
}
