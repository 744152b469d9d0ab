// The windows manager against a real service, on Windows PowerShell 5.1 and PowerShell 7: needs Windows and an elevated
// user (the public workflow's windows-latest). Anywhere else it is not run, by name.
import assert from "node:assert/strict";
import type { ChildProcess } from "node:child_process";
import { rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import {
  encodeHostInput,
  type HostOutcome,
  type HostUpdate,
} from "../../../../components/pure/host-contract";
import { powershells } from "../../interpreters";
import { configuration, FORMER, FRESH, until, type Finished } from "../../world";
import { WindowsWorld } from "./world";

interface WindowsCase {
  readonly law: string;
  readonly given?: (world: WindowsWorld) => void | Promise<void>;
  readonly before?: Partial<HostUpdate>;
  readonly input?: (world: WindowsWorld) => Partial<HostUpdate>;
  readonly outcome: HostOutcome;
  readonly says?: string;
  readonly events?: readonly string[];
}

const cases: readonly WindowsCase[] = [
  { law: "updates the file of a service found by its name", outcome: "updated" },
  {
    law: "updates the file of a service found by its display name",
    input: (world) => ({ service: ["keyturn no such service", world.displayName] }),
    outcome: "updated",
  },
  {
    law: "replaces one value in the host's own file",
    given: (world) => {
      rmSync(join(world.service, "reencrypts"));
      writeFileSync(world.file, configuration(FORMER));
    },
    input: () => ({
      fileMode: "edit",
      before: '"AzureAD_Secret": "',
      after: '"',
      proofReencrypted: false,
    }),
    outcome: "updated",
  },
  {
    law: "does not restart the service when the key id is adopted already",
    before: {},
    outcome: "alreadyAdopted",
    events: ["stop", "start"],
  },
  {
    law: "keeps the owner of a file that another account owns",
    given: (world) => world.giveFileTo("S-1-5-18"),
    outcome: "updated",
  },
  {
    law: "refuses a file that another process has open for itself alone",
    given: (world) => world.holdFile(),
    outcome: "refused",
    says: "cannot be opened",
  },
  {
    law: "refuses a service that is not there",
    input: () => ({ service: ["keyturn no such service"] }),
    outcome: "refused",
    says: "none has the name",
  },
  {
    law: "refuses a service that is disabled",
    given: (world) => void world.sc("config", world.name, "start=", "disabled"),
    outcome: "refused",
    says: "is disabled",
  },
  {
    law: "refuses a service that others depend on and run",
    given: (world) => {
      world.sc("create", `${world.name}-on`, "binPath=", `"${world.program}" "${world.service}"`);
      world.sc("config", `${world.name}-on`, "depend=", world.name);
      world.sc("start", `${world.name}-on`);
    },
    outcome: "refused",
    says: "depend on it and run",
    events: ["start"],
  },
  {
    law: "puts the former file back when the service does not start",
    given: (world) => world.option("start-fails", "1"),
    input: () => ({ startTimeoutSeconds: 3 }),
    outcome: "restored",
    says: "did not run",
    events: ["stop", "start", "start"],
  },
  {
    law: "puts the former file back when the trace shows a failure",
    given: (world) => world.option("accepted", `${FORMER}\n`),
    input: () => ({ proofTimeoutSeconds: 3 }),
    outcome: "restored",
    says: "AADSTS7000215",
    events: ["stop", "start", "stop", "start"],
  },
];

for (const interpreter of powershells()) {
  const absent = process.platform === "win32" ? interpreter.absent : "this is not Windows";
  describe(`host update of a Windows service on ${interpreter.name}`, function () {
    this.timeout(180_000);
    if (absent !== undefined) {
      it(`is not run (${cases.length + 2} cases): ${absent}`);
      return;
    }
    let world: WindowsWorld;
    beforeEach(async () => {
      world = new WindowsWorld(interpreter);
      await world.begin();
    });
    afterEach(() => world.end());

    const start = (changes: Partial<HostUpdate>): ChildProcess =>
      world.spawn("apply", encodeHostInput(world.update(changes)));
    const run = (changes: Partial<HostUpdate>): Promise<Finished> => world.finish(start(changes));

    for (const one of cases) {
      it(one.law, async () => {
        await one.given?.(world);
        if (one.before !== undefined) await run(one.before);
        const access = world.access();
        const { report, stderr } = await run(one.input?.(world) ?? {});
        assert.equal(report?.outcome, one.outcome, report?.reason ?? stderr);
        if (one.says !== undefined) assert.ok(report.reason.includes(one.says), report.reason);
        const restarted = one.outcome === "updated" ? ["stop", "start"] : [];
        assert.deepEqual(world.events(), one.events ?? restarted);
        assert.ok(world.isRunning());
        const fresh = ["updated", "alreadyAdopted"].includes(one.outcome);
        assert.equal(world.readOption("value"), fresh ? FRESH : FORMER);
        assert.equal(world.access(), access, "owner or access list of the file");
        assert.equal(world.stateText("staged"), "");
      });
    }

    it("leaves the service running when the script is killed after the stop", async () => {
      world.option("accepted", `${FORMER}\n${FRESH}\n`);
      const child = start({ settleSeconds: 15 });
      await until("it proves", () => world.stateText("journal").includes("phase proving"), 60);
      child.kill("SIGKILL");
      await until("it is put right", () => world.stateText("journal").includes("phase closed"), 90);
      assert.ok(world.isRunning());
      assert.ok([FORMER, FRESH].includes(world.readOption("value")));
    });

    it("goes on with the same service after a run that was killed in its proof", async () => {
      const child = start({ settleSeconds: 5 });
      await until("it proves", () => world.stateText("journal").includes("phase proving"), 60);
      child.kill("SIGKILL");
      const { report, stderr } = await run({ settleSeconds: 5 });
      assert.equal(report?.outcome, "alreadyAdopted", report?.reason ?? stderr);
      assert.equal(report.service, world.name);
      assert.deepEqual(world.events(), ["stop", "start"]);
    });
  });
}
