// Reads Microsoft Graph as the deploying identity, with a deadline: waits as long as Graph asks while it is throttled,
// follows pages within Graph only, and reads an answer against its schema. It never writes.
import { getClientToken } from "@pulumi/azure-native/authorization/getClientToken";
import { z } from "zod";
import type { KeyturnConfig } from "../keyturn-config";
import { findEndpoints } from "./endpoints";
import type { Answer } from "./request";
import type { Pace } from "./pace";
import { realPace } from "./pace";
import { NO_ANSWER, PatientReader, errorCode, fits } from "./patient-reader";

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

/** Where the deploying identity is signed in: what the reading needs of the config. */
export type Cloud = Pick<KeyturnConfig, "environment" | "metadataHost">;

/** Graph, as the identity that the program runs as; its token is never kept. */
export async function openGraph(cloud: Cloud, seconds: number): Promise<GraphReader> {
  const { graph } = await findEndpoints(cloud, process.env);
  const { token } = await getClientToken({ endpoint: graph });
  return new GraphReader(graph, token, seconds);
}

/** Graph in one cloud, read as one identity. */
export class GraphReader {
  private readonly reader: PatientReader;

  /** @param seconds for all of its reads together */
  constructor(
    private readonly graph: string,
    private readonly bearer: string,
    seconds: number,
    pace: Pace = realPace(),
  ) {
    this.reader = new PatientReader(seconds, pace);
  }

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
    return (await this.collection(path, schema, mostPages, enough)).items;
  }

  /** The same, and whether the pages were over. @throws GraphUnread */
  async collection<T>(
    path: string,
    schema: z.ZodType<T>,
    mostPages: number,
    enough: (items: readonly T[]) => boolean = () => false,
  ): Promise<{ items: T[]; complete: boolean }> {
    const items: T[] = [];
    let url: string | undefined = `${this.graph}${path}`;
    for (let pages = 0; url !== undefined && pages < mostPages; pages += 1) {
      const read: z.infer<typeof page> = fit(page, await this.read(url));
      const { value, "@odata.nextLink": next } = read;
      items.push(...value.map((item) => fit(schema, item)));
      if (enough(items)) return { items, complete: next === undefined };
      // The token goes to Graph only, wherever an answer points.
      if (next !== undefined && !next.startsWith(`${this.graph}/`)) {
        throw new GraphUnread("Graph's next page must be Graph's, and is not");
      }
      url = next;
    }
    return { items, complete: url === undefined };
  }

  private async read(url: string): Promise<unknown> {
    const answer = await this.reader.get(url, `Bearer ${this.bearer}`);
    if (answer.status === 200) return answer.body;
    throw unread(answer);
  }
}

/** What Graph says it has not is an answer: undefined. @throws GraphUnread for everything else that was not read */
export async function unlessAbsent<T>(reading: Promise<T>): Promise<T | undefined> {
  try {
    return await reading;
  } catch (error) {
    if (error instanceof GraphUnread && error.status === 404) return undefined;
    throw error;
  }
}

function fit<T>(schema: z.ZodType<T>, value: unknown): T {
  const { data, faults } = fits(schema, value);
  if (faults === undefined) return data;
  throw new GraphUnread(`Graph's answer is not as documented (${faults})`);
}

function unread({ status, body }: Answer): GraphUnread {
  if (status === NO_ANSWER) return new GraphUnread(`Graph does not answer (${String(body)})`);
  const code = errorCode(body);
  const told = `${status} ${code}`.trim();
  const words = status === 429 ? `Graph is throttled (${told})` : `Graph answers ${told}`;
  return new GraphUnread(words, code, status);
}
