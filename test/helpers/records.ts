// What a lab with several hosts and stacks has recorded: the hosts' interruptions in order, the secrets of a stack, and
// the searches that every life on the lab must pass.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import type { HostReport } from "../../src/contracts/host-update";
import type { Rehearsal } from "../../packages/rehearsal/rehearsal";
import type { LabStack } from "./lab-stack";
import { leaksIn, leaksInFolder } from "./leaks";

export type Service = Awaited<ReturnType<Rehearsal["service"]>>;
export type Issued = Awaited<
  ReturnType<Rehearsal["status"]>
>["credentials"][number]["passwords"][number];

/** Services of the hosts by name, at one moment. */
export async function servicesOf(
  labStack: LabStack,
  hosts: readonly string[],
): Promise<Record<string, Service>> {
  const services = await Promise.all(hosts.map((host) => labStack.rehearsal.service(host)));
  return Object.fromEntries(hosts.map((host, index) => [host, services[index] as Service]));
}

/** How often each host's service was interrupted so far. */
export async function stopsOf(labStack: LabStack, hosts: readonly string[]): Promise<number[]> {
  return Object.values(await servicesOf(labStack, hosts)).map(({ stops }) => stops.length);
}

/** What Entra shows of the secret that a host's service runs on. */
export async function hintOf(labStack: LabStack, host: string): Promise<string | null | undefined> {
  return (await labStack.rehearsal.service(host)).instances[0]?.secretHint;
}

/** The last report that a host has kept. */
export function reportOf(service: Service): HostReport {
  const path = `${service.instancePath}.keyturn/report`;
  return JSON.parse(readFileSync(path, "utf8")) as HostReport;
}

/**
 * Proves from the hosts' own records that each was interrupted once since `before`, in this order, and none before the
 * one before it ran again and had reported.
 */
export async function assertInTurn(
  labStack: LabStack,
  hosts: readonly string[],
  before: readonly number[],
): Promise<void> {
  const services = await servicesOf(labStack, hosts);
  let free = 0;
  for (const [index, host] of hosts.entries()) {
    const service = services[host] as Service;
    const [stop, ...more] = service.stops.slice(before[index]);
    assert(stop !== undefined && more.length === 0, `${host} was stopped ${more.length + 1} times`);
    assert(Date.parse(stop.stoppedAt) >= free, `${host} was stopped before its turn`);
    assert(stop.startedAt !== null && !stop.midSync, host);
    // The report's time has whole seconds, rounded down.
    free = Math.max(Date.parse(stop.startedAt), Date.parse(reportOf(service).finishedAt));
  }
}

/** The secrets that Entra has ever issued for a credential, oldest first. */
export async function issuedFor(labStack: LabStack, credential: string): Promise<Issued[]> {
  const { credentials } = await labStack.rehearsal.status();
  return credentials
    .flatMap((application) => application.passwords)
    .filter((password) => password.displayName?.startsWith(`${credential} `) === true);
}

/** Labels of the credential's epochs whose secrets Entra accepts at this moment. */
export async function acceptedFor(labStack: LabStack, credential: string): Promise<string[]> {
  return (await issuedFor(labStack, credential))
    .filter((password) => password.acceptedNow)
    .map((password) => String(password.displayName).slice(credential.length + 1))
    .sort();
}

/** Key id with which a credential last signed in. */
export async function lastSignIn(labStack: LabStack): Promise<string | undefined> {
  const clientId = String(await labStack.rehearsal.output("clientId"));
  return (await labStack.rehearsal.control.signIns(clientId)).filter(({ ok }) => ok).at(-1)?.keyId;
}

/** What a life on the lab came to, counted. */
export interface Measured {
  /** Syncs of its services that went well; of a service that people serve, its sign-ins. */
  readonly syncs: number;
  readonly failed: number;
  /** Not there where no service of the lab has documents. */
  readonly documentsLost?: number;
  /** Secret values that were searched for. */
  readonly values: number;
  readonly leaks: number;
}

/** Prints what a life came to, as a row of the table that all lives make. */
export function printMeasured(life: string, measured: Measured): void {
  const { syncs, failed, documentsLost, values, leaks } = measured;
  const documents =
    documentsLost === undefined ? "no documents" : `${documentsLost} documents lost`;
  console.log(
    `      | ${life} | ${syncs} syncs | ${failed} failed | ${documents} | ${values} values searched | ${leaks} leaks |`,
  );
}

/**
 * P1, P2 and P4 over the whole life: no failed sync, no document lost, every service running, no secret in what was
 * printed, in the lab's folder, in outputs or states. Prints the counts.
 * @param stores files in which services keep their secret readable
 */
export async function assertUnharmed(
  life: string,
  labStacks: readonly LabStack[],
  hosts: readonly string[],
  stores: readonly string[] = [],
): Promise<void> {
  const [first] = labStacks;
  assert(first !== undefined);
  const counts = await assertNothingLost(first, hosts);
  printMeasured(life, { ...counts, ...(await assertNoLeak(labStacks, stores)) });
}

/** P2 of a service that announces its syncs: none of its stops came within one. */
export async function assertStoppedBetweenSyncs(
  labStack: LabStack,
  hosts: readonly string[],
): Promise<void> {
  for (const [host, { stops }] of Object.entries(await servicesOf(labStack, hosts))) {
    assert.deepEqual([host, stops.filter(({ midSync }) => midSync)], [host, []]);
  }
}

/** P1 and P2: no failed sync, no document lost, every service running. */
async function assertNothingLost(
  labStack: LabStack,
  hosts: readonly string[],
): Promise<Pick<Measured, "syncs" | "failed" | "documentsLost">> {
  const services = Object.entries(await servicesOf(labStack, hosts));
  for (const [host, service] of services) {
    const { state, failedSyncs, documentsLost, failures } = service;
    assert.deepEqual([host, failedSyncs, failures], [host, 0, []]);
    assert.deepEqual([host, state, documentsLost], [host, "running", 0]);
  }
  const sum = (count: (service: Service) => number): number =>
    services.reduce((total, [, service]) => total + count(service), 0);
  const syncs = sum((service) => service.syncs);
  assert(syncs > services.length, `only ${syncs} syncs`);
  const documentsLost = sum((service) => service.documentsLost);
  return {
    syncs,
    failed: sum((service) => service.failedSyncs),
    ...(sum((service) => service.documentsProcessed) > 0 && { documentsLost }),
  };
}

/** P4: no secret in what was printed, in the lab's folder, in outputs or states. */
async function assertNoLeak(
  labStacks: readonly LabStack[],
  stores: readonly string[],
): Promise<Pick<Measured, "values" | "leaks">> {
  const [first] = labStacks;
  assert(first !== undefined);
  const values = await first.rehearsal.control.secretValues();
  assert(values.length > 2);
  for (const labStack of labStacks) {
    const { stack } = labStack.rehearsal;
    const outputs = JSON.stringify(await stack.shownOutputs());
    assert.deepEqual(leaksIn("printed", labStack.printed, values), []);
    assert.deepEqual(leaksIn("outputs", outputs, values), []);
    assert.deepEqual(leaksIn("state", await stack.exportState(), values), []);
  }
  const leaks = leaksInFolder(first.dir, values).filter(({ where }) => !stores.includes(where));
  assert.deepEqual(leaks, []);
  return { values: values.length, leaks: leaks.length };
}
