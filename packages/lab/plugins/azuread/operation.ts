// One operation on a resource: its deadline, its cancellation, and what it may use.
import { waitUntilSeen } from "./consistency";
import { attempt } from "./diagnostics";
import type { CallOptions, Graph, SignedIn } from "./graph";
import { wasNotFound } from "./graph-error";
import type { Locks } from "./locks";
import type { Properties } from "../provider/values";

/** What Configure makes; one for each engine and provider. */
export interface AzureadConfiguration {
  readonly graph: Graph;
  readonly caller: SignedIn;
  readonly locks: Locks;
  readonly pace: number;
}

export class Operation {
  /** The id of what a creation has made so far. */
  madeId: string | undefined;

  constructor(
    private readonly configuration: AzureadConfiguration,
    private readonly deadline: number,
    private readonly signal: AbortSignal,
  ) {}

  get graph(): Graph {
    return this.configuration.graph;
  }

  get caller(): SignedIn {
    return this.configuration.caller;
  }

  get locks(): Locks {
    return this.configuration.locks;
  }

  /** For calls that are tried again on the usual answers only. */
  get once(): CallOptions {
    return { deadline: this.deadline, signal: this.signal };
  }

  /** For calls on an object that may not be everywhere yet. */
  get patient(): CallOptions {
    return { ...this.once, retryNotFound: true };
  }

  /** From now on a failure leaves a resource behind, which the engine has to know of. */
  made(id: string): void {
    this.madeId = id;
  }

  /** An object by its path, or undefined when Graph does not know it. */
  async find(path: string, summary: string): Promise<Properties | undefined> {
    return attempt(summary, async () => {
      try {
        return await this.graph.get(path, this.once);
      } catch (error) {
        if (wasNotFound(error)) return undefined;
        throw error;
      }
    });
  }

  /** Waits until a look has succeeded five times in a row. */
  async wait(
    summary: string,
    target: "Done" | "Deleted",
    intervalSeconds: number,
    look: () => Promise<boolean>,
  ): Promise<void> {
    const { pace } = this.configuration;
    const { deadline, signal } = this;
    await attempt(summary, () =>
      waitUntilSeen({ look, intervalSeconds, pace, deadline, signal, target }),
    );
  }

  /** Waits until an object is gone everywhere. */
  async waitGone(path: string, summary: string, intervalSeconds: number): Promise<void> {
    await this.wait(summary, "Deleted", intervalSeconds, async () => {
      return (await this.find(path, summary)) === undefined;
    });
  }
}
