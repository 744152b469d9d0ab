// The guard of every upgrade: stacks that an earlier release deployed are previewed and updated by today's program, on
// the same lab. What may differ stands in allowed.ts, with the reason.
import assert from "node:assert/strict";
import { isDeepStrictEqual } from "node:util";
import type { OutputMap } from "@pulumi/pulumi/automation";
import type { HostReport } from "../../../src/contracts/host-update";
import { E2E_TIMEOUT_MS } from "../../helpers/lab-stack";
import { isAllowed, urnToday } from "./allowed";
import { RELEASE_COMMITS } from "./release";
import { type StateResource, type Step, resourcesOf, sentenceOf, stepsOf } from "./steps";
import { type HostRecord, KINDS, type Kind, UpgradedLab } from "./upgraded-lab";

/** Outputs that the next run and people go by. */
const KEPT_OUTPUTS = ["history", "links", "keyIds", "clientId"];

/** What a stack holds, and what only a run of ours changes in the world. */
interface Held {
  readonly resources: readonly StateResource[];
  readonly outputs: OutputMap;
  /** Where no service signs in too. */
  readonly signIns: number;
  /** Secrets and one-time links, of all stacks. */
  readonly secrets: number;
  readonly host: HostRecord | undefined;
}

for (const commit of RELEASE_COMMITS) {
  describe(`an upgrade from the release ${commit}`, function () {
    this.timeout(2 * E2E_TIMEOUT_MS);
    let lab: UpgradedLab;
    let left: Record<Kind, Held>;

    const held = async (kind: Kind): Promise<Held> => {
      const stack = await lab.stack(kind, "release");
      const [resources, all] = await Promise.all([resourcesOf(stack), stack.outputs()]);
      const [signIns, secrets, host] = await Promise.all([
        lab.control.signIns(String(all["clientId"]?.value)),
        lab.control.secretValues(),
        lab.host(kind),
      ]);
      return {
        resources,
        outputs: Object.fromEntries(
          Object.entries(all).filter(([name]) => KEPT_OUTPUTS.includes(name)),
        ),
        signIns: host === undefined ? signIns.length : 0,
        secrets: secrets.length,
        host,
      };
    };
    const byToday = async (kind: Kind, operation: "preview" | "up"): Promise<Step[]> =>
      stepsOf(await lab.stack(kind, "today"), operation);

    before(async () => {
      lab = await UpgradedLab.open(commit);
      await forEach(async (kind) => stepsOf(await lab.stack(kind, "release"), "up"));
      left = await forEach(held);
    });
    after(async () => {
      await (lab as UpgradedLab | undefined)?.close();
    });

    /** Steps that are neither nothing nor allowed, and resources that today's program knows no more. */
    const surprises = (kind: Kind, steps: readonly Step[]): string[] => {
      const seen = new Set(steps.map(({ urn }) => urn));
      const missing = left[kind].resources.filter(({ urn }) => !seen.has(urnToday(urn)));
      const { otherHostScript } = lab.release;
      return [
        ...changes(steps)
          .map((step) => ({ sentence: sentenceOf(step), step }))
          .filter(({ step, sentence }) => !isAllowed({ commit, otherHostScript }, step, sentence))
          .map(({ sentence }) => sentence),
        ...missing.map(({ urn }) => `missing ${urn}`),
      ];
    };

    it("is tried on stacks that hold what an upgrade could break", () => {
      const has = (kind: Kind, type: string): boolean =>
        left[kind].resources.some((one) => one.type === type);
      assert(has("automatic", "azuread:index/application:Application"));
      assert(!has("adopted", "azuread:index/application:Application"));
      for (const kind of ["automatic", "adopted"] as const) {
        assert(has(kind, "azuread:index/groupMember:GroupMember"), kind);
        assert(has(kind, "command:remote:Command"), kind);
      }
      assert(has("assisted", "keyturn:index:HandOver"));
      assert.notEqual(left.assisted.signIns, 0);
      assert.equal(left.automatic.host?.stops, 1);
    });

    describe("in a preview by today's program", () => {
      let steps: Record<Kind, Step[]>;
      before(async () => {
        steps = await forEach((kind) => byToday(kind, "preview"));
      });

      for (const kind of KINDS) {
        it(`changes nothing of an ${kind} stack and forgets none of its resources`, () => {
          assert.deepEqual(surprises(kind, steps[kind]), []);
        });
      }
    });

    describe("in an update by today's program", () => {
      let steps: Record<Kind, Step[]>;
      let now: Record<Kind, Held>;
      before(async () => {
        lab.stepsOf("today");
        steps = await forEach((kind) => byToday(kind, "up"));
        now = await forEach(held);
      });

      for (const kind of KINDS) {
        it(`runs nothing for an ${kind} stack: no step, no host, no sign-in, no other one-time link`, async () => {
          assert.deepEqual(surprises(kind, steps[kind]), []);
          const { resources, host, ...rest } = now[kind];
          const changed = changes(steps[kind]).map(({ urn }) => urn);
          const { outputs, signIns, secrets } = left[kind];
          assert.deepEqual(rest, { outputs, signIns, secrets });
          assert.deepEqual(differences(left[kind].resources, resources, changed), []);
          const asked = changed.some((urn) => urn.includes("$command:remote:Command::"));
          if (asked) assertLeftRunning(host, left[kind].host);
          else assert.deepEqual(host, left[kind].host);
          // What a run without a step leaves is what it found.
          const next = changed.length === 0 ? [] : changes(await byToday(kind, "preview"));
          assert.deepEqual(next.map(sentenceOf), []);
        });
      }
    });
  });
}

async function forEach<T>(act: (kind: Kind) => Promise<T>): Promise<Record<Kind, T>> {
  const results = await Promise.all(KINDS.map(async (kind) => [kind, await act(kind)] as const));
  return Object.fromEntries(results) as Record<Kind, T>;
}

/** Without the stack's reference to itself, which each run reads. */
function changes(steps: readonly Step[]): readonly Step[] {
  return steps.filter(({ op }) => op !== "same" && op !== "read");
}

/** Another script was run on the host; it had nothing to do, and did not touch the service. */
function assertLeftRunning(now: HostRecord | undefined, before: HostRecord | undefined): void {
  const { outcome, restarts, downtimeMilliseconds } = JSON.parse(now?.report ?? "") as HostReport;
  assert.deepEqual(
    { outcome, restarts, downtimeMilliseconds, stops: now?.stops },
    { outcome: "alreadyAdopted", restarts: 0, downtimeMilliseconds: 0, stops: before?.stops },
  );
}

/**
 * What the state says otherwise than before, by resource; that of which a step was allowed to run is left out, but for
 * what is only called otherwise, and what a component says of its run. Inputs are the engine's to compare: it would have had a step for another one.
 */
function differences(
  before: readonly StateResource[],
  now: readonly StateResource[],
  changed: readonly string[],
): string[] {
  const after = new Map(now.map((one) => [one.urn, one]));
  return before
    .filter(({ urn, custom }) => custom && !changed.includes(urn))
    .flatMap((one) => {
      const other = after.get(urnToday(one.urn));
      const differing = [
        ...(one.id === other?.id ? [] : ["id"]),
        ...(isDeepStrictEqual(comparable(one), comparable(other)) ? [] : ["outputs"]),
      ];
      // A run protects what the one before it recorded as adopted; no upgrade takes that back.
      const lost = one.protect === true && other?.protect !== true ? ["protect"] : [];
      return [...differing, ...lost].map((field) => `${field} of ${one.urn}`);
    });
}

/** What a resource is like, apart from the version of the API by which it was last asked. */
function comparable(resource: StateResource | undefined): unknown {
  const outputs = Object.entries(resource?.outputs ?? {});
  return Object.fromEntries(
    outputs.filter(([name]) => !["azureApiVersion", "systemData"].includes(name)),
  );
}
