// A model of Entra, the engine's state and the hosts, against which the plan is run: what a run of the real
// engine does to them, failures included. Invariants are checked where a real system would break.
import assert from "node:assert/strict";
import { DateTime, Duration } from "luxon";
import type { History } from "../../../components/pure/history";
import { plan } from "../../../components/pure/plan";
import type { ConsumerResult } from "../../../components/pure/record";
import { recordRun } from "../../../components/pure/record";
import type { ScheduleSettings } from "../../../components/pure/schedule";

/** How far a run comes, and what each host answers. */
export interface RunScript {
  readonly fail: "no" | "afterIssue" | "atHost" | "killedAtHost" | "deletion";
  readonly failingHost: number;
  readonly hosts: readonly ("updated" | "notNow")[];
}

interface StatePassword {
  readonly keyId: string;
  readonly endDate: string;
  protect: boolean;
}
interface Host {
  held: string;
  done?: { keyId: string; attempt: string; result: ConsumerResult };
}

export class Simulation {
  public now = DateTime.fromISO("2026-05-20T10:15:00Z", { zone: "utc" });
  public history: History | undefined;
  public readonly state = new Map<string, StatePassword>();
  public readonly entra = new Set<string>(["manual"]);
  public readonly hosts: Host[];
  public plans = 0;
  #issued = 0;
  #retiredAt = new Map<string, DateTime>();

  public constructor(
    hosts: number,
    public settings: ScheduleSettings,
  ) {
    this.hosts = Array.from({ length: hosts }, () => ({ held: "manual" }));
  }

  /** One run of the program. True when it succeeded. */
  public run(script: RunScript): boolean {
    const issued = [...this.state].map(([label, { keyId, endDate }]) => ({
      label,
      keyId,
      endDate,
    }));
    let planned;
    try {
      planned = plan(this.now.toJSDate(), this.settings, this.history, issued);
    } catch (error) {
      assert.match(String(error), /lifetime must hold/);
      return false;
    }
    this.plans += 1;
    const laterThatDay = this.now.endOf("day").toJSDate();
    if (this.plans % 5 === 0) {
      assert.deepEqual(plan(laterThatDay, this.settings, this.history, issued), planned);
    }

    const declared = new Set(planned.passwords.map((password) => password.label));
    assert.equal(declared.size, planned.passwords.length, "a label is declared once");
    for (const [label, { protect }] of this.state) {
      assert.ok(!protect || declared.has(label), `the engine refuses: ${label} is protected`);
    }
    for (const password of planned.passwords) {
      const known = this.state.get(password.label);
      if (known) {
        assert.equal(known.endDate, password.endDate, `${password.label} is never replaced`);
        known.protect = password.protect;
        continue;
      }
      const keyId = `00000000-0000-4000-8000-${String((this.#issued += 1)).padStart(12, "0")}`;
      assert.ok(
        password.endDate > this.now.toFormat("yyyy-MM-dd'T'HH:mm:ss"),
        "no secret is issued expired",
      );
      assert.equal(password.role, "target", "only the target is issued");
      this.state.set(password.label, {
        keyId,
        endDate: password.endDate,
        protect: password.protect,
      });
      this.entra.add(keyId);
    }
    if (script.fail === "afterIssue") return false;

    const target = this.#get(planned.target.label);
    const results: ConsumerResult[] = [];
    for (const [index, host] of this.hosts.entries()) {
      const same = host.done?.keyId === target.keyId && host.done.attempt === planned.attempt;
      if (same && host.done) {
        results.push(host.done.result);
        continue;
      }
      const fails = index === script.failingHost;
      if (fails && script.fail === "atHost") return false;
      const outcome = script.hosts[index] ?? "updated";
      if (outcome === "updated") host.held = target.keyId;
      if (fails && script.fail === "killedAtHost") return false;
      const adopted = outcome === "updated";
      const result = {
        name: `host${index}`,
        kind: "automatic" as const,
        outcome,
        adopted,
        keyId: target.keyId,
      };
      host.done = { keyId: target.keyId, attempt: planned.attempt, result };
      results.push(result);
    }

    const keyIds = Object.fromEntries([...this.state].map(([label, { keyId }]) => [label, keyId]));
    const before = this.history;
    const record = recordRun(planned, keyIds, results);
    this.#checkRelease(record.history, before);
    this.history = record.history;
    if (record.settled && before?.active && before.active.label !== planned.target.label) {
      this.#retiredAt.set(before.active.label, this.now);
    }
    if (script.fail === "deletion") return false;
    for (const [label, { keyId }] of this.state) {
      if (declared.has(label)) continue;
      this.state.delete(label);
      this.entra.delete(keyId);
    }
    return true;
  }

  /** Somebody removes a password in the portal, and a refresh sees it. */
  public removeInPortal(index: number): void {
    const [label, password] = [...this.state][index % Math.max(this.state.size, 1)] ?? [];
    if (label === undefined || password === undefined) return;
    this.state.delete(label);
    this.entra.delete(password.keyId);
    for (const host of this.hosts)
      if (host.held === password.keyId) host.held = "lost in the portal";
  }

  /** What must hold after whatever happened. */
  public check(): void {
    for (const host of this.hosts) {
      if (host.held === "lost in the portal") continue;
      assert.ok(this.entra.has(host.held), "every host holds a secret that Entra accepts");
    }
  }

  #checkRelease(after: History, before: History | undefined): void {
    const overlap = Duration.fromISO(this.settings.overlap);
    for (const { label } of after.released) {
      const retired = before?.retiring.find((epoch) => epoch.label === label);
      if (retired === undefined) {
        assert.ok(before?.active?.label !== label, "an active secret is never released");
        continue;
      }
      const retiredAt = this.#retiredAt.get(label);
      assert.ok(retiredAt && this.now >= retiredAt.plus(overlap), "the overlap is over");
      assert.ok(after.active && after.inFlight === undefined, "the successor is adopted");
      assert.notEqual(after.active.label, label);
    }
  }

  #get(label: string): StatePassword {
    const found = this.state.get(label);
    assert.ok(found);
    return found;
  }
}
