// A pipeline day by day on one lab: what each run comes to, and the lock that a killed one leaves.
import assert from "node:assert/strict";
import { readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import type { PipelineName } from "../../pipelines/scripts";
import { E2E_TIMEOUT_MS, LabStack } from "../../helpers/lab-stack";
import type { Verdict } from "../../../packages/cli/run/verdict";
import { type Leak, leaksIn, leaksInFolder } from "../../helpers/leaks";
import { Checkout, STACK, type ScriptEnd } from "../../helpers/checkout";
import { trustPipelines } from "../../helpers/pipeline-sign-in";
import { until } from "../../helpers/until";

const SETTLE_SECONDS = 4;

/** The day on which every pipeline of these tests begins. */
export const FIRST_DAY = "2026-11-21";

export class PipelineDays {
  checkout: Checkout;
  /** All that the pipeline's log showed. */
  printed = "";
  /** One row for each run, for the transcript. */
  readonly rows: string[] = [];

  private constructor(
    readonly labStack: LabStack,
    name: PipelineName,
  ) {
    this.checkout = new Checkout(labStack, name, { settleSeconds: SETTLE_SECONDS });
  }

  static async open(name: PipelineName): Promise<PipelineDays> {
    const lab = { now: `${FIRST_DAY}T05:00:00Z` };
    const labStack = await LabStack.open({ policy: true, stackName: STACK, lab });
    try {
      await trustPipelines(labStack.rehearsal);
      return new PipelineDays(labStack, name);
    } catch (error) {
      await labStack.close();
      throw error;
    }
  }

  /** The same stack, from now on run by the other system. */
  moveTo(name: PipelineName): void {
    this.checkout = new Checkout(this.labStack, name, { settleSeconds: SETTLE_SECONDS });
  }

  /** Runs the day's pipeline: the script that rotates, or all of them. What it came to, which its exit code must agree with. */
  async day(date: string, scripts: "main" | "every" = "main"): Promise<Verdict> {
    await this.goTo(date);
    const { checkout } = this;
    return this.note(
      date,
      await (scripts === "main" ? checkout.mainScript() : checkout.everyScript()),
    );
  }

  /** Runs it, and kills the engine in mid-update, so that it leaves its lock. */
  async killedDay(date: string): Promise<Verdict> {
    await this.goTo(date);
    const run = this.checkout.mainScript();
    await until("the engine's lock", () => this.locks().length > 0, E2E_TIMEOUT_MS / 1000);
    const { pid } = JSON.parse(readFileSync(this.locks()[0] ?? "", "utf8")) as { pid: number };
    process.kill(pid, "SIGKILL");
    return this.note(date, await run);
  }

  /** What a person does by hand, as the red run says. */
  byHand(date: string, ...args: readonly string[]): void {
    this.printed += this.checkout.pulumi(...args);
    this.rows.push(row(date, "by hand", "", `\`pulumi ${args.join(" ")}\``, []));
  }

  /** A day on which nothing ran. */
  skipped(date: string): void {
    this.rows.push(row(date, "none", "", "no run took place", []));
  }

  service(): ReturnType<LabStack["rehearsal"]["service"]> {
    return this.labStack.rehearsal.service();
  }

  /** Secrets in the log, in what the runs left, or on the summary's page. */
  async leaks(): Promise<Leak[]> {
    const secrets = await this.labStack.rehearsal.control.secretValues();
    assert(secrets.length >= 3);
    return [
      ...leaksIn("printed", this.printed, secrets),
      ...leaksInFolder(join(this.checkout.folder, "keyturn-run"), secrets),
      ...leaksIn("page", this.checkout.summaryPage, secrets),
    ];
  }

  async close(): Promise<void> {
    await this.labStack.close();
  }

  /** Moves the lab to the minute that both files' schedules name. */
  private async goTo(date: string): Promise<void> {
    await this.labStack.rehearsal.control.moveClock({ set: `${date}T05:17:00Z` });
  }

  private note(date: string, end: ScriptEnd): Verdict {
    this.printed += end.printed;
    let outcome: Verdict;
    try {
      outcome = JSON.parse(this.checkout.left("outcome.json")) as Verdict;
    } catch (error) {
      throw new Error(`The run left no outcome:\n${end.printed}`, { cause: error });
    }
    const { level, kind, headline, todo } = outcome;
    assert.equal(end.code, level === "red" ? 1 : 0, end.printed);
    this.rows.push(row(date, level, `\`${kind}\``, headline, todo));
    return outcome;
  }

  private locks(): string[] {
    const url = this.labStack.rehearsal.environment["PULUMI_BACKEND_URL"] ?? "";
    const folder = join(url.replace("file://", ""), ".pulumi", "locks");
    try {
      const names = readdirSync(folder, { recursive: true, encoding: "utf8" });
      return names.filter((each) => each.endsWith(".json")).map((each) => join(folder, each));
    } catch {
      return [];
    }
  }
}

/** A line of docs/design/pipelines-transcript.md. */
function row(date: string, run: string, kind: string, says: string, todo: readonly string[]) {
  return `| ${[date, run, kind, says, todo.join(" ")].join(" | ")} |`.replaceAll(/ {2,}/g, " ");
}
