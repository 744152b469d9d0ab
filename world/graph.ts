// Reads Microsoft Graph as the deploying identity, with a deadline: waits as long as Graph asks while it is throttled,
// follows pages within Graph only, and reads an answer against its schema. It never writes.
import { z } from "zod";
import type { Answer } from "../steps/http";
import { ask } from "../steps/http";
import type { Pace } from "../steps/waiting";
import { backOff, realPace } from "../steps/waiting";

const REQUEST_SECONDS = 20;
const graphError = z.object({ error: z.object({ code: z.string() }) });
const page = z.object({ value: z.array(z.unknown()), "@odata.nextLink": z.string().optional() });

/** Graph did not answer what was asked for; the message is a clause: "Graph refuses it (403 …)". */
export class GraphUnread extends Error {
  constructor(
    message: string,
    /** Graph's own code; empty when there is none. */
    readonly code = "",
    readonly status = 0,
  ) {
    super(message);
  }
}

export class GraphReader {
  /** @param seconds for all of its reads together */
  constructor(
    private readonly graph: string,
    private readonly bearer: string,
    private readonly seconds: number,
    private readonly pace: Pace = realPace(),
  ) {}

  /** One entity. @param path from the version on: `/v1.0/applications/…` @throws GraphUnread */
  async entity<T>(path: string, schema: z.ZodType<T>): Promise<T> {
    return fit(schema, await this.read(`${this.graph}${path}`));
  }

  /**
   * Items of a collection, page by page, until one page's items are enough or the pages are over.
   * @throws GraphUnread
   */
  async items<T>(
    path: string,
    schema: z.ZodType<T>,
    mostPages: number,
    enough: (items: readonly T[]) => boolean = () => false,
  ): Promise<T[]> {
    const items: T[] = [];
    let url: string | undefined = `${this.graph}${path}`;
    for (let pages = 0; url !== undefined && pages < mostPages; pages += 1) {
      const read: z.infer<typeof page> = fit(page, await this.read(url));
      const { value, "@odata.nextLink": next } = read;
      items.push(...value.map((item) => fit(schema, item)));
      if (enough(items)) break;
      // The token goes to Graph only, wherever an answer points.
      if (next !== undefined && !next.startsWith(`${this.graph}/`)) {
        throw new GraphUnread("Graph's next page must be Graph's, and is not");
      }
      url = next;
    }
    return items;
  }

  private async read(url: string): Promise<unknown> {
    for (let tries = 1; ; tries += 1) {
      const answer = await this.once(url);
      if ("body" in answer && answer.status === 200) return answer.body;
      const status = "status" in answer ? answer.status : 0;
      const passing = status === 0 || status === 429 || status >= 500;
      const wait = backOff(tries, "status" in answer ? answer.retryAfterSeconds : undefined);
      if (!passing || this.pace.elapsed() + wait > this.seconds) throw unread(answer);
      await this.pace.pause(wait);
    }
  }

  private async once(url: string): Promise<Answer | { readonly why: string }> {
    const left = Math.max(1, this.seconds - this.pace.elapsed());
    try {
      return await ask({
        method: "GET",
        url,
        headers: { authorization: `Bearer ${this.bearer}` },
        timeoutMilliseconds: Math.min(REQUEST_SECONDS, left) * 1000,
      });
    } catch (error) {
      return { why: error instanceof Error ? error.message : "no answer" };
    }
  }
}

function fit<T>(schema: z.ZodType<T>, value: unknown): T {
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  const faults = parsed.error.issues.map(({ path, message }) => `${path.join(".")}: ${message}`);
  throw new GraphUnread(`Graph's answer is not as documented (${faults.join("; ")})`);
}

function unread(answer: Answer | { readonly why: string }): GraphUnread {
  if ("why" in answer) return new GraphUnread(`Graph does not answer (${answer.why})`);
  const parsed = graphError.safeParse(answer.body);
  const code = parsed.success ? parsed.data.error.code : "";
  const told = `${answer.status} ${code}`.trim();
  const words = answer.status === 429 ? `Graph is throttled (${told})` : `Graph answers ${told}`;
  return new GraphUnread(words, code, answer.status);
}
