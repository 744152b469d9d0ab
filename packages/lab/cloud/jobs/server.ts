// Where a job asks its own system for its identity token: GitHub Actions by GET with an audience, Azure Pipelines by POST with the
// id of a service connection. Both issuers' keys too, under their names, since the lab's Entra takes them without a call.
import type { FastifyReply, FastifyRequest } from "fastify";
import type { CloudContext } from "../context";
import { type RunningServer, createServer, listen } from "../server";
import { EXCHANGE_AUDIENCE, type RunningJob } from "./jobs";

type JobRoute = FastifyRequest<{
  Params: { jobId: string };
  Querystring: Readonly<Record<string, string | undefined>>;
}>;

/** Listens on loopback and fills in `endpoints.jobsUrl`. */
export async function startJobs(context: CloudContext, port: number): Promise<RunningServer> {
  const server = await createServer("jobs", context);
  const { jobs } = context;
  server.get("/github/:jobId/idtoken", async (request: JobRoute, reply) => {
    const running = jobs.of(request.params.jobId, request.headers.authorization);
    if (running?.job.system !== "github") return reply.code(401).send({ message: "Unauthorized" });
    const audience = request.query["audience"] ?? `https://github.com/${ownerOf(running)}`;
    return { count: 1, value: await jobs.token(running, audience) };
  });
  server.post("/azure/:jobId/oidctoken", async (request: JobRoute, reply: FastifyReply) => {
    const running = jobs.of(request.params.jobId, request.headers.authorization);
    if (running?.job.system !== "azure") return reply.code(401).send();
    const { "api-version": version, serviceConnectionId } = request.query;
    if (version === undefined) {
      const message = "No api-version was supplied for the request.";
      return reply
        .code(400)
        .send({ $id: "1", message, typeKey: "VssVersionNotSpecifiedException" });
    }
    if (serviceConnectionId !== running.serviceConnectionId) {
      const message = `The job may use no service connection with id ${serviceConnectionId ?? "(none)"}.`;
      return reply.code(404).send({ $id: "1", message });
    }
    return { oidcToken: await jobs.token(running, EXCHANGE_AUDIENCE) };
  });
  for (const [name, issuer] of Object.entries(jobs.issuers)) {
    server.get(`/${name}/.well-known/jwks`, () => issuer.jwks());
  }
  const listening = await listen(server, port);
  context.endpoints.jobsUrl = `https://localhost:${listening}`;
  return { port: listening, close: () => server.close() };
}

/** The variables by which a job's steps find all that, as its system sets them. */
export function variablesOf(context: CloudContext, running: RunningJob): Record<string, string> {
  const { jobId, bearer, job } = running;
  const base = `${context.endpoints.jobsUrl}/${job.system}/${jobId}`;
  return job.system === "github"
    ? {
        // GitHub's has a query already, to which the audience is added.
        ACTIONS_ID_TOKEN_REQUEST_URL: `${base}/idtoken?api-version=2.0`,
        ACTIONS_ID_TOKEN_REQUEST_TOKEN: bearer,
      }
    : {
        SYSTEM_OIDCREQUESTURI: `${base}/oidctoken`,
        SYSTEM_ACCESSTOKEN: bearer,
      };
}

function ownerOf({ job }: RunningJob): string {
  return job.system === "github" ? (job.repository.split("/")[0] ?? "") : "";
}
