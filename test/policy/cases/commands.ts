// Cases of the rules about commands.
import { UNKNOWN } from "../../helpers/policy-run";
import { casesOf, command, password } from "./case";

/** The shape of a client secret, without being one. */
const SHAPE = `abc8Q~${"x".repeat(34)}`;
const local = { type: "command:local:Command" };

export const commandCases = [
  ...casesOf(
    "remoteCommandHasHostKey",
    ["passing", "is silent about a host key", [command()]],
    ["passing", "is silent about local commands", [command({ connection: undefined }, local)]],
    [
      "failing",
      "finds none",
      [command({ connection: { host: "host" } })],
      [/connection\.hostKey must be given/],
    ],
    [
      "failing",
      "finds none in a copy",
      [command({ connection: { host: "host" } }, { type: "command:remote:CopyToRemote" })],
      [/connection\.hostKey must be given/],
    ],
    [
      "failing",
      "finds a proxy without one",
      [command({ connection: { hostKey: "ssh-ed25519 A", proxy: { host: "jump" } } })],
      [/connection\.proxy\.hostKey must be given/],
    ],
    [
      "unknown",
      "notes a host key that is not known yet",
      [command({ connection: { host: "host", hostKey: UNKNOWN } })],
      [/connection\.hostKey is not known/],
    ],
    [
      "unknown",
      "notes a connection that is encrypted in an exported state",
      [command({ connection: "[secret]" })],
      [/connection is encrypted in this state/],
    ],
  ),
  ...casesOf(
    "remoteCommandLogsNothing",
    ["passing", "is silent about logging none", [command()]],
    [
      "passing",
      "is silent about a command that is given nothing",
      [command({ stdin: null, logging: undefined })],
    ],
    ["failing", "finds the default", [command({ logging: undefined })], [/logging must be none/]],
    [
      "failing",
      "finds an environment that is given to a local command",
      [command({ stdin: null, environment: { A: UNKNOWN }, logging: "stderr" }, local)],
      [/logging must be none/],
    ],
    [
      "unknown",
      "notes a logging that is not known yet",
      [command({ logging: UNKNOWN })],
      [/logging is not known/],
    ],
  ),
  ...casesOf(
    "remoteCommandKeepsSecretOffCommandLine",
    ["passing", "is silent about a plain text", [command()]],
    [
      "passing",
      "is silent about a secret on the standard input",
      [password(), command({}, { from: { stdin: ["password"] } })],
    ],
    [
      "failing",
      "finds a client secret's shape in the text",
      [command({ create: `service --secret ${SHAPE}` })],
      [/create must not hold what has a secret's shape/],
    ],
    [
      "failing",
      "finds one in the environment of a local command",
      [command({ environment: { SECRET: SHAPE, OTHER: UNKNOWN } }, local)],
      [/environment\.SECRET must not hold/, /environment\.OTHER is not known/],
    ],
    [
      "failing",
      "finds a private key in the interpreter",
      [command({ interpreter: ["sh", "-----BEGIN OPENSSH PRIVATE KEY-----"] }, local)],
      [/interpreter\.1 must not hold/],
    ],
    [
      "failing",
      "finds a text that comes from a password",
      [password(), command({}, { from: { update: ["password"] } })],
      [/update must not come from password/],
    ],
    [
      "unknown",
      "finds a text that is not known yet by the password that it comes from",
      [password(), command({ create: UNKNOWN }, { from: { create: ["password"] } })],
      [/create is not known/, /create must not come from password/],
    ],
    [
      "unknown",
      "notes a text that is not known yet",
      [command({ create: UNKNOWN })],
      [/create is not known/],
    ],
  ),
];
