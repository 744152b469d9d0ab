// The Azure metadata document, from which the providers learn every other address (api-version 2022-09-01).
import type { FastifyInstance } from "fastify";
import type { CloudContext } from "./context";

/** Serves GET /metadata/endpoints on a server; it needs no sign-in. */
export function serveMetadata(server: FastifyInstance, context: CloudContext): void {
  server.get("/metadata/endpoints", () => metadataDocument(context));
}

export function metadataDocument({ endpoints }: CloudContext): Record<string, unknown> {
  const { loginUrl, graphUrl, armUrl, vaultSuffix, vaultPort } = endpoints;
  return {
    portal: "https://localhost",
    name: "Keyturn",
    authentication: {
      loginEndpoint: loginUrl,
      audiences: [armUrl, "https://management.azure.com"],
      tenant: "common",
      identityProvider: "AAD",
    },
    media: "https://localhost",
    graphAudience: graphUrl,
    graph: graphUrl,
    microsoftGraphResourceId: graphUrl,
    resourceManager: armUrl,
    batch: "https://batch.core.windows.net/",
    gallery: "https://gallery.azure.com/",
    suffixes: {
      keyVaultDns: `${vaultSuffix}:${vaultPort}`,
      storage: "core.localhost",
      acrLoginServer: "azurecr.localhost",
      sqlServerHostname: "database.localhost",
    },
  };
}
