// Runs one of Microsoft's own clients, unmodified, for a test: reads its orders from standard input, prints one JSON line.
// It is a process of its own because Node reads NODE_EXTRA_CA_CERTS at start only.
import { text } from "node:stream/consumers";
import { ClientSecretCredential } from "@azure/identity";
import { Client, type GraphError } from "@microsoft/microsoft-graph-client";

export interface Orders {
  readonly loginUrl: string;
  readonly graphUrl: string;
  readonly tenantId: string;
  readonly clientId: string;
  readonly clientSecret: string;
  /** Graph path to read; sign-in only when absent. */
  readonly read?: string;
}

export interface Report {
  readonly token?: boolean;
  readonly value?: unknown;
  readonly error?: string;
  readonly code?: string;
  readonly status?: number;
}

async function run(orders: Orders): Promise<Report> {
  const { loginUrl, graphUrl, tenantId, clientId, clientSecret } = orders;
  const credential = new ClientSecretCredential(tenantId, clientId, clientSecret, {
    authorityHost: loginUrl,
    disableInstanceDiscovery: true,
  });
  const accessToken = async (): Promise<string> => {
    const found = await credential.getToken(`${graphUrl}/.default`);
    return found.token;
  };
  if (orders.read === undefined) return { token: (await accessToken()) !== "" };
  const client = Client.initWithMiddleware({
    authProvider: { getAccessToken: accessToken },
    baseUrl: `${graphUrl}/`,
    customHosts: new Set(["localhost"]),
  });
  const answer = (await client.api(orders.read).get()) as unknown;
  return { value: answer };
}

text(process.stdin)
  .then((input) => run(JSON.parse(input) as Orders))
  .catch((error: unknown): Report => {
    const { message, code, statusCode } = error as GraphError;
    return { error: message, ...(code !== null && { code }), status: statusCode };
  })
  .then((report) => process.stdout.write(`${JSON.stringify(report)}\n`))
  .catch(() => (process.exitCode = 1));
