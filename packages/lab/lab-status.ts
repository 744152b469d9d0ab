// The whole of a lab's status: the cloud, the host, the stand-ins and the process itself.
import type { HostStatus } from "./host/host";
import type { CloudStatus } from "./status";

export interface LabStatus extends CloudStatus {
  readonly lab: {
    readonly labDir: string;
    readonly pid: number;
    readonly startedAt: string;
    readonly controlUrl: string;
  };
  readonly plugins: {
    readonly choice: "lab" | "vendor";
    /** Stand-ins that the lab serves, with their ports. */
    readonly ports: Readonly<Record<string, number>>;
    readonly running: boolean;
  };
  /** The first host; absent when the lab was started without one. */
  readonly host?: HostStatus;
  /** All of them, by name. */
  readonly hosts: Readonly<Record<string, HostStatus>>;
}
