// The azuread stand-in on a cloud of the lab's, configured as the deploying identity, for the tests that ask it over gRPC.
import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import type { CloudContext } from "../../../cloud/context";
import { startLogin } from "../../../cloud/entra";
import { startGraph } from "../../../cloud/graph/server";
import { createAzureadStandIn } from "../../../plugins/azuread/stand-in";
import { serveStandIn } from "../../../plugins/provider/server";
import { StandInClient } from "../provider/client";

export interface OnCloud {
  readonly client: StandInClient;
  close(): Promise<void>;
}

/** Serves sign-in and Graph of the cloud, and the stand-in on them. @param pace how long it waits, as a part of the vendor's */
export async function standInOn(context: CloudContext, pace: number): Promise<OnCloud> {
  const trusted = process.env["SSL_CERT_FILE"];
  const folder = mkdtempSync(join(tmpdir(), "on-cloud-"));
  const servers = [await startLogin(context, 0), await startGraph(context, 0)];
  process.env["SSL_CERT_FILE"] = join(folder, "ca.pem");
  writeFileSync(join(folder, "ca.pem"), context.certificates.caPem);
  const { seed, endpoints, tenantId } = context;
  const served = await serveStandIn(
    createAzureadStandIn({
      ARM_METADATA_HOSTNAME: new URL(endpoints.loginUrl).host,
      ARM_TENANT_ID: tenantId,
      ARM_CLIENT_ID: seed.deployer.clientId,
      ARM_CLIENT_SECRET: seed.deployer.clientSecret,
      KEYTURN_LAB_PACE: String(pace),
    }),
  );
  const client = new StandInClient(served.port);
  assert.equal((await client.call("configure", { args: {} }))["error"], undefined);
  return {
    client,
    async close() {
      client.close();
      served.close();
      await Promise.all(servers.map((server) => server.close()));
      rmSync(folder, { recursive: true });
      if (trusted === undefined) delete process.env["SSL_CERT_FILE"];
      else process.env["SSL_CERT_FILE"] = trusted;
    },
  };
}
