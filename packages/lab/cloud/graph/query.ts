// OData query options: $select, $filter, $top, $count, and paging by an opaque $skiptoken.
import { GraphError } from "./errors";
import { matchesFilter } from "./filter";

export type QueryOptions = Readonly<Record<string, string | undefined>>;

export interface PageArgs {
  readonly query: QueryOptions;
  /** Type name for error texts. */
  readonly resource: string;
  readonly defaultSize: number;
  /** The absolute address of this request. */
  readonly link: string;
}

export interface Page {
  readonly items: readonly Record<string, unknown>[];
  readonly nextLink?: string;
  readonly count?: number;
}

const MAX_TOP = 999;

/** Keeps the properties that $select names; without it everything. */
export function project(
  value: Record<string, unknown>,
  query: QueryOptions,
): Record<string, unknown> {
  const select = query["$select"];
  if (select === undefined || select === "" || select === "*") return value;
  const wanted = new Set(select.split(",").map((name) => name.trim().toLowerCase()));
  return Object.fromEntries(
    Object.entries(value).filter(
      ([name]) => name.startsWith("@odata.") || wanted.has(name.toLowerCase()),
    ),
  );
}

export function page(values: readonly Record<string, unknown>[], args: PageArgs): Page {
  const { query, resource } = args;
  const filter = query["$filter"];
  const found =
    filter === undefined || filter === ""
      ? values
      : values.filter((value) => matchesFilter(filter, value, resource));
  const size = topOf(query, args.defaultSize);
  const start = offsetOf(query["$skiptoken"]);
  const items = found.slice(start, start + size);
  const count = query["$count"] === "true" ? found.length : undefined;
  const more = start + size < found.length;
  return {
    items,
    ...(count !== undefined && { count }),
    ...(more && { nextLink: linkTo(args.link, start + size) }),
  };
}

function topOf(query: QueryOptions, defaultSize: number): number {
  const top = query["$top"];
  if (top === undefined) return defaultSize;
  const size = Number(top);
  if (!Number.isInteger(size) || size < 1 || size > MAX_TOP) {
    const message = `Invalid page size specified: '${top}'. Must be between 1 and ${MAX_TOP} inclusive.`;
    throw new GraphError(400, "Request_UnsupportedQuery", message);
  }
  return size;
}

function offsetOf(token: string | undefined): number {
  if (token === undefined) return 0;
  const offset = Number(Buffer.from(token, "base64url").toString("utf8").replace("lab:", ""));
  if (Number.isInteger(offset) && offset >= 0) return offset;
  throw new GraphError(
    400,
    "Directory_ExpiredPageToken",
    "The specified page token value is invalid or has expired.",
  );
}

function linkTo(link: string, offset: number): string {
  const url = new URL(link);
  url.searchParams.set("$skiptoken", Buffer.from(`lab:${offset}`).toString("base64url"));
  return url.toString();
}
