// Stands in for the vendor's azuread 6.9.1: same answers, same calls on the wire.
import type { StandIn } from "../provider/stand-in";

export function createAzureadStandIn(): StandIn {
  return {
    name: "azuread",
    version: "6.9.1",
    handshakeDetails: "method Handshake not implemented",
    configureAnswer: {
      acceptSecrets: false,
      supportsPreview: true,
      acceptResources: false,
      acceptOutputs: false,
      supportsAutonamingConfiguration: true,
    },
    resources: new Map(),
    functions: new Map(),
    configure: () => undefined,
  };
}
