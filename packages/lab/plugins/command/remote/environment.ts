// Sends environment variables ahead of a command and waits for the host's answer to each.
// ssh2 sends them without asking for an answer, so this reaches into the one protocol object that it uses.
import type { Client, ClientChannel } from "ssh2";

import { ProviderError } from "../../provider/errors";
import { endOf } from "./ending";

/** The part of ssh2 1.17 that is used here and is not in its declarations. */
interface Channel {
  readonly _callbacks: ((failed: boolean) => void)[];
  readonly outgoing: { readonly id: number };
}
interface Internals {
  readonly _chanMgr: { readonly _channels: Readonly<Record<string, Channel>> };
  readonly _protocol: {
    env(channel: number, name: string, value: string, wantReply: boolean): void;
    exec(channel: number, command: string, wantReply: boolean): void;
  };
}

export interface Variables {
  /** Refused by the host: an error, and the command is not started. */
  readonly required: Readonly<Record<string, string>>;
  /** Refused by the host: a warning. */
  readonly optional: Readonly<Record<string, string>>;
}

export interface Started {
  readonly channel: ClientChannel;
  /** Resolves to the cause of a failure, or to nothing. */
  readonly ended: Promise<string | undefined>;
}

/** Starts a command once the host has answered for every variable. */
export function execute(
  client: Client,
  command: string,
  { required, optional }: Variables,
  tell: (severity: "error" | "warning", text: string) => void,
): Promise<Started> {
  return new Promise((resolve, reject) => {
    const { _chanMgr: channels, _protocol: protocol } = client as unknown as Internals;
    const send = { env: protocol.env.bind(protocol), exec: protocol.exec.bind(protocol) };
    let unanswered = 0;
    let refused = false;
    let start: (() => void) | undefined;
    protocol.env = (id, name, value) => {
      const channel = Object.values(channels._channels).find((each) => each.outgoing.id === id);
      if (channel === undefined) throw new ProviderError("ssh: the session's channel is gone");
      unanswered += 1;
      channel._callbacks.push((failed) => {
        unanswered -= 1;
        if (failed && name in required) {
          refused = true;
          tell("error", advice(name));
          reject(refusal(name));
        } else if (failed) {
          tell("warning", advice(name));
        }
        if (unanswered === 0 && !refused) start?.();
      });
      send.env(id, name, value, true);
    };
    protocol.exec = (id, text, wantReply) => {
      start = () => send.exec(id, text, wantReply);
      if (unanswered === 0) start();
    };
    client.exec(command, { env: { ...required, ...optional } }, (error, stream) => {
      if (error === undefined) resolve({ channel: stream, ended: endOf(stream) });
      else reject(new ProviderError(error.message));
    });
  });
}

function refusal(name: string): ProviderError {
  return new ProviderError(`could not set environment variable "${name}": ssh: setenv failed`);
}

function advice(name: string): string {
  return `Unable to set '${name}'. This only works if your SSH server is configured to accept
\tthese variables via AcceptEnv. Alternatively, if a Bash-like shell runs the command on the remote host, you could
\tprefix the command itself with the variables in the form 'VAR=value command'`;
}
