// The stand-in for the vendor's plugin `command` 1.2.1: commands over SSH and on this machine, and copies.
// Its answers are those that were recorded from the plugin.
import type { StandIn } from "../provider/stand-in";
import { copyToRemote } from "./copy-to-remote";
import { localCommand, localRun } from "./local-command";
import { remoteCommand } from "./remote-command";

const VERSION = "1.2.1";

/** The version of the library that the plugin is built on; it adds it to its configuration. */
const LIBRARY_VERSION = "1.2.0";

/** The plugin has nothing to configure. */
export type CommandConfiguration = Readonly<Record<string, never>>;

export function createCommandStandIn(): StandIn<CommandConfiguration> {
  return standIn;
}

const standIn: StandIn<CommandConfiguration> = {
  name: "command",
  version: VERSION,
  handshakeDetails: "method Handshake not implemented",
  configureAnswer: {
    acceptSecrets: true,
    supportsPreview: true,
    acceptResources: true,
    acceptOutputs: true,
    supportsAutonamingConfiguration: false,
  },
  resources: new Map([
    ["command:remote:Command", remoteCommand],
    ["command:remote:CopyToRemote", copyToRemote],
    ["command:local:Command", localCommand],
  ]),
  functions: new Map([["command:local:run", localRun]]),
  checkConfig: (news) => ({
    inputs: { ...news, "__pulumi-go-provider-version": LIBRARY_VERSION },
    failures: [],
  }),
  configure: () => ({}),
};
