// Faults of the host's SSH server that a test can set; they apply to connections made or bytes read from then on.
import { setTimeout as delay } from "node:timers/promises";

export interface HostFault {
  /**
   * silent: accepts the connection and never says a word; refuse: the port is closed;
   * cut: the connection breaks when that many bytes of a command's input have arrived;
   * cutCopy: it breaks when that many bytes of files have arrived over SFTP;
   * slow: every connection is answered late, and every piece of a command's input is delayed.
   */
  readonly kind: "silent" | "refuse" | "cut" | "cutCopy" | "slow";
  /** For cut and cutCopy: bytes that still arrive; 0 or more. @default 0 */
  readonly afterBytes?: number;
  /** For slow: milliseconds of each delay. @default 200 */
  readonly delayMs?: number;
  /** Connections that meet the fault before it is gone. @default no end */
  readonly times?: number;
}

/** What one connection has to suffer. */
export interface ConnectionFault {
  readonly silent: boolean;
  readonly cutAfterBytes: number | undefined;
  readonly cutCopyAfterBytes: number | undefined;
  readonly delayMs: number;
}

export const NO_FAULT: ConnectionFault = {
  silent: false,
  cutAfterBytes: undefined,
  cutCopyAfterBytes: undefined,
  delayMs: 0,
};

export class HostFaults {
  private fault: HostFault | undefined;
  private left = 0;
  private readonly onRefuse: (refuse: boolean) => Promise<void>;

  /** @param onRefuse closes or opens the port. */
  constructor(onRefuse: (refuse: boolean) => Promise<void>) {
    this.onRefuse = onRefuse;
  }

  get current(): HostFault | undefined {
    return this.fault;
  }

  /** Replaces the fault that was set before; returns when the port is closed or open as the fault says. */
  async set(fault: HostFault): Promise<void> {
    this.fault = fault;
    this.left = fault.times ?? Infinity;
    await this.onRefuse(fault.kind === "refuse");
  }

  async clear(): Promise<void> {
    this.fault = undefined;
    await this.onRefuse(false);
  }

  /** Counts one connection and says what it has to suffer. */
  next(): ConnectionFault {
    const fault = this.fault;
    if (fault === undefined || this.left <= 0) return NO_FAULT;
    this.left -= 1;
    return {
      silent: fault.kind === "silent",
      cutAfterBytes: fault.kind === "cut" ? (fault.afterBytes ?? 0) : undefined,
      cutCopyAfterBytes: fault.kind === "cutCopy" ? (fault.afterBytes ?? 0) : undefined,
      delayMs: fault.kind === "slow" ? (fault.delayMs ?? 200) : 0,
    };
  }
}

/** Waits the connection's delay, when it has one. */
export async function suffer(fault: ConnectionFault): Promise<void> {
  if (fault.delayMs > 0) await delay(fault.delayMs);
}
