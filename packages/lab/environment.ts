// The environment in which the engine, the plugins and the program's own commands find the lab instead of Azure.
import type { CloudContext } from "./cloud/context";

export interface EnvironmentArgs {
  readonly context: CloudContext;
  readonly caPemPath: string;
  readonly controlPath: string;
  readonly plugins: "lab" | "vendor";
  /** Stand-ins that the lab serves, with their ports. */
  readonly pluginPorts: Readonly<Record<string, number>>;
}

/** The one stand-in that the engine takes whatever the choice: the vendor's cannot be built. */
export const ALWAYS_STAND_IN = "azure-native";

/** Where the engine and the plugins listen. */
const NO_PROXY = "127.0.0.1";

export function labEnvironment(args: EnvironmentArgs): Record<string, string> {
  const { context, caPemPath, controlPath } = args;
  const { seed, tenantId, subscriptionId } = context;
  const attached = Object.entries(args.pluginPorts)
    .filter(([name]) => args.plugins === "lab" || name === ALWAYS_STAND_IN)
    .map(([name, port]) => `${name}:${port}`);
  return {
    ...(attached.length > 0 && { PULUMI_DEBUG_PROVIDERS: attached.join(",") }),
    ...foundBy(context),
    ARM_TENANT_ID: tenantId,
    ARM_CLIENT_ID: seed.deployer.clientId,
    ARM_CLIENT_SECRET: seed.deployer.clientSecret,
    ARM_SUBSCRIPTION_ID: subscriptionId,
    ...cloudAccess(context, caPemPath),
    KEYTURN_LAB_CONTROL: controlPath,
    // The SSH agent of whoever started the lab is no part of a rehearsal; the command plugin would offer its keys.
    SSH_AUTH_SOCK: "",
  };
}

/** By which cloud the plugins look: the lab's metadata, or Azure's public cloud, whatever the lab was started from says. */
function foundBy({ endpoints }: CloudContext): Record<string, string> {
  if (endpoints.cloud === "public") return { ARM_ENVIRONMENT: "public", ARM_METADATA_HOSTNAME: "" };
  return {
    ARM_METADATA_HOSTNAME: new URL(endpoints.loginUrl).host,
    ARM_DISABLE_INSTANCE_DISCOVERY: "true",
  };
}

/** The proxy and the authority: all that a client need be told that knows the cloud's names. */
export function cloudAccess(
  { endpoints: { cloud, proxyUrl } }: CloudContext,
  caPemPath: string,
): Record<string, string> {
  return {
    SSL_CERT_FILE: caPemPath,
    NODE_EXTRA_CA_CERTS: caPemPath,
    HTTPS_PROXY: proxyUrl,
    NO_PROXY,
    // Where Microsoft's own names are asked for, no proxy of the caller's may be taken instead: Node.js and Python heed
    // the lower-case name first. gRPC for Node.js heeds it alone, so that the engine's address stands beside it.
    ...(cloud === "public" && {
      https_proxy: proxyUrl,
      no_proxy: NO_PROXY,
      REQUESTS_CA_BUNDLE: caPemPath,
    }),
  };
}
