// Connects to a host, trying again as often as the connection allows, through a jump host if one is given.
// The limit counts failures that are tried again: with a limit of 1 there are two dials.
// Texts are those of the vendor's plugin; only the TCP connection has a timeout, the handshake has none.
import { connect, type Socket } from "node:net";
import type { Duplex } from "node:stream";
import { setTimeout as delay } from "node:timers/promises";

import { Client } from "ssh2";

import { ProviderError } from "../../provider/errors";
import type { CallContext } from "../../provider/stand-in";
import { systemErrorText } from "../go-text";
import { Authentication } from "./authentication";
import type { Connection, Endpoint } from "./endpoint";
import { HostKey } from "./host-key";

/** The library's word for a host that has no host key of the type, and where it says which ones it has. */
const NO_HOST_KEY = /no matching host key/;
const REMOTE_HOST_KEYS = /^Handshake: \(remote\) Host key format: (\S*)/;

type DialContext = Pick<CallContext<unknown>, "log" | "signal">;

const FIRST_DELAY_MS = 100;
const LONGEST_DELAY_MS = 5_000;
const DELAY_FACTOR = 1.5;
/** The library's word for a host that hangs up without an answer. */
const LOST = "Connection lost before handshake";

/** A signed-in client; ending it ends the jump host's too. */
export async function dial(connection: Connection, context: DialContext): Promise<Client> {
  const signIn = preparedSignIn(connection);
  const { host, port, dialErrorLimit, perDialTimeout, proxy } = connection;
  if (proxy === undefined) {
    return await withRetries("Dial", dialErrorLimit, context, async () =>
      signIn(await connectTcp(host, port, perDialTimeout)),
    );
  }
  const jumpSignIn = preparedSignIn(proxy, "proxy: ");
  try {
    const jump = await withRetries("Dial proxy", proxy.dialErrorLimit, context, async () =>
      jumpSignIn(await connectTcp(proxy.host, proxy.port, proxy.perDialTimeout)),
    );
    const client = await withRetries("Dial from proxy", dialErrorLimit, context, async () =>
      signIn(await forward(jump, host, port)),
    );
    client.once("close", () => jump.end());
    return client;
  } catch (error) {
    throw new ProviderError(`proxy: ${systemErrorText(error)}`, undefined, { cause: error });
  }
}

/** What goes wrong here (keys that cannot be read) is not tried again. */
function preparedSignIn(endpoint: Endpoint, prefix = ""): (transport: Duplex) => Promise<Client> {
  try {
    const hostKey = endpoint.hostKey === undefined ? undefined : HostKey.parse(endpoint.hostKey);
    Authentication.of(endpoint);
    return (transport) => handshake(transport, Authentication.of(endpoint), hostKey, endpoint.user);
  } catch (error) {
    throw new ProviderError(`${prefix}${systemErrorText(error)}`, undefined, { cause: error });
  }
}

async function withRetries<T>(
  what: string,
  limit: number,
  { log, signal }: DialContext,
  attempt: () => Promise<T>,
): Promise<T> {
  let wait = FIRST_DELAY_MS;
  for (let dials = 1; ; dials++) {
    if (signal.aborted) throw new ProviderError("context canceled");
    try {
      return await attempt();
    } catch (error) {
      if (limit > -1 && dials > limit) {
        const text = `after ${dials - 1} failed attempts: ${systemErrorText(error)}`;
        throw new ProviderError(text, undefined, { cause: error });
      }
    }
    await log("info", `${what} ${dials}/${limit === -1 ? "inf" : limit} failed: retrying`, {
      ephemeral: true,
    });
    await delay(wait, undefined, { signal }).catch(() => undefined);
    wait = Math.min(wait * DELAY_FACTOR, LONGEST_DELAY_MS);
  }
}

function connectTcp(host: string, port: number, timeoutSeconds: number): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = connect({ host, port });
    const fail = (text: string): void => {
      socket.destroy();
      reject(new ProviderError(`dial tcp${text}`));
    };
    socket.setTimeout(timeoutSeconds * 1000, () => fail(` ${host}:${port}: i/o timeout`));
    socket.once("error", (error: NodeJS.ErrnoException) => {
      if (error.syscall === "getaddrinfo") fail(`: lookup ${host}: no such host`);
      else fail(` ${host}:${port}: ${systemErrorText(error)}`);
    });
    socket.once("connect", () => {
      socket.setTimeout(0);
      socket.setNoDelay(true);
      socket.removeAllListeners();
      resolve(socket);
    });
  });
}

function forward(jump: Client, host: string, port: number): Promise<Duplex> {
  return new Promise((resolve, reject) => {
    jump.forwardOut("127.0.0.1", 0, host, port, (error, channel) => {
      if (error === undefined) resolve(channel);
      else reject(new ProviderError(`ssh: rejected: connect failed (${error.message})`));
    });
  });
}

function handshake(
  transport: Duplex,
  authentication: Authentication,
  hostKey: HostKey | undefined,
  username: string,
): Promise<Client> {
  const client = new Client();
  let refused = false;
  let offered: readonly string[] = [];
  return new Promise((resolve, reject) => {
    const fail = (reason: string): void => {
      client.removeAllListeners("close");
      client.on("error", () => undefined);
      client.destroy();
      transport.destroy();
      reject(new ProviderError(`ssh: handshake failed: ${reason}`));
    };
    client.once("ready", () => {
      client.removeAllListeners("error");
      client.removeAllListeners("close");
      // The session that runs notices a lost connection by its own channel.
      client.on("error", () => undefined);
      resolve(client);
    });
    client.once("close", () => fail("EOF"));
    client.once("error", (error: Error & { readonly level?: string }) => {
      if (refused) fail("ssh: host key mismatch");
      else if (error.level === "client-authentication") fail(authentication.failure);
      else if (NO_HOST_KEY.test(error.message)) fail(noHostKey(hostKey?.algorithms, offered));
      else fail(error.message === LOST ? "EOF" : systemErrorText(error));
    });
    client.connect({
      sock: transport,
      username,
      readyTimeout: 0,
      debug: (said) => {
        offered = REMOTE_HOST_KEYS.exec(said)?.[1]?.split(",") ?? offered;
      },
      authHandler: authentication.handler,
      hostVerifier: (offered: Buffer) => {
        refused = hostKey !== undefined && !hostKey.accepts(offered);
        return !refused;
      },
      ...(hostKey === undefined ? {} : { algorithms: { serverHostKey: hostKey.algorithms } }),
    });
  });
}

function noHostKey(wanted: readonly string[] = [], offered: readonly string[]): string {
  const list = (names: readonly string[]): string => names.map((name) => `"${name}"`).join(" ");
  return `ssh: no common algorithm for host key; we offered: [${list(wanted)}], peer offered: [${list(offered)}]`;
}
