// Azure Resource Manager on the wire.
import type { FastifyRequest } from "fastify";
import type { CloudContext } from "../context";
import { namesOf } from "../endpoints";
import { serveMetadata } from "../metadata";
import { createServer, listen, type RunningServer } from "../server";
import { assignmentRoutes } from "./assignments";
import { blobServiceRoutes } from "./blob-services";
import { ArmError, invalidContent } from "./errors";
import { eventGridRoutes } from "./event-grid";
import { groupRoutes } from "./groups";
import { keyRoutes } from "./keys";
import { roleDefinitionRoutes } from "./role-definitions";
import { ArmRouter, type ArmRequest } from "./router";
import { secretRoutes } from "./secrets";
import { deletedVaultRoutes } from "./deleted-vaults";
import { storageAccountRoutes } from "./storage-accounts";
import type { AzureResources } from "./store";
import { subscriptionRoutes } from "./subscriptions";
import { vaultRoutes } from "./vaults";

export async function startArm(
  context: CloudContext,
  resources: AzureResources,
  port: number,
): Promise<RunningServer> {
  const server = await createServer("arm", context);
  const router = new ArmRouter(context, resources, [
    ...subscriptionRoutes,
    ...groupRoutes,
    ...assignmentRoutes,
    ...roleDefinitionRoutes,
    ...deletedVaultRoutes,
    ...vaultRoutes,
    ...secretRoutes,
    ...keyRoutes,
    ...eventGridRoutes,
    ...storageAccountRoutes,
    ...blobServiceRoutes,
  ]);
  serveMetadata(server, context);
  server.addHook("onSend", async (request, reply) => {
    reply.header("x-ms-request-id", request.id).header("x-ms-correlation-request-id", request.id);
    return Promise.resolve();
  });
  server.setErrorHandler(async (error: Error & { statusCode?: number }, _request, reply) => {
    const answer = error instanceof ArmError ? error : unexpected(error);
    if (answer.status === 401) {
      const authority = `${namesOf(context.endpoints).loginUrl}/${context.tenantId}`;
      reply.header(
        "www-authenticate",
        `Bearer authorization_uri="${authority}", error="invalid_token", error_description="${answer.message}"`,
      );
    }
    await reply.code(answer.status).send(answer.toJSON());
  });
  server.all("/*", async (request, reply) => {
    const { status, body } = await router.answer(readRequest(request));
    await reply.code(status).send(body);
  });
  const listening = await listen(server, port);
  context.endpoints.armUrl = `https://localhost:${listening}`;
  return { port: listening, close: () => server.close() };
}

function readRequest(request: FastifyRequest): ArmRequest {
  const url = new URL(request.url, "https://localhost");
  return {
    method: request.method,
    path: decode(url.pathname).replace(/\/+/g, "/").replace(/\/$/, ""),
    query: url.searchParams,
    body: request.body,
    authorization: request.headers.authorization,
  };
}

function decode(path: string): string {
  try {
    return decodeURIComponent(path);
  } catch {
    throw new ArmError(400, "InvalidRequestUri", "The request URI is not correctly escaped.");
  }
}

function unexpected(error: Error & { statusCode?: number }): ArmError {
  return error.statusCode === 400
    ? invalidContent(error.message)
    : new ArmError(500, "InternalServerError", error.message);
}
