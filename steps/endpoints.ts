// Where to sign in and where Graph is: Azure's metadata document when a host for it is given, else constants.
import { z } from "zod";
import type { ProofInput } from "../components/pure/proof";
import { ask } from "./http";

/** Base addresses without a trailing slash. */
export interface Endpoints {
  readonly login: string;
  readonly graph: string;
}

const CLOUDS: Readonly<Record<ProofInput["environment"], Endpoints>> = {
  public: { login: "https://login.microsoftonline.com", graph: "https://graph.microsoft.com" },
  usgovernment: { login: "https://login.microsoftonline.us", graph: "https://graph.microsoft.us" },
  china: {
    login: "https://login.partner.microsoftonline.cn",
    graph: "https://microsoftgraph.chinacloudapi.cn",
  },
};

const metadata = z.object({
  authentication: z.object({ loginEndpoint: z.url() }),
  microsoftGraphResourceId: z.url(),
});

/** Finds the endpoints of a proof. */
export async function findEndpoints(
  input: Pick<ProofInput, "environment" | "metadataHost">,
  environment: NodeJS.ProcessEnv,
): Promise<Endpoints> {
  const host = input.metadataHost || (environment["ARM_METADATA_HOSTNAME"] ?? "");
  if (host === "") return CLOUDS[input.environment];
  const url = `https://${host}/metadata/endpoints?api-version=2022-09-01`;
  const answer = await ask({ method: "GET", url, timeoutMilliseconds: 15_000 });
  const parsed = metadata.safeParse(answer.body);
  if (answer.status !== 200 || !parsed.success) {
    throw new Error(
      `${url} must answer Azure's metadata document, got status ${answer.status}. Correct metadataHost.`,
    );
  }
  const trim = (address: string): string => address.replace(/\/+$/, "");
  return {
    login: trim(parsed.data.authentication.loginEndpoint),
    graph: trim(parsed.data.microsoftGraphResourceId),
  };
}
