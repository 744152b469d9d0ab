// A typed client of the lab's control API, for the command line and for tests.
import { request } from "./shared/https";
import type { LabClock } from "./clock";
import type { DirectorySettings } from "./cloud/directory";
import type { SignInRecord } from "./cloud/directory-records";
import type { FaultState } from "./cloud/faults";
import { readControl } from "./control-file";
import type { HostOrder, HostOrderName } from "./control-host";
import type {
  AzureOrder,
  AzureOrderName,
  ClockOrderInput,
  DirectoryOrder,
  DirectoryOrderName,
  FaultOrderInput,
  JobOrderInput,
  SettingsOrderInput,
} from "./control-orders";
import type { HostAccess } from "./host-access";
import type { LabStatus } from "./lab-status";

/** A job that has begun on a pipeline's system. */
export interface BegunJob {
  /** What a federated credential must say for it. */
  readonly issuer: string;
  readonly subject: string;
  /** Of the service connection, which Azure Pipelines' job names when it asks for its token. */
  readonly serviceConnectionId: string;
  /** What the system puts into its steps' environment; the bearer among them is a secret. */
  readonly variables: Readonly<Record<string, string>>;
}

/** The lab refused or could not be reached; the message is its sentence. */
export class LabControlError extends Error {
  constructor(
    message: string,
    readonly status: number,
  ) {
    super(message);
    this.name = "LabControlError";
  }
}

export class LabControl {
  constructor(
    private readonly url: string,
    private readonly token: string,
  ) {}

  /** @param path control.json of a running lab, as KEYTURN_LAB_CONTROL names it. */
  static fromFile(path: string): LabControl {
    const control = readControl(path);
    if (!control) throw new LabControlError(`No lab runs: ${path} is not there or not whole.`, 0);
    return new LabControl(control.url, control.token);
  }

  status(): Promise<LabStatus> {
    return this.call("GET", "/status");
  }

  /** What the engine and its children must have in their environment; holds the deployer's secret. */
  environment(): Promise<Record<string, string>> {
    return this.call("GET", "/environment");
  }

  /** How a host is reached, the first where none is named, and what is on it; holds the client's SSH key. */
  hostAccess(hostName?: string): Promise<HostAccess> {
    return this.call("GET", `/host-access${hostQuery(hostName)}`);
  }

  clock(): Promise<ReturnType<LabClock["toJSON"]>> {
    return this.call("GET", "/clock");
  }

  moveClock(order: ClockOrderInput): Promise<ReturnType<LabClock["toJSON"]>> {
    return this.call("POST", "/clock", order);
  }

  faults(): Promise<FaultState[]> {
    return this.call("GET", "/faults");
  }

  addFault(rule: FaultOrderInput): Promise<FaultState> {
    return this.call("POST", "/faults", rule);
  }

  removeFault(faultId: number): Promise<FaultState[]> {
    return this.call("DELETE", `/faults/${faultId}`);
  }

  clearFaults(): Promise<FaultState[]> {
    return this.call("DELETE", "/faults");
  }

  settings(order: SettingsOrderInput): Promise<DirectorySettings> {
    return this.call("POST", "/settings", order);
  }

  signIns(clientId?: string): Promise<SignInRecord[]> {
    return this.call("GET", `/sign-ins${clientId === undefined ? "" : `?clientId=${clientId}`}`);
  }

  directory<Name extends DirectoryOrderName>(
    name: Name,
    order: DirectoryOrder<Name>,
  ): Promise<Readonly<Record<string, unknown>>> {
    return this.call("POST", `/directory/${name}`, order);
  }

  /** Role assignments of Azure; the deploying identity's on the resource group unless told otherwise. */
  azure(name: AzureOrderName, order: AzureOrder): Promise<Readonly<Record<string, number>>> {
    return this.call("POST", `/azure/${name}`, order);
  }

  host<Name extends HostOrderName>(
    name: Name,
    order: HostOrder<Name>,
    hostName?: string,
  ): Promise<Readonly<Record<string, unknown>>> {
    return this.call("POST", `/host/${name}${hostQuery(hostName)}`, order);
  }

  startJob(order: JobOrderInput): Promise<BegunJob> {
    return this.call("POST", "/jobs", order);
  }

  /** Lets the lab's stand-ins sign in by these variables from now on, and by none that they had. */
  async signInBy(variables: Readonly<Record<string, string>>): Promise<void> {
    await this.call("POST", "/sign-in", variables);
  }

  /** Every secret value that ever existed in the lab; for the search for leaks only. */
  async secretValues(): Promise<string[]> {
    const { values } = await this.call<{ values: string[] }>("GET", "/secrets");
    return values;
  }

  async shutdown(): Promise<void> {
    await this.call("POST", "/shutdown");
  }

  private async call<T>(method: string, path: string, body?: unknown): Promise<T> {
    const response = await request({
      method,
      url: `${this.url}${path}`,
      headers: { authorization: `Bearer ${this.token}` },
      ...(body === undefined ? {} : { body }),
    }).catch((error: unknown) => {
      const reason = error instanceof Error ? error.message : String(error);
      throw new LabControlError(`The lab's control does not answer at ${this.url}: ${reason}`, 0);
    });
    if (response.status === 200) return response.json as T;
    const { error } = (response.json ?? {}) as { error?: string };
    throw new LabControlError(
      error ?? `The lab answered ${method} ${path} with ${response.status}.`,
      response.status,
    );
  }
}

function hostQuery(hostName: string | undefined): string {
  return hostName === undefined ? "" : `?host=${encodeURIComponent(hostName)}`;
}
