// A CONNECT proxy on loopback, for clients that cannot resolve *.vault.localhost, or that know Microsoft's names only: it
// reaches the lab's own servers and nothing else, so that a rehearsal cannot talk to a real cloud through it.
import http from "node:http";
import net from "node:net";
import type { CloudContext } from "./context";
import { type Endpoints, PUBLIC_VAULTS, type Proxied } from "./endpoints";
import type { RunningServer } from "./server";

export async function startProxy(context: CloudContext, port: number): Promise<RunningServer> {
  const sockets = new Set<net.Socket>();
  const keep = (socket: net.Socket): void => {
    sockets.add(socket);
    socket.on("close", () => sockets.delete(socket));
    socket.on("error", () => socket.destroy());
  };
  const server = http.createServer((request, response) => {
    response.writeHead(403, { "content-type": "text/plain" });
    response.end(refusal(request.headers.host ?? "that address"));
  });
  server.on("connection", keep);
  server.on("connect", (request: http.IncomingMessage, client: net.Socket, head: Buffer) => {
    const target = request.url ?? "";
    const targetPort = portOf(target, context);
    count(context.proxied, target, targetPort !== undefined);
    if (targetPort === undefined) {
      const text = refusal(target);
      client.end(
        `HTTP/1.1 403 Forbidden\r\ncontent-type: text/plain\r\ncontent-length: ${Buffer.byteLength(text)}\r\nconnection: close\r\n\r\n${text}`,
      );
      return;
    }
    const upstream = net.connect({ host: "127.0.0.1", port: targetPort }, () => {
      client.write("HTTP/1.1 200 Connection established\r\n\r\n");
      upstream.write(head);
      upstream.pipe(client).pipe(upstream);
    });
    keep(upstream);
    upstream.on("close", () => client.destroy());
    client.on("close", () => upstream.destroy());
  });
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, "127.0.0.1", resolve);
  });
  const { port: listening } = server.address() as net.AddressInfo;
  context.endpoints.proxyUrl = `http://127.0.0.1:${listening}`;
  return {
    port: listening,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        for (const socket of sockets) socket.destroy();
      }),
  };
}

/** Addresses that are remembered of each kind; a client can ask for any number. */
const MOST_ADDRESSES = 500;

function count({ led, refused }: Proxied, target: string, isLed: boolean): void {
  const counts = isLed ? led : refused;
  const known = counts[target];
  if (known === undefined && Object.keys(counts).length >= MOST_ADDRESSES) return;
  counts[target] = (known ?? 0) + 1;
}

/** The local port behind an allowed "host:port"; undefined for every other address. */
function portOf(target: string, { endpoints }: CloudContext): number | undefined {
  const parsed = /^([^:]+):(\d+)$/.exec(target.toLowerCase());
  const host = parsed?.[1] ?? "";
  const port = Number(parsed?.[2]);
  const { loginUrl, graphUrl, armUrl, snappassUrl, jobsUrl } = endpoints;
  const named = [loginUrl, graphUrl, armUrl, snappassUrl, jobsUrl]
    .filter((url) => url !== "")
    .map((url) => Number(new URL(url).port));
  if (["localhost", "127.0.0.1"].includes(host)) return named.includes(port) ? port : undefined;
  if (port === 443) return publicPort(host, endpoints);
  const isVault = host.endsWith(`.${endpoints.vaultSuffix}`);
  return isVault && port === endpoints.vaultPort ? port : undefined;
}

/** The server that stands here for a name of Microsoft's, so that a client need not be told of another cloud. */
function publicPort(host: string, endpoints: Endpoints): number | undefined {
  const { loginUrl, graphUrl, armUrl, vaultPort } = endpoints;
  const url = {
    "login.microsoftonline.com": loginUrl,
    "graph.microsoft.com": graphUrl,
    "management.azure.com": armUrl,
  }[host];
  if (url !== undefined) return url === "" ? undefined : Number(new URL(url).port);
  return host.endsWith(PUBLIC_VAULTS) ? vaultPort : undefined;
}

function refusal(target: string): string {
  return `The lab's proxy refuses ${target}: it reaches only the lab's own sign-in, Graph, ARM, key vaults, SnapPass and pipelines.\n`;
}
