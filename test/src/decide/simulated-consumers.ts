// The consumers of the model: machines that answer a run, and people who take a secret and say so when they like, late,
// never, or about another one.
import type { AdoptionEvidence } from "../../../src/decide/adoption-evidence";
import type { History } from "../../../src/decide/history";
import { manualOutcome } from "../../../src/decide/manual";
import type { Plan } from "../../../src/decide/run-plan";
import { type ConsumerResult, lastOutcomes } from "../../../src/decide/outcome";
import type { ConfiguredConsumers } from "../../../src/decide/release";
import type { Confirmation, Consumer, ManualConsumer } from "../../../src/keyturn-config";
import { ciSync } from "../../../src/presets/ci-sync";
import { sesar } from "../../../src/presets/sesar";
import { holds } from "./invariants";
import type { LogMood } from "./simulated-log";

/** How far a run comes, and what each machine answers. */
export interface RunScript {
  readonly fail: "no" | "afterIssue" | "atHost" | "killedAtHost" | "deletion";
  readonly failingHost: number;
  readonly hosts: readonly ("updated" | "notNow")[];
  readonly log: LogMood;
}

/** A consumer that comes into the config, and where it holds its secret. */
export type Newcomer = "machine" | "person";

/** What people do: take what the vault or the link has, tell the truth, name the former secret, or any. */
export type Act = "takes" | "confirms" | "confirmsFormer" | "confirmsAny";

/** What a consumer holds whose secret somebody removed in the portal. */
export const LOST = "lost in the portal";

/** What this run's reading shows of the consumers, and what the last recorded run said of them. */
export interface WhatTheLogSays {
  readonly evidence: Readonly<Record<string, AdoptionEvidence>>;
  readonly last: readonly ConsumerResult[];
}

interface Held {
  held: string;
  /** Put back from a snapshot since it was last asked: until it is asked nobody can know. */
  unheard?: boolean;
}
interface Machine extends Held {
  readonly name: string;
  /** Key id that the host's journal says it adopted last; "manual" is none. */
  journal: string;
  /** What it held before, oldest first: what a snapshot of it holds. */
  readonly past: { held: string; journal: string }[];
  /** The day on which it was last asked. */
  askedOn: string;
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
  /** Taken out of the config; a forgotten one goes on signing in with what it holds. */
  public forgotten: { readonly name: string; readonly held: string }[] = [];
  /** Key id of the secret that the vault and the links have. */
  public offered = "manual";
  #made = 0;

  public constructor(machines: number, people: number) {
    this.machines = Array.from({ length: machines }, () => machine((this.#made += 1), "manual"));
    this.people = Array.from({ length: people }, () => person((this.#made += 1), "manual"));
  }

  /** What config says of them. */
  public get configured(): ConfiguredConsumers {
    const spoken = this.people.flatMap(({ consumer, confirmation }) =>
      confirmation === undefined ? [] : [[consumer.name, confirmation] as const],
    );
    return {
      consumers: [...this.machines, ...this.people.map(({ consumer }) => consumer)],
      confirmations: Object.fromEntries(spoken),
    };
  }

  /** The same as the log's question takes them, each with an address of its own. */
  public get addressed(): {
    readonly consumers: Consumer[];
    readonly confirmations: Readonly<Record<string, Confirmation>>;
  } {
    const machines = this.machines.map(({ name }) => ({ ...SERVED, name, addresses: [name] }));
    const people = this.people.map(({ consumer }) => ({ ...consumer, addresses: [consumer.name] }));
    return { consumers: [...machines, ...people], confirmations: this.configured.confirmations };
  }

  /** A consumer comes into the config that holds a secret already. */
  public add(what: Newcomer, held: string): void {
    if (this.all.length >= MOST_CONSUMERS) return;
    if (what === "machine") this.machines.push(machine((this.#made += 1), held));
    else this.people.push(person((this.#made += 1), held));
  }

  /** One leaves the config, unless it is the last. @param goesOn whether its service does not know */
  public remove(index: number, goesOn: boolean): void {
    const leaving = this.named[index % this.named.length];
    if (leaving === undefined || this.named.length === 1) return;
    const { name, held } = leaving;
    const rest = <T>(all: T[], nameOf: (one: T) => string): void => {
      const place = all.findIndex((one) => nameOf(one) === name);
      if (place >= 0) all.splice(place, 1);
    };
    rest(this.machines, (one) => one.name);
    rest(this.people, ({ consumer }) => consumer.name);
    if (goesOn) this.forgotten.push({ name, held });
  }

  /** A host is put back from a snapshot, its journal with it; the stack is not told. */
  public putBack(index: number, back: number, accepted: ReadonlySet<string>): void {
    const host = this.machines[index % Math.max(this.machines.length, 1)];
    const living = host?.past.filter(({ held }) => accepted.has(held)) ?? [];
    const former = living.at(-1 - (back % Math.max(living.length, 1)));
    if (host === undefined || former === undefined) return;
    bring(host, former);
    host.unheard = true;
  }

  /** Those of whom anything can be known: not the people who confirmed one secret and hold another. */
  public get honest(): readonly Held[] {
    const isTrue = ({ held, confirmation }: Person): boolean =>
      confirmation === undefined || confirmation.keyId === held;
    return [...this.machines, ...this.people.filter(isTrue)];
  }

  /** Each by name, with what it holds; a name is its address too. */
  public get named(): readonly (Held & { readonly name: string })[] {
    const people = this.people.map((one) => ({ ...one, name: one.consumer.name }));
    return [...this.machines, ...people];
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
    log: WhatTheLogSays,
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
      const answer = script.hosts[index % script.hosts.length] ?? "updated";
      // A host that holds it says so at any time; only a restart needs a safe moment.
      const outcome = machine.held === keyId ? "alreadyAdopted" : answer;
      machine.askedOn = planned.today;
      machine.unheard = false;
      if (outcome === "updated") bring(machine, { held: keyId, journal: keyId });
      if (fails && script.fail === "killedAtHost") return undefined;
      const adopted = outcome !== "notNow";
      const result = {
        name: machine.name,
        kind: "automatic" as const,
        outcome,
        adopted,
        keyId,
        ...(adopted || machine.journal === "manual" ? {} : { heldKeyId: machine.journal }),
      };
      machine.done = { keyId, attempt: planned.attempt, result };
      results.push(result);
    }
    this.#lookAtWaiting(planned, keyId, before, asked);
    return [...results, ...this.people.map((person) => outcomeOf(person, planned, keyId, log))];
  }

  #lookAtWaiting(planned: Plan, keyId: string, before: History | undefined, asked: number): void {
    const { inFlight } = before ?? {};
    const waited = inFlight?.again === false && inFlight.keyId === keyId;
    const skipped = (before?.skipped ?? []).map(({ label }) => label).sort();
    // A secret that a killed run may have carried somewhere is a reason to ask: the attempt names it, and is another one once
    // that doubt is gone. The host then answers without a restart.
    const now = [...planned.skipped].sort();
    const doubted = (inFlight?.attempt ?? "").replace(/^\d+(\+asked-[\d-]+)?/, "");
    const sameDoubt = doubted === now.map((label) => `+${label}`).join("");
    if (!waited || String(skipped) !== String(now) || !sameDoubt) return;
    holds("a run that only waits for people asks no machine again", asked === 0);
  }
}

const MOST_CONSUMERS = 6;
const SERVED = {
  kind: "automatic",
  retry: 0,
  connection: { host: "h", port: 22, user: "u", hostKey: "k" },
  host: sesar.host,
} as const;

function machine(index: number, held: string): Machine {
  return { name: `machine${index}`, held, journal: held, past: [], askedOn: "" };
}

function person(index: number, held: string): Person {
  const name = `person${index}`;
  const consumer = { name, kind: "assisted", handOver: ciSync.handOver, retry: 0 } as const;
  return { held, former: held, consumer };
}

function bring(host: Machine, to: { held: string; journal: string }): void {
  const { held, journal } = host;
  host.past.push({ held, journal });
  Object.assign(host, to);
}

const ANY = "ffffffff-0000-4000-8000-000000000000";

function outcomeOf(
  person: Person,
  planned: Plan,
  keyId: string,
  { evidence, last }: WhatTheLogSays,
): ConsumerResult {
  const { name } = person.consumer;
  return manualOutcome({
    consumer: person.consumer,
    epoch: planned.target.label,
    keyId,
    vaultName: "kv",
    secretName: "s",
    activeKeyId: planned.history?.active?.keyId,
    confirmation: person.confirmation,
    evidence: evidence[name],
    last: lastOutcomes(last).find((one) => one.name === name),
    link: undefined,
    asked: undefined,
  });
}
