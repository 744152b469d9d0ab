// A cloud for one test file: sign-in and Graph servers on one context, and callers with chosen roles.
import tls from "node:tls";
import { addForeignPassword, grantAppRole } from "../../cloud/mutations";
import { type CloudContext, createCloudContext } from "../../cloud/context";
import type { DirectorySettings } from "../../cloud/directory";
import { startLogin } from "../../cloud/entra";
import { startGraph } from "../../cloud/graph/server";
import { LabClock } from "../../clock";
import { type LabCertificates, createCertificates } from "../../cloud/certificates";
import { type HttpResponse, request } from "../../shared/https";

export interface Client {
  readonly clientId: string;
  readonly clientSecret: string;
  readonly keyId: string;
  readonly applicationObjectId: string;
  readonly servicePrincipalObjectId: string;
}

export interface Cloud {
  readonly context: CloudContext;
  /** Makes an application with a secret that is valid at once, and the given Graph roles. */
  client(...roles: string[]): Client;
  signIn(fields: Record<string, string>, options?: SignInOptions): Promise<HttpResponse>;
  /** A bearer token for Graph with the given roles. */
  token(...roles: string[]): Promise<string>;
  graph(method: string, path: string, options: GraphOptions): Promise<GraphResponse>;
  close(): Promise<void>;
}

export interface SignInOptions {
  readonly tenant?: string;
  readonly v1?: boolean;
  readonly basic?: string;
}

export interface GraphOptions {
  readonly token?: string;
  readonly body?: unknown;
}

/** The code and message of a Graph error. */
export function errorOf(response: GraphResponse): { code: string; message: string } {
  return response.body["error"] as { code: string; message: string };
}

/** The items of a collection. */
export function valuesOf(response: GraphResponse): Record<string, unknown>[] {
  return response.body["value"] as Record<string, unknown>[];
}

export interface GraphResponse extends HttpResponse {
  /** The JSON body, {} when there is none. */
  readonly body: Record<string, unknown>;
}

/** Lets this process's TLS clients trust a lab too, until what is returned is called. */
export function trust(caPem: string): () => void {
  const before = tls.getCACertificates("default");
  tls.setDefaultCACertificates([...before, caPem]);
  return () => tls.setDefaultCACertificates(before);
}

/** The same as startCloud, trusted by this process until it is closed: for code that takes no certificates. */
export async function startTrustedCloud(): Promise<Cloud> {
  const cloud = await startCloud();
  const distrust = trust(cloud.context.certificates.caPem);
  return {
    ...cloud,
    close: async () => {
      distrust();
      await cloud.close();
    },
  };
}

let shared: Promise<LabCertificates> | undefined;

export async function startCloud(settings: Partial<DirectorySettings> = {}): Promise<Cloud> {
  shared ??= createCertificates();
  const certificates = await shared;
  // The clock stands still unless a test moves it.
  const clock = new LabClock(() => Date.parse("2026-05-04T08:00:00Z"));
  const context = await createCloudContext({ clock, certificates, settings });
  const servers = [await startLogin(context, 0), await startGraph(context, 0)];
  const { endpoints, tenantId, directory } = context;
  const caPem = certificates.caPem;

  const cloud: Cloud = {
    context,
    client(...roles) {
      const application = directory.createApplication({ displayName: "client" });
      const { clientId, applicationObjectId } = application;
      const { servicePrincipalObjectId } = directory.createServicePrincipal(clientId, {});
      for (const role of roles) grantAppRole(directory, clientId, role);
      const { value, keyId } = addForeignPassword(directory, clientId);
      return {
        clientId,
        clientSecret: value,
        keyId,
        applicationObjectId,
        servicePrincipalObjectId,
      };
    },
    signIn(fields, { tenant = tenantId, v1 = false, basic } = {}) {
      return request({
        method: "POST",
        url: `${endpoints.loginUrl}/${tenant}/oauth2${v1 ? "" : "/v2.0"}/token`,
        headers: {
          "content-type": "application/x-www-form-urlencoded",
          ...(basic !== undefined && { authorization: `Basic ${basic}` }),
        },
        body: new URLSearchParams(fields).toString(),
        caPem,
      });
    },
    async token(...roles) {
      const { clientId, clientSecret } = cloud.client(...roles);
      const response = await cloud.signIn(credentials(clientId, clientSecret, endpoints.graphUrl));
      return (response.json as { access_token: string }).access_token;
    },
    async graph(method, path, { token, body }) {
      const response = await request({
        method,
        url: `${endpoints.graphUrl}${path.replaceAll(" ", "%20")}`,
        headers: token === undefined ? {} : { authorization: `Bearer ${token}` },
        body,
        caPem,
      });
      return { ...response, body: (response.json ?? {}) as Record<string, unknown> };
    },
    async close() {
      await Promise.all(servers.map((server) => server.close()));
    },
  };
  return cloud;
}

export function credentials(
  clientId: string,
  clientSecret: string,
  graphUrl: string,
): Record<string, string> {
  return {
    grant_type: "client_credentials",
    client_id: clientId,
    client_secret: clientSecret,
    scope: `${graphUrl}/.default`,
  };
}
