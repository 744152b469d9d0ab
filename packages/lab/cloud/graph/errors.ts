// Errors in Microsoft Graph's words; handlers throw them and the server sends them.
import type { FastifyReply, FastifyRequest } from "fastify";

export interface ErrorDetail {
  readonly code: string;
  readonly message: string;
  readonly target: string;
}

export class GraphError extends Error {
  constructor(
    readonly status: number,
    readonly code: string,
    message: string,
    readonly details?: readonly ErrorDetail[],
  ) {
    super(message);
    this.name = "GraphError";
  }
}

export function sendGraphError(
  error: GraphError,
  request: FastifyRequest,
  reply: FastifyReply,
  now: Date,
): FastifyReply {
  const given = request.headers["client-request-id"];
  const { code, message, details } = error;
  const innerError = {
    date: now.toISOString().slice(0, 19),
    "request-id": request.id,
    "client-request-id": typeof given === "string" ? given : request.id,
  };
  return reply
    .code(error.status)
    .send({ error: { code, message, ...(details && { details }), innerError } });
}

export function badRequest(message: string): GraphError {
  return new GraphError(400, "Request_BadRequest", message);
}

export function notFound(id: string): GraphError {
  const message = `Resource '${id}' does not exist or one of its queried reference-property objects are not present.`;
  return new GraphError(404, "Request_ResourceNotFound", message);
}

export function denied(): GraphError {
  const message = "Insufficient privileges to complete the operation.";
  return new GraphError(403, "Authorization_RequestDenied", message);
}

export function unsupportedFilter(property: string, resource: string): GraphError {
  const message = `Unsupported or invalid query filter clause specified for property '${property}' of resource '${resource}'.`;
  return new GraphError(400, "Request_UnsupportedQuery", message);
}
