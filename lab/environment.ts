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

export function labEnvironment(args: EnvironmentArgs): Record<string, string> {
  const { context, caPemPath, controlPath } = args;
  const { endpoints, seed, tenantId, subscriptionId } = context;
  const attached = Object.entries(args.pluginPorts)
    .filter(([name]) => args.plugins === "lab" || name === ALWAYS_STAND_IN)
    .map(([name, port]) => `${name}:${port}`);
  return {
    ...(attached.length > 0 && { PULUMI_DEBUG_PROVIDERS: attached.join(",") }),
    ARM_METADATA_HOSTNAME: new URL(endpoints.loginUrl).host,
    ARM_TENANT_ID: tenantId,
    ARM_CLIENT_ID: seed.deployer.clientId,
    ARM_CLIENT_SECRET: seed.deployer.clientSecret,
    ARM_SUBSCRIPTION_ID: subscriptionId,
    ARM_DISABLE_INSTANCE_DISCOVERY: "true",
    SSL_CERT_FILE: caPemPath,
    NODE_EXTRA_CA_CERTS: caPemPath,
    // In capitals only: gRPC for Node.js heeds the lower-case name and would send the engine's own calls here.
    HTTPS_PROXY: endpoints.proxyUrl,
    NO_PROXY: "127.0.0.1",
    KEYTURN_LAB_CONTROL: controlPath,
  };
}
