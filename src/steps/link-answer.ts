// What a SnapPass-compatible server answers when it has made a link, in its two interfaces.
import { z } from "zod";

/** A link, and its storage key where the key alone can be asked about. */
export interface FoundLink {
  readonly link: string;
  readonly linkId?: string | undefined;
  readonly ttl: number;
}

/** Why an answer will not do; it quotes nothing of it. */
export interface Fault {
  readonly fault: string;
}

const ttl = z.number().int().min(1);
const second = z.object({
  token: z.string().min(1),
  links: z.array(z.object({ rel: z.string(), href: z.string() })),
  ttl,
});
const first = z.object({ link: z.string(), ttl });
const SEPARATOR = "~";

/** The link in an answer, or what is wrong with it. */
export function linkIn(body: unknown, older: boolean): FoundLink | Fault {
  return older ? inFirst(body) : inSecond(body);
}

function inSecond(body: unknown): FoundLink | Fault {
  const parsed = second.safeParse(body);
  if (!parsed.success) return { fault: "its answer has no token and no links" };
  const { token, links } = parsed.data;
  const link = links.find(({ rel }) => rel === "web-view")?.href ?? "";
  const at = token.indexOf(SEPARATOR);
  if (tokenOf(link) !== token) return { fault: "its web-view link is no https link of the token" };
  // Without the separator the whole token opens the link, and nothing can be asked about it safely.
  return { link, ttl: parsed.data.ttl, linkId: at > 0 ? token.slice(0, at) : undefined };
}

/** The first interface knows no question about a link: asking might open it. */
function inFirst(body: unknown): FoundLink | Fault {
  const parsed = first.safeParse(body);
  if (!parsed.success) return { fault: "its answer has no link" };
  if (tokenOf(parsed.data.link) === undefined) return { fault: "its link is no https link" };
  return parsed.data;
}

/** The token at the end of an https link; undefined for anything else. */
function tokenOf(link: string): string | undefined {
  const url = URL.parse(link);
  if (url?.protocol !== "https:" || url.username !== "" || url.password !== "") return undefined;
  const last = url.pathname.split("/").at(-1) ?? "";
  try {
    return decodeURIComponent(last.replaceAll("+", " ")) || undefined;
  } catch {
    return undefined;
  }
}
