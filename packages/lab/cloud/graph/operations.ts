// An operation of Microsoft Graph as data: method, path, the permissions its documentation names, and its handler.
import type { CloudContext } from "../context";
import type { Directory } from "../directory";
import { namesOf } from "../endpoints";
import type { Caller } from "../tokens";
import type { GraphError } from "./errors";
import { type QueryOptions, page, project } from "./query";

export type GraphVersion = "v1.0" | "beta";

export interface GraphCall {
  readonly context: CloudContext;
  readonly directory: Directory;
  readonly caller: Caller;
  readonly version: GraphVersion;
  readonly params: Readonly<Record<string, string>>;
  readonly query: QueryOptions;
  readonly body: unknown;
  /** The path and query as sent, for next links. */
  readonly url: string;
}

export interface GraphAnswer {
  readonly status: number;
  readonly body?: unknown;
}

export interface Operation {
  readonly method: "GET" | "POST" | "PATCH" | "DELETE";
  /** Without the version, `:name` for a parameter. */
  readonly path: string;
  /** Page of the Graph API reference whose permission table this row follows. */
  readonly doc: string;
  /** Alternatives; "A and B" needs both. */
  readonly permissions: readonly string[];
  /** Alternatives that suffice for an owner of the object; `ANY_ROLE` means that ownership alone does. */
  readonly ownerPermissions?: readonly string[];
  /** Owners of the object that the call is about. */
  readonly owners?: (call: GraphCall) => ReadonlySet<string> | undefined;
  /** Refusal other than Authorization_RequestDenied. */
  readonly refusal?: () => GraphError;
  readonly handle: (call: GraphCall) => GraphAnswer;
}

export const ANY_ROLE = "";

export const noContent: GraphAnswer = { status: 204 };

/** One entity, projected by $select, under its OData context. */
export function entity(
  call: GraphCall,
  set: string,
  value: Record<string, unknown>,
  status = 200,
): GraphAnswer {
  const context = `${baseOf(call)}/$metadata#${set}/$entity`;
  return { status, body: { "@odata.context": context, ...project(value, call.query) } };
}

/** A collection: filtered, paged, projected. */
export function collection(
  call: GraphCall,
  set: string,
  values: readonly Record<string, unknown>[],
  resource: string,
): GraphAnswer {
  const { items, nextLink, count } = page(values, {
    query: call.query,
    resource,
    defaultSize: call.directory.settings.pageSize,
    link: `${namesOf(call.context.endpoints).graphUrl}${call.url}`,
  });
  return {
    status: 200,
    body: {
      "@odata.context": `${baseOf(call)}/$metadata#${set}`,
      ...(count !== undefined && { "@odata.count": count }),
      ...(nextLink !== undefined && { "@odata.nextLink": nextLink }),
      value: items.map((item) => project(item, call.query)),
    },
  };
}

function baseOf(call: GraphCall): string {
  return `${namesOf(call.context.endpoints).graphUrl}/${call.version}`;
}
