// One session per engine connection: the engine's address, its configuration, and its cancellation.
// Several engines can be attached to one stand-in at once; the connection tells them apart.
import { EngineLog } from "./engine-log";

/** More engines than this are never attached at once; the longest unused session goes first. */
const MOST_SESSIONS = 64;

export class Session<C> {
  private configured: C | undefined;
  private readonly cancelling = new AbortController();
  private engine: EngineLog | undefined;

  get configuration(): C | undefined {
    return this.configured;
  }

  get log(): EngineLog | undefined {
    return this.engine;
  }

  get signal(): AbortSignal {
    return this.cancelling.signal;
  }

  attach(engineAddress: string): void {
    this.engine?.close();
    this.engine = new EngineLog(engineAddress);
  }

  configure(configuration: C): void {
    this.configured = configuration;
  }

  cancel(): void {
    this.cancelling.abort();
  }

  close(): void {
    this.cancel();
    this.engine?.close();
  }
}

export class Sessions<C> {
  private readonly byPeer = new Map<string, Session<C>>();

  /** Begins a session: an engine that attaches is a new one, even at a port that an earlier one has had. */
  attach(peer: string, engineAddress: string): void {
    this.byPeer.get(peer)?.close();
    this.byPeer.delete(peer);
    this.of(peer).attach(engineAddress);
  }

  /** The session of a connection, new if need be. */
  of(peer: string): Session<C> {
    const session = this.byPeer.get(peer) ?? new Session<C>();
    this.byPeer.delete(peer);
    this.byPeer.set(peer, session);
    for (const [oldest, unused] of this.byPeer) {
      if (this.byPeer.size <= MOST_SESSIONS) break;
      this.byPeer.delete(oldest);
      unused.close();
    }
    return session;
  }

  /** The session of a connection; one that reconnected goes on with the latest configuration. */
  configured(peer: string): Session<C> {
    const session = this.of(peer);
    if (session.configuration !== undefined) return session;
    const latest = [...this.byPeer.values()]
      .reverse()
      .find((each) => each.configuration !== undefined && !each.signal.aborted);
    if (latest !== undefined) this.byPeer.set(peer, latest);
    return latest ?? session;
  }

  close(): void {
    for (const session of this.byPeer.values()) session.close();
    this.byPeer.clear();
  }
}
