// The consumers of the model: machines that answer a run, and people who take a secret and say so when they like, late,
// never, or about another one.
import type { History } from "../../../components/pure/history";
import { manualOutcome } from "../../../components/pure/manual";
import type { Plan } from "../../../components/pure/plan";
import type { ConsumerResult } from "../../../components/pure/record";
import type { Confirmation, ManualConsumer } from "../../../components/pure/settings";
import { ciSync } from "../../../presets/ci-sync";
import { holds } from "./invariants";

/** How far a run comes, and what each machine answers. */
export interface RunScript {
  readonly fail: "no" | "afterIssue" | "atHost" | "killedAtHost" | "deletion";
  readonly failingHost: number;
  readonly hosts: readonly ("updated" | "notNow")[];
}

/** What people do: take what the vault or the link has, tell the truth, name the former secret, or any. */
export type Act = "takes" | "confirms" | "confirmsFormer" | "confirmsAny";

/** What a consumer holds whose secret somebody removed in the portal. */
export const LOST = "lost in the portal";

interface Held {
  held: string;
}
interface Machine extends Held {
  done?: { keyId: string; attempt: string; result: ConsumerResult };
}
interface Person extends Held {
  readonly consumer: ManualConsumer;
  former: string;
  confirmation?: Confirmation;
}

export class Consumers {
  public readonly machines: Machine[];
  public readonly people: Person[];
  /** Key id of the secret that the vault and the links have. */
  public offered = "manual";

  public constructor(machines: number, people: number) {
    this.machines = Array.from({ length: machines }, () => ({ held: "manual" }));
    this.people = Array.from({ length: people }, (_, index) => ({
      ...{ held: "manual", former: "manual" },
      consumer: { name: `person${index}`, kind: "assisted", handOver: ciSync.handOver, retry: 0 },
    }));
  }

  public get all(): readonly Held[] {
    return [...this.machines, ...this.people];
  }

  public act(index: number, act: Act): void {
    const person = this.people[index % Math.max(this.people.length, 1)];
    if (person === undefined) return;
    if (act === "takes") {
      if (person.held !== this.offered) person.former = person.held;
      person.held = this.offered;
      return;
    }
    const said = { confirms: person.held, confirmsFormer: person.former, confirmsAny: ANY }[act];
    if (said.length === ANY.length) person.confirmation = { keyId: said, on: "2026-06-01" };
  }

  /** Every person takes what there is and says so. */
  public serve(): void {
    for (const index of this.people.keys()) {
      this.act(index, "takes");
      this.act(index, "confirms");
    }
  }

  public lose(keyId: string): void {
    for (const consumer of this.all) if (consumer.held === keyId) consumer.held = LOST;
    if (this.offered === keyId) this.offered = LOST;
  }

  /** What one run comes to at each consumer; undefined when it fails at one. */
  public handOver(
    planned: Plan,
    keyId: string,
    script: RunScript,
    before: History | undefined,
  ): ConsumerResult[] | undefined {
    const results: ConsumerResult[] = [];
    let asked = 0;
    for (const [index, machine] of this.machines.entries()) {
      const same = machine.done?.keyId === keyId && machine.done.attempt === planned.attempt;
      if (same && machine.done) {
        results.push(machine.done.result);
        continue;
      }
      // A machine that a killed run brought another secret is asked rightly, even after that secret is gone everywhere.
      if (machine.done?.keyId === keyId) asked += 1;
      const fails = index === script.failingHost;
      if (fails && script.fail === "atHost") return undefined;
      const outcome = script.hosts[index] ?? "updated";
      if (outcome === "updated") machine.held = keyId;
      if (fails && script.fail === "killedAtHost") return undefined;
      const adopted = outcome === "updated";
      const result = {
        name: `machine${index}`,
        kind: "automatic" as const,
        outcome,
        adopted,
        keyId,
      };
      machine.done = { keyId, attempt: planned.attempt, result };
      results.push(result);
    }
    this.#lookAtWaiting(planned, keyId, before, asked);
    return [...results, ...this.people.map((person) => outcomeOf(person, planned, keyId))];
  }

  #lookAtWaiting(planned: Plan, keyId: string, before: History | undefined, asked: number): void {
    const { inFlight } = before ?? {};
    const waited = inFlight?.again === false && inFlight.keyId === keyId;
    const skipped = (before?.skipped ?? []).map(({ label }) => label).sort();
    // A secret that a killed run may have carried somewhere is a reason to ask: the attempt names it.
    if (!waited || String(skipped) !== String([...planned.skipped].sort())) return;
    holds("a run that only waits for people asks no machine again", asked === 0);
  }
}

const ANY = "ffffffff-0000-4000-8000-000000000000";

function outcomeOf(person: Person, planned: Plan, keyId: string): ConsumerResult {
  return manualOutcome({
    ...{ consumer: person.consumer, epoch: planned.target.label, keyId, vaultName: "kv" },
    ...{ secretName: "s", activeKeyId: planned.history?.active?.keyId },
    ...{ confirmation: person.confirmation, sighting: undefined },
    ...{ last: undefined, link: undefined, asked: undefined },
  });
}
