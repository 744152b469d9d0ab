// A model of Entra, the engine's state and the consumers, machines and people, against which the plan is run: what a
// run of the real engine does to them, failures included. Invariants are looked at where a real system would break.
import assert from "node:assert/strict";
import { DateTime } from "luxon";
import { isDeepStrictEqual } from "node:util";
import type { History } from "../../../src/decide/history";
import type { ManualOutcome } from "../../../src/decide/outcome";
import { overdueSentence } from "../../../src/decide/overdue";
import type { Plan } from "../../../src/decide/run-plan";
import { plan } from "../../../src/decide/plan";
import type { ConsumerResult } from "../../../src/decide/outcome";
import { recordRun } from "../../../src/decide/record";
import type { ScheduleConfig } from "../../../src/decide/schedule";
import type { AdoptionEvidence } from "../../../src/decide/adoption-evidence";
import type { FormerSecret } from "../../../src/decide/former-secrets";
import { logFindings, logQuestions } from "../../../src/decide/log-findings";
import { withholdReleases } from "../../../src/decide/release-evidence";
import { removalProblem, unprovenConsumers } from "../../../src/decide/release";
import { Consumers, LOST, type Newcomer, type RunScript } from "./simulated-consumers";
import { holds } from "./invariants";
import { type LogMood, SimulatedLog } from "./simulated-log";
import {
  WAY_FORWARD,
  lookAtPlan,
  lookAtRecord,
  lookAtWaiting,
  lookAtWithheld,
} from "./simulated-looks";

/** How long before the end of a time that passes services sign in often, and how often; before that daily. */
const OFTEN_DAYS = 3;
const OFTEN_HOURS = 6;
const REMEMBERED_DAYS = 32;

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
  public refused = 0;
  public heldBack = 0;
  /** How often the log adopted one that people serve, and how often a person tried a value. */
  public seenByLog = 0;
  public tried = 0;
  /** What the log held back in the last run. */
  public withheld: readonly string[] = [];
  public requireSignInLog = false;
  readonly #log = new SimulatedLog();
  #former: readonly FormerSecret[] = [];
  #evidence: Readonly<Record<string, AdoptionEvidence>> = {};
  #weighed: readonly FormerSecret[] = [];
  #last: readonly ConsumerResult[] = [];
  #issued = 0;
  #latest = this.now;
  #removedInPortal = new Set<string>();
  #everIssued = new Set<string>();
  #everAdopted = new Set<string>();
  #retiredAt = new Map<string, DateTime>();

  public constructor(
    machines: number,
    people: number,
    public config: ScheduleConfig,
  ) {
    this.consumers = new Consumers(machines, people);
  }

  /** Time passes, and every service signs in: often in the last days, which a log that comes late may lack. */
  public pass(days: number): void {
    const end = this.now.plus({ days });
    const often = end.minus({ days: OFTEN_DAYS });
    const remembered = end.minus({ days: REMEMBERED_DAYS });
    if (this.now < remembered) this.now = remembered;
    while (this.now < end) {
      this.#signInAll();
      this.now = this.now.plus(this.now < often ? { days: 1 } : { hours: OFTEN_HOURS });
    }
    this.now = end;
  }

  /** The clock is set back: what was recorded until now lies in its future. */
  public turnBack(days: number): void {
    this.#latest = DateTime.max(this.#latest, this.now);
    this.now = this.now.minus({ days });
  }

  /** How many days the clock has to go to where it was once. */
  public get behind(): number {
    return Math.max(0, Math.ceil(this.#latest.diff(this.now, "days").days));
  }

  #signInAll(): void {
    for (const { name, held } of [...this.consumers.named, ...this.consumers.forgotten]) {
      if (this.entra.has(held)) this.#log.signIn(name, held, this.now);
    }
  }

  /** One run of the program. True when it succeeded. */
  public run(script: RunScript): boolean {
    this.#signInAll();
    const decided = this.#plan();
    if (decided === undefined) return false;
    const planned = this.#holdAgainstLog(decided, script.log);
    this.#issue(planned);
    if (script.fail === "afterIssue") return false;

    const target = this.state.get(planned.target.label);
    assert.ok(target);
    this.consumers.offered = target.keyId;
    const log = { evidence: this.#evidence, last: this.#last };
    const results = this.consumers.handOver(planned, target.keyId, script, this.history, log);
    if (results === undefined) return false;
    this.seenByLog += results.filter(({ outcome }) => outcome === "seen").length;
    const keyIds = Object.fromEntries([...this.state].map(([label, { keyId }]) => [label, keyId]));
    const manual = results.filter((one): one is ManualOutcome => one.kind !== "automatic");
    lookAtWaiting(manual);
    const overdue = overdueSentence(planned, keyIds, manual);
    if (overdue !== undefined) {
      this.overdue += 1;
      holds(WAY_FORWARD, /keyturn confirm \S+/.test(overdue), overdue);
      holds(
        "people who take too long turn the run red, and nothing is recorded then",
        planned.waiting !== undefined && planned.today >= planned.waiting.until,
      );
      return false;
    }
    const problem = removalProblem(planned, keyIds, results);
    if (problem !== undefined) {
      this.refused += 1;
      holds(WAY_FORWARD, /next day's run asks again, or raise/.test(problem), problem);
      return false;
    }
    this.#record(planned, keyIds, results);
    if (script.fail === "deletion") return false;
    this.#delete(planned);
    return true;
  }

  #plan(): Plan | undefined {
    const issued = [...this.state].map(([label, { keyId, endDate }]) => ({
      label,
      keyId,
      endDate,
    }));
    let planned;
    let unproven;
    try {
      const { configured } = this.consumers;
      unproven = unprovenConsumers(configured, this.history, this.#last);
      planned = plan(this.now.toJSDate(), this.config, this.history, issued, unproven);
    } catch (error) {
      assert.match(String(error), /lifetime must hold/);
      return undefined;
    }
    this.plans += 1;
    if (this.plans % 5 === 0) {
      const end = this.now.endOf("day").toJSDate();
      const later = plan(end, this.config, this.history, issued, unproven);
      holds("the same input gives the same plan, all day long", isDeepStrictEqual(later, planned));
    }
    lookAtPlan(planned, this.config, this.history, this.state, this.#everAdopted);
    return planned;
  }

  /** What the log says against the plan's releases, and of the consumers. */
  #holdAgainstLog(decided: Plan, mood: LogMood): Plan {
    const contents = this.#log.read(mood, this.now);
    const config = {
      name: this.config.name,
      overlap: this.config.overlap,
      signInLog: true,
      requireSignInLog: this.requireSignInLog,
      ...this.consumers.addressed,
    };
    const asker = {
      last: this.#last,
      sightings: [],
      formerUses: this.#former,
      proofs: [],
      now: this.now.toJSDate(),
    };
    const questions = logQuestions(config, decided, asker);
    const findings = logFindings(questions, contents, config, decided, asker);
    this.#weighed = findings.formerSecrets;
    const planned = withholdReleases(decided, findings, config);
    lookAtWithheld(planned, findings.notes);
    this.withheld = Object.keys(findings.withheld);
    this.heldBack += this.withheld.length;
    this.#evidence = findings.evidence;
    const lost = this.consumers.named.filter(({ held }) => !this.entra.has(held));
    this.#log.lookAtEvidence(this.#evidence, new Set(lost.map(({ name }) => name)));
    return planned;
  }

  /** A person tries the value that the vault has: at a desk, or at the very address of a consumer. */
  public tries(where: "desk" | "consumer", index: number): void {
    const { named, offered } = this.consumers;
    const address = where === "desk" ? "desk" : (named[index % named.length]?.name ?? "desk");
    if (!this.entra.has(offered)) return;
    this.#log.signIn(address, offered, this.now, "administrator");
    this.tried += 1;
  }

  /** Somebody whom no config knows signs in with one of the secrets that Entra accepts. */
  public stranger(index: number): void {
    const accepted = [...this.entra];
    this.#log.signIn("stranger", accepted[index % accepted.length] ?? "manual", this.now);
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
      this.#log.prove(keyId, this.now);
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
          ({ held, unheard }) =>
            unheard === true || held === record.history.active?.keyId || held === LOST,
        ),
    );
    lookAtRecord(
      record.history,
      before,
      this.now,
      this.config,
      this.#retiredAt,
      this.#everAdopted,
      new Set(this.withheld),
    );
    if (record.history.released.length > 0) this.#lookAtAsking(planned);
    this.history = record.history;
    this.#last = results;
    this.#former = this.#weighed;
    this.#log.remember(this.#weighed);
    if (!record.settled) return;
    this.#everAdopted.add(planned.target.label);
    for (const label of planned.skipped) this.#retiredAt.set(label, this.now);
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
        "a secret is left out only after it was released",
        planned.released.includes(label),
        label,
      );
      this.#lookAtAsking(planned);
      this.#lookAtHolders(planned, keyId);
      if (this.config.overlap !== "PT0S") {
        this.#log.lookAtRemoval(keyId, this.#retiredAt.get(label), this.now);
      }
      this.state.delete(label);
      this.entra.delete(keyId);
      // A label that comes back, by a generation that is lowered and raised, is another secret.
      this.#everIssued.delete(label);
      this.#everAdopted.delete(label);
    }
  }

  #lookAtAsking({ today }: Plan): void {
    holds(
      "every host is asked on the day on which a secret is released or removed",
      this.consumers.machines.every(({ askedOn }) => askedOn === today),
    );
  }

  #lookAtHolders({ target, history }: Plan, keyId: string): void {
    const good = [history?.active?.keyId, this.state.get(target.label)?.keyId];
    holds(
      "a secret is removed only when every host holds the active one",
      this.consumers.machines.every(({ journal }) => good.includes(journal)),
    );
    holds(
      "a secret is removed only when no consumer holds it, whatever was put back or added",
      this.consumers.honest.every(({ held }) => held !== keyId),
      keyId,
    );
  }

  /** A consumer comes into the config that holds one of the secrets that Entra accepts. */
  public add(what: Newcomer, index: number): void {
    const accepted = [...this.entra];
    this.consumers.add(what, accepted[index % accepted.length] ?? "manual");
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
    for (const { held } of this.consumers.honest) {
      if (held === LOST) continue;
      holds("every consumer holds a secret that Entra accepts", this.entra.has(held));
    }
  }
}
