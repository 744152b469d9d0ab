// ARM's front door: resource ids are matched without case, then api-version, subscription, sign-in and the
// caller's right to the action are checked in ARM's order before an operation runs.
import type { CloudContext } from "../context";
import { audiencesOf } from "../resources";
import type { Caller } from "../tokens";
import { type ArmType, requireApiVersion } from "./api-versions";
import type { AssignmentFacts } from "./conditions";
import {
  ArmError,
  authorizationFailed,
  missingApiVersion,
  missingSubscription,
  subscriptionNotFound,
} from "./errors";
import { authenticate } from "./sign-in";
import type { AzureResources } from "./store";

export interface ArmRequest {
  readonly method: string;
  /** Decoded path with neither query nor trailing slash. */
  readonly path: string;
  readonly query: URLSearchParams;
  readonly body: unknown;
  readonly authorization: string | undefined;
}

export interface ArmCall {
  readonly context: CloudContext;
  readonly resources: AzureResources;
  readonly caller: Caller;
  /** Path parameters in the caller's spelling. */
  readonly params: Readonly<Record<string, string>>;
  readonly request: ArmRequest;
  /** Of those that the type is served in. */
  readonly apiVersion: string;
  readonly now: Date;
}

export interface ArmAnswer {
  readonly status: number;
  readonly body?: unknown;
}

export interface ArmRoute {
  readonly method: string;
  /** "{name}" is one segment, "{scope*}" is any number of them. */
  readonly path: string;
  /** Decides which api-versions are served. */
  readonly type: ArmType;
  /** The action asked for; undefined when any signed-in caller may. */
  readonly action?: string;
  /** Where the action is asked for. @default the requested path */
  readonly scope?: (params: Readonly<Record<string, string>>) => string;
  /** What a condition of the caller's own role assignment is held to. @default nothing */
  readonly facts?: (
    request: ArmRequest,
    params: Readonly<Record<string, string>>,
    resources: AzureResources,
  ) => AssignmentFacts;
  readonly run: (call: ArmCall) => ArmAnswer;
}

export const ok = (body: unknown): ArmAnswer => ({ status: 200, body });

export class ArmRouter {
  private readonly compiled: readonly { route: ArmRoute; pattern: RegExp }[];

  constructor(
    private readonly context: CloudContext,
    private readonly resources: AzureResources,
    routes: readonly ArmRoute[],
  ) {
    this.compiled = routes.map((route) => ({ route, pattern: compile(route.path) }));
  }

  async answer(request: ArmRequest): Promise<ArmAnswer> {
    const audiences = audiencesOf("arm", this.context.endpoints);
    const caller = await authenticate(request.authorization, audiences, this.context);
    const apiVersion = request.query.get("api-version");
    if (apiVersion === null || apiVersion === "") throw missingApiVersion();
    this.requireSubscription(request.path);
    const { route, params } = this.match(request);
    const now = this.context.clock.now();
    requireApiVersion(route.type, apiVersion, now);
    this.authorise(route, params, caller, request);
    const { context, resources } = this;
    return route.run({ context, resources, caller, params, request, apiVersion, now });
  }

  private match(request: ArmRequest) {
    const here = this.compiled.filter(({ pattern }) => pattern.test(request.path));
    const found = here.find(({ route }) => route.method === request.method);
    if (found) {
      const params = { ...found.pattern.exec(request.path)?.groups };
      return { route: found.route, params };
    }
    if (here.length > 0) {
      throw new ArmError(
        405,
        "HttpMethodNotAllowed",
        `The requested resource does not support http method '${request.method}'.`,
      );
    }
    if (!/^\/subscriptions\//i.test(request.path)) throw missingSubscription();
    throw new ArmError(
      404,
      "InvalidResourceType",
      `The resource type could not be found for '${request.path}': the lab does not emulate it.`,
    );
  }

  private requireSubscription(path: string): void {
    const subscriptionId = /^\/subscriptions\/([^/]+)/i.exec(path)?.[1];
    if (subscriptionId === undefined) return;
    if (!/^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(subscriptionId)) {
      throw new ArmError(
        400,
        "InvalidSubscriptionId",
        `The provided subscription identifier '${subscriptionId}' is malformed or invalid.`,
      );
    }
    if (subscriptionId.toLowerCase() !== this.context.subscriptionId) {
      throw subscriptionNotFound(subscriptionId);
    }
  }

  private authorise(
    route: ArmRoute,
    params: Readonly<Record<string, string>>,
    caller: Caller,
    request: ArmRequest,
  ): void {
    if (route.action === undefined) return;
    const scope = route.scope?.(params) ?? request.path;
    const objectId = caller.servicePrincipalObjectId;
    const facts = route.facts?.(request, params, this.resources);
    if (this.resources.holds(objectId, "actions", route.action, scope, facts)) return;
    throw authorizationFailed(caller.clientId, objectId, route.action, scope);
  }
}

function compile(path: string): RegExp {
  const pattern = path
    .replace(/[.]/g, "\\$&")
    .replace(/\/\{(\w+)\*\}/g, "(?<$1>(?:/[^/]+)*?)")
    .replace(/\{(\w+)\}/g, "(?<$1>[^/]+)");
  return new RegExp(`^${pattern}$`, "i");
}
