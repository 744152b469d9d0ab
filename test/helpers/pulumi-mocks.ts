// Pulumi's mocks, strict: every registration is recorded, and a token that no test named throws. Mocks do not show
// protect, parent, aliases or dependencies by order: the end-to-end tests prove those.
import * as pulumi from "@pulumi/pulumi";

/** One registration, inputs as they were registered. */
export interface Registered {
  readonly type: string;
  readonly name: string;
  readonly inputs: Readonly<Record<string, unknown>>;
}

export const TENANT = "7d3c5e2a-8f14-4b6c-9a57-0e1d2c3b4a59";
/** When every proof signed in. */
export const SPAN = { from: "2000-01-01T08:00:00.000Z", until: "2000-01-01T08:01:00.000Z" };
export const CLIENT = "11111111-2222-4333-8444-555555555555";
/** A one-time link: it opens the secret, and so it is one. */
export const LINK = "https://once.example.org/snappass00~sentinel";
export const VALUE = "aB1.Q~the-secret-value";
export const keyIdOf = (label: string): string =>
  `00000000-0000-4000-8000-${Buffer.from(label).toString("hex").padStart(12, "0").slice(-12)}`;

/** Config of a program that has its first rotation behind it and the next one far ahead. */
export const PROGRAM_CONFIG: Readonly<Record<string, string>> = {
  anchor: "2000-01-01",
  every: "P1200M",
  lifetime: "P1212M",
  tenantId: TENANT,
  subscriptionId: "0a1b2c3d-4e5f-4071-8293-a4b5c6d7e8f9",
  vaultResourceGroup: "rg",
  vaultName: "kv-keyturn",
};

/** Gives the program its config by bare key, beside or in place of {@link PROGRAM_CONFIG}. */
export function configure(more: Readonly<Record<string, string>>): void {
  const all = Object.entries({ ...PROGRAM_CONFIG, ...more });
  pulumi.runtime.setAllConfig(
    Object.fromEntries(all.map(([key, value]) => [`keyturn:${key}`, value])),
    ["keyturn:consumerSecrets"],
  );
}

const ROLES = {
  "Group.Read.All": "role-group",
  "GroupMember.Read.All": "role-member",
  "MailboxSettings.Read": "role-mailbox",
  "User.Read.All": "role-user",
  "Mail.Send": "role-never-asked-for",
};

/** What a host answers; tests set it. */
export type HostAnswer = (stdin: Readonly<Record<string, string>>) => string;

/** What the stack itself holds before the run. */
export interface Before {
  /** Its last outputs. */
  readonly outputs?: Readonly<Record<string, unknown>>;
  /** Type and outputs of its resources, by URN. */
  readonly state?: Readonly<Record<string, unknown>>;
  /** Taken from the front, one a read: why the state cannot be read. */
  readonly readErrors?: string[];
  /** Why there is no token for Graph. */
  readonly tokenError?: string;
  /** Tenants that the plugins are signed in to, where it is not the config's. */
  readonly signedInTo?: { readonly entra?: string; readonly azure?: string };
}

/** Starts recording; call it before anything is declared. */
export function record(hostAnswer: HostAnswer, before: Before = {}): Registered[] {
  const registered: Registered[] = [];
  void pulumi.runtime.setMocks(
    {
      newResource: ({ type, name, inputs }) => {
        const given = inputs as Record<string, unknown>;
        registered.push({ type, name, inputs: given });
        return {
          id: `${name}-id`,
          state: { ...given, ...outputsOf(type, name, given, hostAnswer, before) },
        };
      },
      call: ({ token, inputs }) => invoke(token, inputs as Record<string, unknown>, before),
    },
    "keyturn",
    "test",
    false,
    "organization",
  );
  return registered;
}

/** The registrations of one type, or of all of ours and all vendors'. */
export const ofType = (registered: readonly Registered[], type: string): Registered[] =>
  registered.filter((one) => one.type === type);

/** The value of an output, secret or not. */
export function valueOf<T>(output: pulumi.Output<T>): Promise<T> {
  return new Promise((resolve) => output.apply(resolve));
}

/** Whether the engine's secret wrapper is around a registered input, and what is in it. */
export function unwrap(input: unknown): { secret: boolean; value: unknown } {
  const secret = pulumi.runtime.isRpcSecret(input);
  return { secret, value: secret ? pulumi.runtime.unwrapRpcSecret(input) : input };
}

/** The fields of a host's standard input. */
export function hostFieldsIn(stdin: unknown): Record<string, string> {
  const lines = String(unwrap(stdin).value).split("\n").slice(1, -2);
  return Object.fromEntries(
    lines.map((line) => {
      const at = line.indexOf("=");
      return [line.slice(0, at), Buffer.from(line.slice(at + 1), "base64").toString("utf8")];
    }),
  );
}

/** A report line as a host writes it. */
export function report(stdin: Readonly<Record<string, string>>, outcome: string): string {
  const { consumer = "", epoch = "", keyId = "", revision = "", attempt = "" } = stdin;
  return JSON.stringify({
    keyturn: "report/1",
    mode: "apply",
    outcome,
    reason: `It is ${outcome}.`,
    remedy: "",
    problems: [],
    consumer,
    epoch,
    keyId,
    revision,
    attempt,
    retry: Number(stdin["retry"]),
    service: stdin["service"]?.split("\n")[0],
    serviceState: "running",
    file: stdin["filePath"],
    adoptedKeyId: keyId,
    restoredCount: 0,
    interrupted: null,
    nextSync: null,
    startedAt: "2026-05-20T10:00:00Z",
    finishedAt: "2026-05-20T10:00:04Z",
    milliseconds: 4000,
    downtimeMilliseconds: 200,
    restarts: 1,
    phases: [],
  });
}

function outputsOf(
  type: string,
  name: string,
  inputs: Record<string, unknown>,
  hostAnswer: HostAnswer,
  before: Before,
): Record<string, unknown> {
  if (type.startsWith("keyturn:index:") || type === "pulumi:pulumi:Stack") return {};
  switch (type) {
    case "pulumi:pulumi:StackReference":
      return { outputs: before.outputs ?? {} };
    case "azuread:index/application:Application":
      return { clientId: CLIENT, objectId: "application-object" };
    case "azuread:index/servicePrincipal:ServicePrincipal":
      return { objectId: "principal-object" };
    case "azuread:index/applicationPassword:ApplicationPassword": {
      const label = String(inputs["displayName"]).replace(/^\S+ /, "");
      return { keyId: keyIdOf(label), value: `${VALUE}-${label}` };
    }
    case "azuread:index/group:Group":
      return { objectId: `${name}-object` };
    case "azuread:index/groupMember:GroupMember":
    case "azuread:index/appRoleAssignment:AppRoleAssignment":
    case "azure-native:authorization:RoleAssignment":
    case "azure-native:eventgrid:SystemTopicEventSubscription":
    case "command:remote:CopyToRemote":
      return {};
    case "random:index/randomString:RandomString":
      return { result: "a1b2c3d4" };
    case "azure-native:keyvault:Vault":
    case "azure-native:keyvault/v20260201:Vault":
      return { name: inputs["vaultName"] };
    case "azure-native:eventgrid:SystemTopic":
      return { name };
    case "azure-native:keyvault:Secret":
    case "azure-native:keyvault/v20260201:Secret":
      return { properties: { secretUriWithVersion: "https://vault/secrets/s/1" } };
    case "command:local:Command": {
      const { keyId } = JSON.parse(String(unwrap(inputs["stdin"]).value)) as { keyId: string };
      if (inputs["create"] === "steps/reach.js") return { stdout: "", stderr: "" };
      if (inputs["create"] === "steps/one-time-link.js") {
        const made = { link: LINK, linkId: "snappass00", expires: "2026-12-01T00:00:00Z" };
        return { stdout: JSON.stringify({ keyturn: "link/1", keyId, ...made }), stderr: "" };
      }
      return { stdout: JSON.stringify({ keyturn: "proof/1", keyId, span: SPAN }), stderr: "" };
    }
    case "command:remote:Command":
      return { stdout: hostAnswer(hostFieldsIn(inputs["stdin"])), stderr: "" };
    default:
      throw new Error(`No test expects a resource of type ${type}.`);
  }
}

function invoke(
  token: string,
  inputs: Record<string, unknown>,
  before: Before,
): Record<string, unknown> {
  switch (token) {
    case "pulumi:pulumi:readStackResourceOutputs": {
      const fault = before.readErrors?.shift();
      // The SDK shows what gRPC calls the details.
      if (fault !== undefined) throw Object.assign(new Error(fault), { details: fault });
      return { name: inputs["stackName"], outputs: before.state ?? {} };
    }
    case "azuread:index/getServicePrincipal:getServicePrincipal":
      return inputs["clientId"] === CLIENT
        ? { ...inputs, objectId: "existing-principal", appRoleIds: {} }
        : { ...inputs, objectId: "graph-object", appRoleIds: ROLES };
    case "azuread:index/getApplication:getApplication":
      return { ...inputs, id: "/applications/existing", signInAudience: "AzureADMyOrg" };
    case "azure-native:authorization:getClientToken": {
      const { tokenError = "No test expects a call of getClientToken." } = before;
      throw Object.assign(new Error(tokenError), { details: tokenError });
    }
    case "azuread:index/getClientConfig:getClientConfig":
      return { objectId: "deployer-object", tenantId: before.signedInTo?.entra ?? TENANT };
    case "azure-native:authorization:getClientConfig":
      return { tenantId: before.signedInTo?.azure ?? TENANT };
    default:
      throw new Error(`No test expects a call of ${token}.`);
  }
}
