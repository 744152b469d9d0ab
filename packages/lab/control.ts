// The lab's control API, apart from the products' own: status, clock, faults, what happens in the tenant and on the
// host behind the program's back, and the end of the lab. Loopback only; a bearer token from control.json.
import { timingSafeEqual } from "node:crypto";
import fastify, { type FastifyInstance } from "fastify";
import type { AzureResources } from "./cloud/arm/store";
import type { CloudContext } from "./cloud/context";
import { allSecretValues } from "./cloud/credentials";
import { given } from "./given";
import type { HostAccess } from "./host-access";
import type { LabStatus } from "./lab-status";
import { listen, type RunningServer } from "./cloud/server";
import { carryOutAzure } from "./control-azure";
import { carryOut } from "./control-directory";
import {
  ClockOrder,
  FaultOrder,
  JobOrder,
  OrderRefused,
  readOrder,
  SettingsOrder,
  SignInOrder,
} from "./control-orders";
import { type Job, subjectOf } from "./cloud/jobs/jobs";
import { variablesOf } from "./cloud/jobs/server";

export interface ControlTargets {
  readonly context: CloudContext;
  readonly resources: AzureResources;
  readonly token: string;
  readonly status: () => LabStatus;
  /** What the engine and its children must have in their environment; holds the deployer's secret. */
  readonly environment: () => Readonly<Record<string, string>>;
  /** How a host is reached, the first where none is named; holds the client's SSH key. */
  readonly hostAccess: (hostName: string | undefined) => HostAccess;
  /** Secrets on the hosts besides the client secret; for the search for leaks. */
  readonly hostSecrets: () => readonly string[];
  /** Values and links that SnapPass ever kept; for the search for leaks. */
  readonly oneTimeSecrets: () => readonly string[];
  /** Orders to a host, the first where none is named: faults of its SSH server, its service. */
  readonly orderHost: (
    hostName: string | undefined,
    name: string,
    body: unknown,
  ) => Promise<object>;
  /** Lets the stand-ins sign in by other variables from now on. */
  readonly signInBy: (variables: Readonly<Record<string, string>>) => Promise<void>;
  /** Asked for by POST /shutdown, after the answer has gone. */
  readonly shutdown: () => void;
}

export async function startControl(targets: ControlTargets, port: number): Promise<RunningServer> {
  const server = fastify({ forceCloseConnections: true, bodyLimit: 65_536 });
  protect(server, targets.token);
  addRoutes(server, targets);
  const listening = await listen(server, port);
  return { port: listening, close: () => server.close() };
}

function addRoutes(server: FastifyInstance, targets: ControlTargets): void {
  const { context, resources } = targets;
  const { clock, faults, directory } = context;

  server.get("/status", () => targets.status());

  server.get("/environment", () => targets.environment());
  server.get<{ Querystring: { host?: string } }>("/host-access", (request) =>
    targets.hostAccess(request.query.host),
  );

  server.get("/clock", () => clock.toJSON());
  server.post("/clock", (request) => {
    const { set, advance, rate } = readOrder(ClockOrder, request.body);
    if (set !== undefined) clock.set(new Date(set));
    if (advance !== undefined) clock.advance(advance);
    if (rate !== undefined) clock.rate = rate;
    return clock.toJSON();
  });

  server.get("/faults", () => faults.list());
  server.post("/faults", (request) => {
    const {
      server: name,
      pathPattern,
      status,
      code,
      times,
      ...rest
    } = readOrder(FaultOrder, request.body);
    return faults.add({ server: name, pathPattern, status, code, times, ...given(rest) });
  });
  server.delete("/faults", () => {
    faults.clear();
    return faults.list();
  });
  server.delete<{ Params: { faultId: string } }>("/faults/:faultId", (request) => {
    const { faultId } = request.params;
    if (!faults.remove(Number(faultId))) {
      throw new OrderRefused(`The lab has no fault ${faultId}.`, 404);
    }
    return faults.list();
  });

  server.get("/settings", () => directory.settings);
  server.post("/settings", (request) =>
    Object.assign(directory.settings, readOrder(SettingsOrder, request.body)),
  );
  server.get<{ Querystring: { clientId?: string } }>("/sign-ins", (request) => {
    const { clientId } = request.query;
    return directory.signIns.filter((one) => clientId === undefined || one.clientId === clientId);
  });
  server.post<{ Params: { order: string } }>("/directory/:order", (request) =>
    carryOut(context, request.params.order, request.body),
  );
  server.post<{ Params: { order: string } }>("/azure/:order", (request) =>
    carryOutAzure(context, resources, request.params.order, request.body),
  );
  server.post<{ Params: { order: string }; Querystring: { host?: string } }>(
    "/host/:order",
    (request) => targets.orderHost(request.query.host, request.params.order, request.body),
  );

  server.post("/jobs", (request) => {
    const running = context.jobs.start(given(readOrder(JobOrder, request.body)) as Job);
    const { serviceConnectionId, job } = running;
    return {
      issuer: context.jobs.issuers[job.system].url,
      subject: subjectOf(job),
      serviceConnectionId,
      variables: variablesOf(context, running),
    };
  });
  server.post("/sign-in", async (request) => {
    await targets.signInBy(readOrder(SignInOrder, request.body));
    return {};
  });

  server.get("/secrets", () => ({
    values: [
      ...new Set([
        ...allSecretValues(directory),
        ...resources.vaults.everyValue(),
        ...targets.hostSecrets(),
        ...targets.oneTimeSecrets(),
      ]),
    ],
  }));
  server.post("/shutdown", async (_request, reply) => {
    reply.raw.once("finish", targets.shutdown);
    await reply.send({ shuttingDown: true });
  });
}

function protect(server: FastifyInstance, token: string): void {
  server.addHook("onRequest", async (request, reply) => {
    const given = /^Bearer (.+)$/i.exec(request.headers.authorization ?? "")?.[1] ?? "";
    if (same(given, token)) return;
    const error = "The lab's control needs the bearer token from its control.json.";
    await reply.code(401).send({ error });
  });
  server.setErrorHandler(async (error: Error & { statusCode?: number }, _request, reply) => {
    const status = error instanceof OrderRefused ? error.status : (error.statusCode ?? 500);
    await reply.code(status).send({ error: error.message });
  });
  server.setNotFoundHandler(async (request, reply) => {
    await reply
      .code(404)
      .send({ error: `The lab's control has no ${request.method} ${request.url}.` });
  });
}

function same(one: string, other: string): boolean {
  const [left, right] = [Buffer.from(one), Buffer.from(other)];
  return left.length === right.length && timingSafeEqual(left, right);
}
