// Azure and Entra as somebody else uses them: calls that do not go through the program.
import type { LabControl } from "../../packages/lab/control-client";
import { type HttpResponse, request } from "../../packages/lab/shared/https";

/** Who calls. */
export interface Somebody {
  readonly clientId: string;
  readonly clientSecret: string;
}

/** The deploying identity, as the lab's environment names it. */
export async function deployer(control: LabControl): Promise<Somebody> {
  const environment = await control.environment();
  return {
    clientId: String(environment["ARM_CLIENT_ID"]),
    clientSecret: String(environment["ARM_CLIENT_SECRET"]),
  };
}

/** Registers an application that can sign in, and gives its secret. */
export async function somebody(control: LabControl, displayName: string) {
  const { clientId, servicePrincipalObjectId } = await control.directory("create-application", {
    displayName,
  });
  const before = new Set(await control.secretValues());
  await control.directory("add-password", { clientId: String(clientId) });
  const [clientSecret = ""] = (await control.secretValues()).filter((value) => !before.has(value));
  return {
    clientId: String(clientId),
    clientSecret,
    servicePrincipalObjectId: String(servicePrincipalObjectId),
  };
}

/** One call, signed in for the audience that the address is of. */
export async function call(
  control: LabControl,
  who: Somebody,
  method: string,
  url: string,
  body?: unknown,
): Promise<HttpResponse> {
  const { endpoints, tenantId } = await control.status();
  const { SSL_CERT_FILE: caFile = "" } = await control.environment();
  const { readFileSync } = await import("node:fs");
  const caPem = readFileSync(caFile, "utf8");
  const scope = url.startsWith(endpoints.armUrl) ? endpoints.armUrl : "https://vault.azure.net";
  const signedIn = await request({
    method: "POST",
    url: `${endpoints.loginUrl}/${tenantId}/oauth2/v2.0/token`,
    headers: { "content-type": "application/x-www-form-urlencoded" },
    body: new URLSearchParams({
      grant_type: "client_credentials",
      client_id: who.clientId,
      client_secret: who.clientSecret,
      scope: `${scope}/.default`,
    }).toString(),
    caPem,
  });
  const { access_token: token } = signedIn.json as { access_token: string };
  const headers = { authorization: `Bearer ${token}` };
  return request({ method, url, headers, caPem, ...(body === undefined ? {} : { body }) });
}

/** Somebody makes a vault in the resource group. */
export async function makeVault(control: LabControl, name: string, rbac = true): Promise<void> {
  const { endpoints, subscriptionId, resourceGroup, tenantId } = await control.status();
  const path = `/subscriptions/${subscriptionId}/resourceGroups/${resourceGroup}/providers/Microsoft.KeyVault/vaults/${name}`;
  const url = `${endpoints.armUrl}${path}?api-version=2026-02-01`;
  const answer = await call(control, await deployer(control), "PUT", url, {
    location: "westeurope",
    properties: {
      tenantId,
      sku: { family: "A", name: "standard" },
      enableRbacAuthorization: rbac,
      accessPolicies: [],
    },
  });
  if (answer.status >= 300) throw new Error(`The vault was not made: ${answer.text}`);
}

/** A group as the lab shows it. */
export interface ShownGroup {
  readonly groupObjectId: string;
  readonly displayName: string;
  readonly description: string | null;
  readonly owners: readonly string[];
  readonly members: readonly string[];
}

/** All groups of a name. */
export async function groupsNamed(control: LabControl, group: string): Promise<ShownGroup[]> {
  const { groups } = await control.directory("show-groups", { group });
  return groups as ShownGroup[];
}
