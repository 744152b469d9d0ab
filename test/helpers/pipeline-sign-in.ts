// A pipeline's sign-in on the lab, as its files say: what its system's own step does with the job's identity token before the script
// that rotates, and what that script then finds in its environment. No secret of the pipeline's identity is there.
import { readFileSync, mkdirSync, writeFileSync, chmodSync } from "node:fs";
import { delimiter, join } from "node:path";
import { request } from "../../packages/lab/shared/https";
import type { BegunJob } from "../../packages/lab/control-client";
import type { JobOrderInput } from "../../packages/lab/control-orders";
import type { Rehearsal } from "../../packages/rehearsal/rehearsal";
import { azureSteps, gitHubJobs, type PipelineName } from "../pipelines/scripts";
import { findProgram } from "./interpreters";
import { CLONE } from "./paths";

type Variables = Readonly<Record<string, string>>;
/** Puts the values of a pipeline's expressions in their places. */
type Evaluate = (text: string) => string;

/** What the documents have an administrator enter as federated credentials, for a stack called production. */
const TRUSTED = {
  github: {
    issuer: "https://token.actions.githubusercontent.com",
    subject: "repo:contoso/keyturn:environment:production",
  },
  azure: {
    issuer: "https://vstoken.dev.azure.com/0b7c4d1e-6f2a-4c83-9d57-1e8a3f6b2c90",
    subject: "sc://contoso/it/keyturn",
  },
} as const;

const AUDIENCE = "api://AzureADTokenExchange";

/** An administrator lets both systems' jobs stand for the pipeline's identity. */
export async function trustPipelines({ control }: Rehearsal): Promise<void> {
  const { ARM_CLIENT_ID: clientId = "" } = await control.environment();
  for (const [name, { issuer, subject }] of Object.entries(TRUSTED)) {
    await control.directory("add-federated-credential", { clientId, name, issuer, subject });
  }
}

/** Begins a job and signs it in; what the script that rotates has in its environment by that. */
export async function signInJob(
  rehearsal: Rehearsal,
  pipeline: PipelineName,
  evaluate: Evaluate,
): Promise<Variables> {
  return pipeline === "github" ? gitHub(rehearsal, evaluate) : azure(rehearsal);
}

/** The step azure/login: asks for the job's token, and signs the Azure CLI in with it. */
async function gitHub(rehearsal: Rehearsal, evaluate: Evaluate): Promise<Variables> {
  const { environment = "", permissions = {}, steps } = gitHubJobs().rotate;
  const job = await begin(rehearsal, {
    system: "github",
    repository: "contoso/keyturn",
    environment: evaluate(environment),
  });
  // Without the permission the job finds neither address nor bearer.
  if (permissions["id-token"] !== "write") return {};
  const inputs = steps.find(({ uses }) => uses?.startsWith("azure/login@"))?.with ?? {};
  const {
    ACTIONS_ID_TOKEN_REQUEST_URL: address = "",
    ACTIONS_ID_TOKEN_REQUEST_TOKEN: bearer = "",
  } = job.variables;
  const url = new URL(address);
  url.searchParams.set("audience", inputs["audience"] ?? AUDIENCE);
  const { value } = await ask(rehearsal, "GET", url.href, bearer);
  const [clientId, tenantId] = [inputs["client-id"] ?? "", inputs["tenant-id"] ?? ""].map(evaluate);
  await exchange(rehearsal, String(tenantId), String(clientId), value);
  return job.variables;
}

/** The beginning of the task AzureCLI@2: the same, by its service connection, whose identity it hands on where it is told to. */
async function azure(rehearsal: Rehearsal): Promise<Variables> {
  const task = azureSteps("rotate").find((step) => step.task?.startsWith("AzureCLI@"));
  const { azureSubscription: serviceConnection = "", addSpnToEnvironment } = task?.inputs ?? {};
  const job = await begin(rehearsal, {
    system: "azure",
    organisation: "contoso",
    project: "it",
    serviceConnection,
  });
  const { SYSTEM_OIDCREQUESTURI: address = "", SYSTEM_ACCESSTOKEN: bearer = "" } = job.variables;
  const url = `${address}?api-version=7.1&serviceConnectionId=${job.serviceConnectionId}`;
  const { oidcToken } = await ask(rehearsal, "POST", url, bearer);
  const { ARM_CLIENT_ID: clientId = "", ARM_TENANT_ID: tenantId = "" } =
    await rehearsal.control.environment();
  await exchange(rehearsal, tenantId, clientId, oidcToken);
  // The bearer is given to those steps only that map it.
  if (String(addSpnToEnvironment) !== "true") return {};
  return { servicePrincipalId: clientId, tenantId, idToken: String(oidcToken) };
}

/** A folder for PATH whose npm tells the lab how to sign in before it goes on: the lab's stand-ins are no children of the job. */
export function tellingNpm(folder: string, path = process.env["PATH"] ?? ""): string {
  const real = findProgram("npm", path);
  if (real === undefined) throw new Error("npm must be on PATH, and is not.");
  const teller = join(CLONE, "dist", "test", "helpers", "tell-sign-in.js");
  mkdirSync(folder, { recursive: true });
  const shim = join(folder, "npm");
  const tell = `[ -z "$KEYTURN_LAB_CONTROL" ] || '${process.execPath}' '${teller}' || exit 99`;
  writeFileSync(shim, `#!/bin/sh\n${tell}\nexec '${real}' "$@"\n`);
  chmodSync(shim, 0o755);
  return `${folder}${delimiter}${path}`;
}

async function begin({ control }: Rehearsal, order: JobOrderInput): Promise<BegunJob> {
  return control.startJob(order);
}

async function ask(
  rehearsal: Rehearsal,
  method: string,
  url: string,
  bearer: string,
): Promise<Readonly<Record<string, unknown>>> {
  const headers = { authorization: `Bearer ${bearer}` };
  const caPem = authority(rehearsal);
  const { status, json } = await request({ method, url, headers, caPem });
  if (status !== 200) throw new Error(`The job's token was refused with status ${status}.`);
  return json as Record<string, unknown>;
}

/** What `az login --service-principal --federated-token` asks of Entra; test/e2e/azure-cli.full.ts runs the CLI itself. */
async function exchange(
  rehearsal: Rehearsal,
  tenantId: string,
  clientId: string,
  assertion: unknown,
): Promise<void> {
  const { endpoints } = await rehearsal.status();
  const answer = await request({
    method: "POST",
    url: `${endpoints.loginUrl}/${tenantId}/oauth2/v2.0/token`,
    headers: { "content-type": "application/x-www-form-urlencoded" },
    body: new URLSearchParams({
      grant_type: "client_credentials",
      client_id: clientId,
      client_assertion_type: "urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
      client_assertion: String(assertion),
      scope: `${endpoints.armUrl}/.default`,
    }).toString(),
    caPem: authority(rehearsal),
  });
  if (answer.status === 200) return;
  const { error_description: why } = answer.json as { error_description?: string };
  throw new Error(`Signing in failed: ${why ?? answer.status}`);
}

function authority({ environment }: Rehearsal): string {
  return readFileSync(environment["SSL_CERT_FILE"] ?? "", "utf8");
}
