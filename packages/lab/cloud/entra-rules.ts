// Decides one client-credentials request: the token it earns, or Entra's refusal with code, text and status.
import type { CloudContext } from "./context";
import { checkSecret } from "./credentials";
import {
  type ApplicationRecord,
  type ServicePrincipalRecord,
  displayNameOf,
} from "./directory-records";
import { AssertionFault, JWT_BEARER, checkAssertion } from "./entra-federation";
import { type ResourceName, audiencesOf, clientIdOf } from "./resources";
import { TENANT_DOMAIN, TENANT_NAME } from "./seed";

export interface SignInRequest {
  readonly tenant: string;
  /** v1 asks for a `resource`, v2 for a `scope`. */
  readonly endpoint: "v1" | "v2";
  readonly fields: Readonly<Record<string, string | undefined>>;
}

/** What was shown: a password by its key id, or an identity token by the federated credential that it fulfils. */
type Shown = { readonly keyId?: string } | { readonly federatedCredentialId: string };

/** Who it was, as far as that was found. */
type Found = Shown & { readonly principal?: ServicePrincipalRecord };

/** A refusal in Entra's words. */
export class SignInRefusal extends Error {
  constructor(
    readonly status: number,
    readonly error: string,
    readonly errorCode: number,
    message: string,
    readonly context: Found = {},
  ) {
    super(message);
    this.name = "SignInRefusal";
  }
}

export interface SignInGrant {
  readonly clientId: string;
  readonly principal: ServicePrincipalRecord;
  readonly shown: Shown;
  readonly audience: string;
  readonly roles: readonly string[];
}

const GUID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;
const DOMAIN = /^(?=.{1,253}$)(?:[a-z0-9](?:[a-z0-9-]*[a-z0-9])?\.)+[a-z]{2,}$/i;
const RESOURCES: readonly ResourceName[] = ["graph", "arm", "vault"];

/** @param attempt counts this client's sign-ins. */
export async function decideSignIn(
  request: SignInRequest,
  context: CloudContext,
  attempt: (clientId: string) => number,
): Promise<SignInGrant> {
  const { fields } = request;
  checkTenant(request.tenant, context);
  const grantType = required(fields, "grant_type");
  const clientId = required(fields, "client_id").toLowerCase();
  if (grantType !== "client_credentials") {
    const text = `The app requested an unsupported grant type '${grantType}'.`;
    throw new SignInRefusal(400, "unsupported_grant_type", 70003, text);
  }
  const asked = required(fields, request.endpoint === "v2" ? "scope" : "resource");
  const wanted = request.endpoint === "v2" ? resourceOfScope(asked) : asked;
  const { directory } = context;
  const application = directory.applicationByClientId(clientId);
  const principal = directory.servicePrincipalByClientId(clientId);
  if (!application) throw unknownApplication(clientId);
  if (!principal) {
    const text = `The client application ${clientId} is missing service principal in the tenant ${context.tenantId}. See instructions here: https://go.microsoft.com/fwlink/?linkid=2225119`;
    throw new SignInRefusal(400, "unauthorized_client", 7000229, text);
  }
  const shown =
    fields["client_assertion"] === undefined
      ? checkedSecret(fields, context, application, principal, attempt(clientId))
      : await checkedAssertion(fields, context, application, principal);
  const found = { principal, ...shown };
  if (principal.properties["accountEnabled"] === false) {
    const text = `Application '${clientId}'(${displayNameOf(principal)}) is disabled.`;
    throw new SignInRefusal(400, "unauthorized_client", 7000112, text, found);
  }
  const { audience, resource } = findResource(wanted, context, found);
  const roles = directory.rolesOf(principal.servicePrincipalObjectId, resource);
  return { clientId, principal, shown, audience, roles };
}

function checkedSecret(
  { client_secret: secret }: SignInRequest["fields"],
  { directory }: CloudContext,
  application: ApplicationRecord,
  principal: ServicePrincipalRecord,
  attempt: number,
): { readonly keyId: string } {
  if (secret === undefined || secret === "") throw nothingShown(principal);
  const { clientId } = application;
  const check = checkSecret(directory, [application, principal], secret, attempt);
  const keyId = check.password?.keyId;
  const found = { principal, ...(keyId !== undefined && { keyId }) };
  if (check.outcome === "invalid") throw invalidSecret(clientId, found);
  if (check.outcome === "expired") throw expiredSecret(clientId, found);
  return { keyId: check.password.keyId };
}

async function checkedAssertion(
  fields: SignInRequest["fields"],
  { jobs }: CloudContext,
  application: ApplicationRecord,
  principal: ServicePrincipalRecord,
): Promise<{ readonly federatedCredentialId: string }> {
  if (fields["client_assertion_type"] !== JWT_BEARER) throw nothingShown(principal);
  try {
    const assertion = fields["client_assertion"] ?? "";
    const { credentialId } = await checkAssertion(application, assertion, jobs);
    return { federatedCredentialId: credentialId };
  } catch (error) {
    if (!(error instanceof AssertionFault)) throw error;
    const { errorCode, message } = error;
    throw new SignInRefusal(401, "invalid_client", errorCode, message, { principal });
  }
}

function nothingShown(principal: ServicePrincipalRecord): SignInRefusal {
  const text =
    "'client_assertion', 'client_secret' or 'request' is required for the 'client_credentials' grant type.";
  return new SignInRefusal(401, "invalid_client", 7000216, text, { principal });
}

function checkTenant(tenant: string, context: CloudContext): void {
  const known = [context.tenantId, TENANT_DOMAIN];
  if (known.some((name) => name.toLowerCase() === tenant.toLowerCase())) return;
  if (!GUID.test(tenant) && !DOMAIN.test(tenant)) {
    const text = `Specified tenant identifier '${tenant}' is neither a valid DNS name, nor a valid external domain.`;
    throw new SignInRefusal(400, "invalid_request", 900023, text);
  }
  const text = `Tenant '${tenant}' not found. Check to make sure you have the correct tenant ID and are signing into the correct cloud. Check with your subscription administrator, this may happen if there are no active subscriptions for the tenant.`;
  throw new SignInRefusal(400, "invalid_request", 90002, text);
}

function required(fields: SignInRequest["fields"], name: string): string {
  const value = fields[name];
  if (value !== undefined && value !== "") return value;
  const text = `The request body must contain the following parameter: '${name}'.`;
  throw new SignInRefusal(400, "invalid_request", 900144, text);
}

function resourceOfScope(scope: string): string {
  const scopes = scope.split(/\s+/).filter((one) => one !== "");
  const oidc = new Set(["openid", "profile", "offline_access", "email"]);
  const rest = scopes.filter((one) => !oidc.has(one));
  const [only] = rest;
  if (only === undefined || rest.length > 1) {
    const text = `The provided request must include a 'scope' input parameter. The provided value for the input parameter 'scope' is not valid. The scope ${scope} is not valid.`;
    throw new SignInRefusal(400, "invalid_scope", 70011, text);
  }
  if (!only.endsWith("/.default")) {
    const text = `The provided value for scope ${scope} is not valid. Client credential flows must have a scope value with /.default suffixed to the resource identifier (application ID URI).`;
    throw new SignInRefusal(400, "invalid_scope", 1002012, text);
  }
  return only.slice(0, -"/.default".length);
}

function findResource(
  wanted: string,
  context: CloudContext,
  found: Found,
): { audience: string; resource: ServicePrincipalRecord } {
  const { directory, endpoints } = context;
  const plain = wanted.replace(/\/+$/, "").toLowerCase();
  const name = RESOURCES.find((one) =>
    audiencesOf(one, endpoints).some((audience) => audience.toLowerCase() === plain),
  );
  const resource = name
    ? directory.servicePrincipalByClientId(clientIdOf(name))
    : directory.servicePrincipalByClientId(plain.replace(/^api:\/\//, ""));
  if (resource) return { audience: wanted.replace(/\/+$/, ""), resource };
  const text = `The resource principal named ${wanted} was not found in the tenant named ${TENANT_NAME}. This can happen if the application has not been installed by the administrator of the tenant or consented to by any user in the tenant. You might have sent your authentication request to the wrong tenant.`;
  throw new SignInRefusal(400, "invalid_resource", 500011, text, found);
}

function unknownApplication(clientId: string): SignInRefusal {
  const text = `Application with identifier '${clientId}' was not found in the directory '${TENANT_NAME}'. This can happen if the application has not been installed by the administrator of the tenant or consented to by any user in the tenant. You may have sent your authentication request to the wrong tenant.`;
  return new SignInRefusal(400, "unauthorized_client", 700016, text);
}

function invalidSecret(clientId: string, found: Found): SignInRefusal {
  const text = `Invalid client secret provided. Ensure the secret being sent in the request is the client secret value, not the client secret ID, for a secret added to app '${clientId}'.`;
  return new SignInRefusal(401, "invalid_client", 7000215, text, found);
}

function expiredSecret(clientId: string, found: Found): SignInRefusal {
  const text = `The provided client secret keys for app '${clientId}' are expired. Visit the Azure portal to create new keys for your app: https://aka.ms/NewClientSecret, or consider using certificate credentials for added security: https://aka.ms/certCreds.`;
  return new SignInRefusal(401, "invalid_client", 7000222, text, found);
}
