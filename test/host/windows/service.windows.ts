// The windows manager against a real service, on Windows PowerShell 5.1 and PowerShell 7: on Windows with an elevated user
// (the public workflow), elsewhere on the Windows build of PowerShell under Wine, without the cases that Wine cannot have.
import assert from "node:assert/strict";
import type { ChildProcess } from "node:child_process";
import { rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import {
  encodeHostInput,
  type HostOutcome,
  type HostUpdate,
} from "../../../src/contracts/host-update";
import { configuration, FORMER, FRESH, type Finished } from "../../helpers/fake-host";
import type { FakeWindowsHost } from "../../helpers/fake-windows-host";
import { until } from "../../helpers/until";
import { windowsMachines } from "../../helpers/windows-machines";

interface WindowsCase {
  readonly law: string;
  /** Why only Windows itself can show it. */
  readonly notUnderWine?: string;
  readonly given?: (fakeHost: FakeWindowsHost) => void | Promise<void>;
  readonly before?: Partial<HostUpdate>;
  readonly input?: (fakeHost: FakeWindowsHost) => Partial<HostUpdate>;
  readonly outcome: HostOutcome;
  readonly says?: string;
  readonly events?: readonly string[];
}

const cases: readonly WindowsCase[] = [
  { law: "updates the file of a service found by its name", outcome: "updated" },
  {
    law: "updates the file of a service found by its display name",
    input: (fakeHost) => ({ service: ["keyturn no such service", fakeHost.displayName] }),
    outcome: "updated",
  },
  {
    law: "replaces one value in the host's own file",
    given: (fakeHost) => {
      rmSync(join(fakeHost.service, "reencrypts"));
      writeFileSync(fakeHost.file, configuration(FORMER));
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
    notUnderWine: "Wine has no other owners",
    given: (fakeHost) => fakeHost.giveFileTo("S-1-5-18"),
    outcome: "updated",
  },
  {
    law: "refuses a file that another process has open for itself alone",
    given: async (fakeHost) => {
      await fakeHost.holdFile();
    },
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
    notUnderWine: "Wine keeps a service's start type out of the registry",
    given: (fakeHost) => void fakeHost.sc("config", fakeHost.name, "start=", "disabled"),
    outcome: "refused",
    says: "is disabled",
  },
  {
    law: "refuses a service that others depend on and run",
    notUnderWine: "Wine lists no dependents",
    given: (fakeHost) => {
      fakeHost.createService(`${fakeHost.name}-on`, `Keyturn contract test, on ${fakeHost.name}`);
      fakeHost.sc("config", `${fakeHost.name}-on`, "depend=", fakeHost.name);
      fakeHost.sc("start", `${fakeHost.name}-on`);
    },
    outcome: "refused",
    says: "depend on it and run",
    events: ["start"],
  },
  {
    law: "puts the former file back when the service does not start",
    given: (fakeHost) => fakeHost.option("start-fails-on", FRESH),
    input: () => ({ startTimeoutSeconds: 1 }),
    outcome: "restored",
    says: "did not run",
    events: ["stop", "start", "start"],
  },
  {
    law: "asks for the start again when one has failed",
    given: (fakeHost) => fakeHost.option("start-fails", "1"),
    outcome: "updated",
    events: ["stop", "start", "start"],
  },
  {
    law: "puts the former file back when the trace shows a failure",
    given: (fakeHost) => fakeHost.option("accepted", `${FORMER}\n`),
    input: () => ({ proofTimeoutSeconds: 3 }),
    outcome: "restored",
    says: "AADSTS7000215",
    events: ["stop", "start", "stop", "start"],
  },
];

/** The cases below the table. */
const OTHERS = 4;

for (const machine of windowsMachines()) {
  describe(`host update of a Windows service on ${machine.name}`, function () {
    this.timeout(180_000);
    if (machine.absent !== undefined) {
      it(`is not run (${cases.length + OTHERS} cases): ${machine.absent}`);
      return;
    }
    let fakeHost: FakeWindowsHost;
    before(() => machine.begin());
    after(() => machine.end());
    // No hook runs for a case that is left out.
    beforeEach(async function () {
      fakeHost = machine.host();
      fakeHost.option("law", this.currentTest?.title ?? "");
      await fakeHost.begin();
    });
    afterEach(() => fakeHost.end());
    const law = (
      title: string,
      notUnderWine: string | undefined,
      run: () => Promise<void>,
    ): void => {
      const left = machine.isWine ? notUnderWine : undefined;
      if (left === undefined) it(title, run);
      else it(`${title} (only on Windows: ${left})`);
    };

    const start = (changes: Partial<HostUpdate>): ChildProcess =>
      fakeHost.spawn("apply", encodeHostInput(fakeHost.update(changes)));
    const run = (changes: Partial<HostUpdate>): Promise<Finished> =>
      fakeHost.finish(start(changes));

    for (const one of cases) {
      law(one.law, one.notUnderWine, async () => {
        await one.given?.(fakeHost);
        if (one.before !== undefined) await run(one.before);
        const access = fakeHost.access();
        const { report, stderr } = await run(one.input?.(fakeHost) ?? {});
        assert.equal(report?.outcome, one.outcome, report?.reason ?? stderr);
        if (one.says !== undefined) assert.ok(report.reason.includes(one.says), report.reason);
        const restarted = one.outcome === "updated" ? ["stop", "start"] : [];
        assert.deepEqual(fakeHost.events(), one.events ?? restarted);
        assert.ok(fakeHost.isRunning());
        const fresh = ["updated", "alreadyAdopted"].includes(one.outcome);
        assert.equal(fakeHost.readOption("value"), fresh ? FRESH : FORMER);
        assert.equal(fakeHost.access(), access, "owner or access list of the file");
        assert.equal(fakeHost.stateText("staged"), "");
      });
    }

    const untouched = async (): Promise<{ reason: string; processId: number }> => {
      const processId = await fakeHost.holdFile("readAndWritten");
      const { report, stderr } = await run({});
      assert.equal(report?.outcome, "restored", report?.reason ?? stderr);
      assert.match(report.reason, /could not be put in place \(Windows' error \d+/);
      assert.deepEqual(fakeHost.events(), ["stop", "start"]);
      assert.ok(fakeHost.isRunning());
      assert.equal(fakeHost.readOption("value"), FORMER);
      return { reason: report.reason, processId };
    };

    law("puts nothing in place of a file that another process keeps", undefined, async () => {
      await untouched();
    });

    law("says which process keeps a file", "Wine does not tell who has a file open", async () => {
      const { reason, processId } = await untouched();
      assert.ok(reason.includes(`, process ${processId}`), reason);
    });

    law(
      "leaves the service running when the script is killed after the stop",
      undefined,
      async () => {
        fakeHost.option("accepted", `${FORMER}\n${FRESH}\n`);
        const child = start({ settleSeconds: 15 });
        await until("it proves", () => fakeHost.stateText("journal").includes("phase proving"), 60);
        fakeHost.kill(child);
        await until(
          "it is put right",
          () => fakeHost.stateText("journal").includes("phase closed"),
          90,
        );
        assert.ok(fakeHost.isRunning());
        assert.ok([FORMER, FRESH].includes(fakeHost.readOption("value")));
      },
    );

    law(
      "goes on with the same service after a run that was killed in its proof",
      undefined,
      async () => {
        const child = start({ settleSeconds: 5 });
        await until("it proves", () => fakeHost.stateText("journal").includes("phase proving"), 60);
        fakeHost.kill(child);
        const { report, stderr } = await run({ settleSeconds: 5 });
        assert.equal(report?.outcome, "alreadyAdopted", report?.reason ?? stderr);
        assert.equal(report.service, fakeHost.name);
        assert.deepEqual(fakeHost.events(), ["stop", "start"]);
      },
    );
  });
}
