// Reads Azure as the deploying identity, with a deadline: its management and its vaults. Waits as long as Azure asks
// while it is throttled; never writes. What is not there is an answer, not an error.
import { getClientToken } from "@pulumi/azure-native/authorization/getClientToken";
import { z } from "zod";
import { type AzureEndpoints, findAzureEndpoints } from "../steps/endpoints";
import { type Answer, ask } from "../steps/http";
import { type Pace, backOff, realPace } from "../steps/waiting";
import type { Settings } from "../components/pure/settings";

const REQUEST_SECONDS = 20;
/** For all reads of a run together; a throttled Azure must not hold up a run that has nothing to do. */
const READING_SECONDS = 45;
const azureError = z.object({ error: z.object({ code: z.string() }) });

/** Azure did not answer what was asked for; the message is a clause: "Azure answers 403 AuthorizationFailed". */
export class AzureUnread extends Error {}

/** Which cloud. */
export type Cloud = Pick<Settings, "environment" | "metadataHost">;

/** Management and vaults of one cloud. */
export class AzureReader {
  private readonly bearers = new Map<string, Promise<string>>();

  constructor(
    private readonly endpoints: AzureEndpoints,
    private readonly token: (audience: string) => Promise<string>,
    private readonly pace: Pace = realPace(),
  ) {}

  /** Something of Azure's management, by its path; undefined when there is none. @throws AzureUnread */
  arm<T>(path: string, apiVersion: string, schema: z.ZodType<T>): Promise<T | undefined> {
    const { arm } = this.endpoints;
    return this.read(`${arm}${path}?api-version=${apiVersion}`, arm, schema);
  }

  /** Something of a vault, by its path; undefined when there is none. @throws AzureUnread */
  vault<T>(name: string, path: string, schema: z.ZodType<T>): Promise<T | undefined> {
    const { vaultSuffix } = this.endpoints;
    const url = `https://${name}.${vaultSuffix}${path}?api-version=7.6`;
    return this.read(url, `https://${vaultSuffix.replace(/:\d+$/, "")}`, schema);
  }

  private async read<T>(
    url: string,
    audience: string,
    schema: z.ZodType<T>,
  ): Promise<T | undefined> {
    let bearer = this.bearers.get(audience);
    if (bearer === undefined) this.bearers.set(audience, (bearer = this.token(audience)));
    const authorization = `Bearer ${await bearer}`;
    for (let tries = 1; ; tries += 1) {
      const answer = await this.once(url, authorization);
      if (answer.status === 200) return fit(schema, answer.body);
      if (answer.status === 404) return undefined;
      const passing = answer.status === 0 || answer.status === 429 || answer.status >= 500;
      const wait = backOff(tries, answer.retryAfterSeconds);
      if (!passing || this.pace.elapsed() + wait > READING_SECONDS) throw unread(answer);
      await this.pace.pause(wait);
    }
  }

  /** Status 0 is no answer; the body then says why. */
  private async once(url: string, authorization: string): Promise<Answer> {
    const left = Math.max(1, READING_SECONDS - this.pace.elapsed());
    const timeoutMilliseconds = Math.min(REQUEST_SECONDS, left) * 1000;
    try {
      return await ask({ method: "GET", url, headers: { authorization }, timeoutMilliseconds });
    } catch (error) {
      return { status: 0, body: error instanceof Error ? error.message : "no answer" };
    }
  }
}

/** Azure, as the identity that the program runs as; its tokens are never kept. */
export async function openAzure(cloud: Cloud): Promise<AzureReader> {
  const environment = cloud.environment as "public";
  const endpoints = await findAzureEndpoints({ ...cloud, environment }, process.env);
  return new AzureReader(endpoints, async (endpoint) => (await getClientToken({ endpoint })).token);
}

function fit<T>(schema: z.ZodType<T>, value: unknown): T {
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  const faults = parsed.error.issues.map(({ path, message }) => `${path.join(".")}: ${message}`);
  throw new AzureUnread(`Azure's answer is not as documented (${faults.join("; ")})`);
}

function unread({ status, body }: Answer): AzureUnread {
  if (status === 0) return new AzureUnread(`Azure does not answer (${String(body)})`);
  const parsed = azureError.safeParse(body);
  return new AzureUnread(
    `Azure answers ${status} ${parsed.success ? parsed.data.error.code : ""}`.trim(),
  );
}
