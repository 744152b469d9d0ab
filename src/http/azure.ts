// Reads Azure as the deploying identity, with a deadline: its management and its vaults. Waits as long as Azure asks
// while it is throttled; never writes. What is not there is an answer, not an error.
import { getClientToken } from "@pulumi/azure-native/authorization/getClientToken";
import type { z } from "zod";
import { ARM_TYPES, type ArmType } from "../arm-types";
import { type AzureEndpoints, findAzureEndpoints } from "./endpoints";
import type { Answer } from "./request";
import { type Pace, realPace } from "./pace";
import type { Cloud } from "./graph";
import { NO_ANSWER, PatientReader, errorCode, fits } from "./patient-reader";

/** For all reads of a run together; a throttled Azure must not hold up a run that has nothing to do. */
const READING_SECONDS = 45;

/** Azure did not answer what was asked for; the message is a clause: "Azure answers 403 AuthorizationFailed". */
export class AzureUnread extends Error {}

/** Management and vaults of one cloud. */
export class AzureReader {
  private readonly bearers = new Map<string, Promise<string>>();
  private readonly reader: PatientReader;

  constructor(
    private readonly endpoints: AzureEndpoints,
    private readonly token: (audience: string) => Promise<string>,
    pace: Pace = realPace(),
  ) {
    this.reader = new PatientReader(READING_SECONDS, pace);
  }

  /** Something of Azure's management, by its path; undefined when there is none. @throws AzureUnread */
  arm<T>(
    path: string,
    type: ArmType,
    schema: z.ZodType<T>,
    query: Readonly<Record<string, string>> = {},
  ): Promise<T | undefined> {
    const { arm } = this.endpoints;
    const { apiVersion } = ARM_TYPES[type];
    const rest = Object.entries(query).map(
      ([key, value]) => `&${key}=${encodeURIComponent(value)}`,
    );
    return this.read(`${arm}${path}?api-version=${apiVersion}${rest.join("")}`, arm, schema);
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
    const answer = await this.reader.get(url, `Bearer ${await bearer}`);
    if (answer.status === 404) return undefined;
    if (answer.status !== 200) throw unread(answer);
    const { data, faults } = fits(schema, answer.body);
    if (faults === undefined) return data;
    throw new AzureUnread(`Azure's answer is not as documented (${faults})`);
  }
}

/** Azure, as the identity that the program runs as; its tokens are never kept. */
export async function openAzure(cloud: Cloud): Promise<AzureReader> {
  const endpoints = await findAzureEndpoints(cloud, process.env);
  return new AzureReader(endpoints, async (endpoint) => (await getClientToken({ endpoint })).token);
}

function unread({ status, body }: Answer): AzureUnread {
  if (status === NO_ANSWER) return new AzureUnread(`Azure does not answer (${String(body)})`);
  return new AzureUnread(`Azure answers ${status} ${errorCode(body)}`.trim());
}
