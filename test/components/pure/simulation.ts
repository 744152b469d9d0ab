// A model of Entra, the engine's state and the consumers, machines and people, against which the plan is run: what a
// run of the real engine does to them, failures included. Invariants are looked at where a real system would break.
import assert from "node:assert/strict";
import { DateTime } from "luxon";
import { isDeepStrictEqual } from "node:util";
import type { History } from "../../../components/pure/history";
import type { ManualOutcome } from "../../../components/pure/manual";
import { overdueSentence } from "../../../components/pure/overdue";
import type { Plan } from "../../../components/pure/plan";
import { plan } from "../../../components/pure/plan";
import type { ConsumerResult } from "../../../components/pure/record";
import { recordRun } from "../../../components/pure/record";
import type { ScheduleSettings } from "../../../components/pure/schedule";
import { Consumers, LOST, type RunScript } from "./simulated-consumers";
import { holds } from "./invariants";
import { lookAtPlan, lookAtRecord } from "./simulated-looks";

export interface StatePassword {
  readonly keyId: string;
  readonly endDate: string;
  protect: boolean;
}

export class Simulation {
  public now = DateTime.fromISO("2026-05-20T10:15:00Z", { zone: "utc" });
  public history: History | undefined;
  public readonly state = new Map<string, StatePassword>();
  public readonly entra = new Set<string>(["manual"]);
  public readonly consumers: Consumers;
  public plans = 0;
  public overdue = 0;
  #issued = 0;
  #removedInPortal = new Set<string>();
  #everIssued = new Set<string>();
  #everAdopted = new Set<string>();
  #retiredAt = new Map<string, DateTime>();

  public constructor(
    machines: number,
    people: number,
    public settings: ScheduleSettings,
  ) {
    this.consumers = new Consumers(machines, people);
  }

  /** One run of the program. True when it succeeded. */
  public run(script: RunScript): boolean {
    const planned = this.#plan();
    if (planned === undefined) return false;
    this.#issue(planned);
    if (script.fail === "afterIssue") return false;

    const target = this.state.get(planned.target.label);
    assert.ok(target);
    this.consumers.offered = target.keyId;
    const results = this.consumers.handOver(planned, target.keyId, script, this.history);
    if (results === undefined) return false;
    const keyIds = Object.fromEntries([...this.state].map(([label, { keyId }]) => [label, keyId]));
    const manual = results.filter((one): one is ManualOutcome => one.kind !== "automatic");
    if (overdueSentence(planned, keyIds, manual) !== undefined) {
      this.overdue += 1;
      holds(
        "people who take too long turn the run red, and nothing is recorded then",
        planned.waiting !== undefined && planned.today >= planned.waiting.until,
      );
      return false;
    }
    this.#record(planned, keyIds, results);
    if (script.fail === "deletion") return false;
    this.#delete(planned);
    return true;
  }

  #plan(): Plan | undefined {
    const issued = [...this.state].map(([label, { keyId, endDate }]) => ({
      ...{ label, keyId, endDate },
    }));
    let planned;
    try {
      planned = plan(this.now.toJSDate(), this.settings, this.history, issued);
    } catch (error) {
      assert.match(String(error), /lifetime must hold/);
      return undefined;
    }
    this.plans += 1;
    if (this.plans % 5 === 0) {
      const later = plan(this.now.endOf("day").toJSDate(), this.settings, this.history, issued);
      holds("the same input gives the same plan, all day long", isDeepStrictEqual(later, planned));
    }
    lookAtPlan(planned, this.settings, this.history, this.state, this.#everAdopted);
    return planned;
  }

  #issue(planned: Plan): void {
    for (const password of planned.passwords) {
      const known = this.state.get(password.label);
      holds(
        "a label is declared once, and a secret is never replaced",
        known === undefined || known.endDate === password.endDate,
      );
      if (known) {
        known.protect = password.protect;
        continue;
      }
      const now = this.now.toFormat("yyyy-MM-dd'T'HH:mm:ss");
      holds("no secret is issued expired", password.endDate > now);
      holds("only the target is issued", password.role === "target");
      holds(
        "an epoch has one secret, and another only after that was removed in the portal",
        !this.#everIssued.has(password.label) || this.#removedInPortal.has(password.label),
        password.label,
      );
      this.#everIssued.add(password.label);
      this.#removedInPortal.delete(password.label);
      const keyId = `00000000-0000-4000-8000-${String((this.#issued += 1)).padStart(12, "0")}`;
      const { endDate, protect } = password;
      this.state.set(password.label, { keyId, endDate, protect });
      this.entra.add(keyId);
    }
  }

  #record(
    planned: Plan,
    keyIds: Readonly<Record<string, string>>,
    results: readonly ConsumerResult[],
  ): void {
    const before = this.history;
    const record = recordRun(planned, keyIds, results);
    holds(
      "nothing is adopted before the last consumer holds it",
      !record.settled ||
        this.consumers.all.every(
          ({ held }) => held === record.history.active?.keyId || held === LOST,
        ),
    );
    lookAtRecord(record.history, before, this.now, this.settings, this.#retiredAt);
    this.history = record.history;
    if (!record.settled) return;
    this.#everAdopted.add(planned.target.label);
    if (before?.active && before.active.label !== planned.target.label) {
      this.#retiredAt.set(before.active.label, this.now);
    }
  }

  /** The engine's last phase: what the program left out goes. */
  #delete(planned: Plan): void {
    const declared = new Set(planned.passwords.map(({ label }) => label));
    for (const [label, { keyId }] of this.state) {
      if (declared.has(label)) continue;
      holds(
        "a secret that was adopted is left out only after it was released",
        !this.#everAdopted.has(label) || planned.released.includes(label),
        label,
      );
      this.state.delete(label);
      this.entra.delete(keyId);
      // A label that comes back, by a generation that is lowered and raised, is another secret.
      this.#everIssued.delete(label);
      this.#everAdopted.delete(label);
    }
  }

  /** Somebody removes a password in the portal, and a refresh sees it. */
  public removeInPortal(index: number): void {
    const [label, password] = [...this.state][index % Math.max(this.state.size, 1)] ?? [];
    if (label === undefined || password === undefined) return;
    this.state.delete(label);
    this.entra.delete(password.keyId);
    this.#removedInPortal.add(label);
    this.consumers.lose(password.keyId);
  }

  /** What must hold after whatever happened. */
  public check(): void {
    for (const { held } of this.consumers.all) {
      if (held === LOST) continue;
      holds("every consumer holds a secret that Entra accepts", this.entra.has(held));
    }
  }
}
