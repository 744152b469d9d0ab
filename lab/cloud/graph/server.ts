// Microsoft Graph: v1.0 and beta on one server.
import type { CloudContext } from "../context";
import { type RunningServer, createServer, listen } from "../server";

/** Listens on loopback and fills in `endpoints.graphUrl`. */
export async function startGraph(context: CloudContext, port: number): Promise<RunningServer> {
  const server = await createServer("graph", context);
  const listening = await listen(server, port);
  context.endpoints.graphUrl = `https://localhost:${listening}`;
  return { port: listening, close: () => server.close() };
}
