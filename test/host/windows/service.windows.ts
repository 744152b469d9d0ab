// The windows manager against a real service, on Windows PowerShell 5.1 and PowerShell 7: on Windows with an elevated user
// (the public workflow), elsewhere on the Windows build of PowerShell under Wine, without the cases that Wine cannot have.
import assert from "node:assert/strict";
import type { ChildProcess } from "node:child_process";
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import {
  encodeHostInput,
  type HostOutcome,
  type HostUpdate,
} from "../../../src/contracts/host-update";
import { configuration, FORMER, FRESH, type Finished } from "../../helpers/fake-host";
import type { FakeWindowsHost } from "../../helpers/fake-windows-host";
import { leaveOut } from "../../helpers/leave-out";
import { until } from "../../helpers/until";
import { windowsMachines } from "../../helpers/windows-machines";

/** Where a case cannot be had, and why. */
interface LeftOut {
  readonly notUnderWine?: string;
  readonly notOnWindows?: string;
}

interface WindowsCase extends LeftOut {
  readonly law: string;
  readonly given?: (fakeHost: FakeWindowsHost) => void | Promise<void>;
  readonly before?: Partial<HostUpdate>;
  readonly input?: (fakeHost: FakeWindowsHost) => Partial<HostUpdate>;
  readonly environment?: NodeJS.ProcessEnv;
  readonly outcome: HostOutcome;
  readonly says?: string;
  readonly events?: readonly string[];
  readonly then?: (fakeHost: FakeWindowsHost) => void;
}

/** Only the stand-ins do as their environment says. */
const STAND_IN = "Windows' own programs are not told what to do";

/** What a service whose process outlived its stop has written last is what it would go back to. */
const keepsTheLastWord = (fakeHost: FakeWindowsHost): void => {
  const backup = fakeHost.plain(join(fakeHost.state, "backup"));
  assert.equal(backup, `${configuration(FORMER)}written last`);
  assert.ok(fakeHost.plain().includes(FRESH), "the file that the service runs on");
};

const SHORT = { stopTimeoutSeconds: 3, startTimeoutSeconds: 3 };

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
  {
    law: "waits for the end of a process that outlives its stop",
    given: (fakeHost) => fakeHost.option("stays-seconds", "3"),
    outcome: "updated",
    then: keepsTheLastWord,
  },
  {
    // Only the numbers and the order of what sc.exe says are the same in every language of Windows.
    law: "waits for the end of such a process where sc.exe has another language",
    notOnWindows: STAND_IN,
    given: (fakeHost) => fakeHost.option("stays-seconds", "3"),
    environment: { KEYTURN_TEST_SC_WORDS: "other" },
    outcome: "updated",
    then: keepsTheLastWord,
  },
  {
    law: "starts a service whose stop outlasts the limits of stop and start",
    given: (fakeHost) => {
      const { stopTimeoutSeconds } = fakeHost.update(SHORT);
      fakeHost.option("stop-seconds", String(stopTimeoutSeconds + 2));
    },
    input: () => SHORT,
    outcome: "restored",
    says: "did not stop within",
    events: ["stop", "start"],
  },
  {
    // As a virus scanner has it that reads what a service has just closed.
    law: "waits for a file that another process has for itself alone after the stop",
    given: (fakeHost) => fakeHost.holdFileFromStop(1500),
    outcome: "updated",
  },
  {
    law: "updates the file of a service that shares its process",
    given: (fakeHost) =>
      fakeHost.beginWith(() => {
        fakeHost.option("name", fakeHost.name);
        fakeHost.sc("config", fakeHost.name, "type=", "share");
      }),
    outcome: "updated",
  },
  {
    law: "updates a file in a folder whose name PowerShell and cmd.exe would read",
    given: (fakeHost) => fakeHost.moveTo("it's [1] & é"),
    outcome: "updated",
  },
];

interface RefusedCase {
  readonly law: string;
  readonly given?: (fakeHost: FakeWindowsHost) => Promise<void>;
  /** Fields of the input as their text: who encodes it may refuse them too. */
  readonly fields?: (fakeHost: FakeWindowsHost) => Readonly<Record<string, string>>;
  readonly says: readonly string[];
}

const INPUT = "The input is refused: ";

/** The host's input with a text in a field's place. */
const withField = (input: string, [name, plain]: [string, string]): string =>
  input.replace(
    new RegExp(`^${name}=.*$`, "m"),
    () => `${name}=${Buffer.from(plain).toString("base64")}`,
  );

/** What is refused before anything is made, and why it must be. */
const refused: readonly RefusedCase[] = [
  ...[".", " "].map((end) => ({
    // Windows leaves it out of a file's name, but not out of the middle of the state folder's.
    law: `a file whose name ends in "${end}"`,
    fields: (fakeHost: FakeWindowsHost) => ({
      filePath: `${fakeHost.pathFor(fakeHost.file)}${end}`,
    }),
    says: [`${INPUT}filePath: `],
  })),
  ...["\\\\server\\share\\instance.json", "\\\\?\\C:\\x\\instance.json"].map((filePath) => ({
    law: `the file ${filePath}`,
    fields: () => ({ filePath }),
    says: [`${INPUT}filePath: `, "with a drive letter"],
  })),
  {
    // cmd.exe, which runs it, puts variables in place of such words, quoted or not.
    law: "a stop command that is a batch file and has a % in an argument",
    fields: (fakeHost) => {
      const batch = join(fakeHost.service, "control.cmd");
      writeFileSync(batch, "@exit /b 0\r\n");
      const command = fakeHost.pathFor(batch);
      return {
        serviceManager: "command",
        startCommand: command,
        stopCommand: `${command}\n%USERNAME%`,
        statusCommand: command,
        proofTimeoutSeconds: "3",
      };
    },
    says: [`${INPUT}stopCommand: `, "%"],
  },
  ...["%TEMP%", "$(Arg0)"].map((name) => ({
    // The dead-man switch would be given another folder.
    law: `a file in a folder named ${name}, which the Task Scheduler reads`,
    given: (fakeHost: FakeWindowsHost) => fakeHost.moveTo(name),
    says: ["filePath: ", "Task Scheduler"],
  })),
];

/** The cases below the tables. */
const OTHERS = 13;

for (const machine of windowsMachines()) {
  describe(`host update of a Windows service on ${machine.name}`, function () {
    this.timeout(180_000);
    if (machine.absent !== undefined) {
      it(`is not run (${cases.length + refused.length + OTHERS} cases): ${machine.absent}`);
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
      { notUnderWine, notOnWindows }: LeftOut,
      run: Mocha.AsyncFunc,
    ): void => {
      const left = machine.isWine ? notUnderWine : notOnWindows;
      if (left === undefined) it(title, run);
      else it(`${title} (only ${machine.isWine ? "on Windows" : "under Wine"}: ${left})`);
    };

    const start = (changes: Partial<HostUpdate>, environment?: NodeJS.ProcessEnv): ChildProcess =>
      fakeHost.spawn("apply", encodeHostInput(fakeHost.update(changes)), environment);
    const run = (
      changes: Partial<HostUpdate>,
      environment?: NodeJS.ProcessEnv,
    ): Promise<Finished> => fakeHost.finish(start(changes, environment));

    for (const one of cases) {
      law(one.law, one, async () => {
        await one.given?.(fakeHost);
        if (one.before !== undefined) await run(one.before);
        const access = fakeHost.access();
        const { report, stderr } = await run(one.input?.(fakeHost) ?? {}, one.environment);
        assert.equal(report?.outcome, one.outcome, report?.reason ?? stderr);
        if (one.says !== undefined) assert.ok(report.reason.includes(one.says), report.reason);
        const restarted = one.outcome === "updated" ? ["stop", "start"] : [];
        assert.deepEqual(fakeHost.events(), one.events ?? restarted);
        assert.ok(fakeHost.isRunning());
        const fresh = ["updated", "alreadyAdopted"].includes(one.outcome);
        assert.equal(fakeHost.readOption("value"), fresh ? FRESH : FORMER);
        assert.equal(fakeHost.access(), access, "owner or access list of the file");
        assert.equal(fakeHost.stateText("staged"), "");
        one.then?.(fakeHost);
      });
    }

    for (const one of refused) {
      law(`refuses ${one.law}`, {}, async () => {
        await one.given?.(fakeHost);
        const { filePath, traceDirectory } = fakeHost.update();
        const fields = { filePath, traceDirectory, ...one.fields?.(fakeHost) };
        const plain = fakeHost.update({ filePath: "C:\\instance.json", traceDirectory: "C:\\" });
        const input = Object.entries(fields).reduce(withField, encodeHostInput(plain));
        const before = readdirSync(fakeHost.home);
        const { report, stderr } = await fakeHost.finish(fakeHost.spawn("apply", input));
        assert.equal(report?.outcome, "refused", report?.reason ?? stderr);
        for (const words of one.says) assert.ok(report.reason.includes(words), report.reason);
        assert.deepEqual(fakeHost.events(), []);
        assert.deepEqual(readdirSync(fakeHost.home), before);
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

    law("puts nothing in place of a file that another process keeps", {}, async () => {
      await untouched();
    });

    const untold = { notUnderWine: "Wine does not tell who has a file open" };
    law("says which process keeps a file", untold, async () => {
      const { reason, processId } = await untouched();
      assert.ok(reason.includes(`, process ${processId}`), reason);
    });

    law("says of a file that stays with another process that it is in use", {}, async () => {
      await fakeHost.holdFileFromStop();
      const running = run({});
      // The service could not read its file either.
      await until("it is put right", () => fakeHost.stateText("journal").includes("restoring"), 60);
      await fakeHost.letGo();
      const { report, stderr } = await running;
      assert.equal(report?.outcome, "restored", report?.reason ?? stderr);
      assert.ok(report.reason.includes("it is in use"), report.reason);
      assert.ok(!report.reason.includes("no room"), report.reason);
      assert.ok(fakeHost.isRunning());
      assert.equal(fakeHost.readOption("value"), FORMER);
    });

    law("refuses a file by its short name", {}, async function () {
      const filePath = await fakeHost.shortPath();
      if (filePath === undefined) leaveOut(this, "this disk has no short names");
      const { report, stderr } = await run({ filePath });
      assert.equal(report?.outcome, "refused", report?.reason ?? stderr);
      assert.ok(report.reason.includes("is a short name"), report.reason);
      assert.ok(!existsSync(`${filePath}.keyturn`));
    });

    law("takes a trace that another process lets nobody read for no proof", {}, async () => {
      fakeHost.option("accepted", `${FORMER}\n`);
      await fakeHost.holdTraceFromStop();
      const untraced = { window: "none", proofSyncLine: false } as const;
      const { report, stderr } = await run({ ...untraced, proofTimeoutSeconds: 3 });
      assert.equal(report?.outcome, "restored", report?.reason ?? stderr);
      assert.ok(report.reason.includes("the trace cannot be read within 3 s"), report.reason);
      assert.deepEqual(fakeHost.events(), ["stop", "start", "stop", "start"]);
      assert.equal(fakeHost.readOption("value"), FORMER);
    });

    // The class of services in .NET takes a text for a display name first.
    const duplicate = { notOnWindows: "Windows makes no service with such a display name" };
    law("leaves a service alone whose display name is the name of another", duplicate, async () => {
      const other = join(fakeHost.folder, "other");
      mkdirSync(other);
      writeFileSync(join(other, "instance.json"), configuration(FORMER));
      const options = { file: join(other, "instance.json"), trace: other };
      for (const [name, path] of Object.entries(options))
        writeFileSync(join(other, name), fakeHost.pathFor(path));
      fakeHost.createService(`${fakeHost.name}-on`, fakeHost.name, other);
      fakeHost.sc("start", `${fakeHost.name}-on`);
      const events = (): string => readFileSync(join(other, "events"), "utf8");
      await until("the other service runs", () => existsSync(join(other, "value")));
      const { report, stderr } = await run({});
      assert.equal(events(), "start\n", "what happened to the other service");
      assert.equal(report?.outcome, "updated", report?.reason ?? stderr);
      assert.equal(report.service, fakeHost.name);
      assert.deepEqual(fakeHost.events(), ["stop", "start"]);
      assert.equal(fakeHost.readOption("value"), FRESH);
    });

    law("soon gives way to who starts the service whenever it has stopped", {}, async () => {
      await fakeHost.restartWheneverStopped();
      const { report, stderr } = await run({ stopTimeoutSeconds: 60 });
      assert.equal(report?.outcome, "restored", report?.reason ?? stderr);
      assert.ok(report.reason.includes("somebody else started it"), report.reason);
      assert.ok(report.downtimeMilliseconds < 20_000, `${report.downtimeMilliseconds} ms`);
      assert.ok(fakeHost.isRunning());
      assert.equal(fakeHost.readOption("value"), FORMER);
      assert.ok(fakeHost.plain().includes(FORMER));
    });

    law("restarts the service once for two first runs at the same time", {}, async () => {
      const both = await Promise.all([run({}), run({})]);
      const outcomes = both.map(({ report }) => report?.outcome ?? "none").sort();
      const said = both.map(({ report, stderr }) => report?.reason ?? stderr).join("\n");
      assert.equal(outcomes.pop(), "updated", said);
      assert.match(outcomes.join(), /^(alreadyAdopted|refused)$/, said);
      assert.deepEqual(fakeHost.events(), ["stop", "start"]);
      assert.equal(fakeHost.readOption("value"), FRESH);
    });

    for (const what of ["register", "start"]) {
      law(
        `says why nobody could ${what} the task of the dead-man switch`,
        { notOnWindows: STAND_IN },
        async () => {
          const { report, stderr } = await run({}, { KEYTURN_TEST_TASKS: what });
          assert.equal(report?.outcome, "refused", report?.reason ?? stderr);
          assert.ok(report.reason.includes("could not be armed"), report.reason);
          assert.ok(report.reason.includes(`lets nobody ${what} a task`), report.reason);
          assert.deepEqual(fakeHost.tasks(), []);
          assert.deepEqual(fakeHost.events(), []);
        },
      );
    }

    law("leaves the service running when the script is killed after the stop", {}, async () => {
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
    });

    law("goes on with the same service after a run that was killed in its proof", {}, async () => {
      const child = start({ settleSeconds: 5 });
      await until("it proves", () => fakeHost.stateText("journal").includes("phase proving"), 60);
      fakeHost.kill(child);
      const { report, stderr } = await run({ settleSeconds: 5 });
      assert.equal(report?.outcome, "alreadyAdopted", report?.reason ?? stderr);
      assert.equal(report.service, fakeHost.name);
      assert.deepEqual(fakeHost.events(), ["stop", "start"]);
    });

    // It cannot be stopped before it runs, and has read its file by then.
    law(
      "leaves a service and its file alike when the script is killed while the service starts",
      {},
      async () => {
        fakeHost.option("start-seconds", "6");
        const child = start({});
        await until("it starts", () => fakeHost.events().length === 2, 60);
        fakeHost.kill(child);
        await until(
          "the dead-man switch has gone",
          () => fakeHost.stateText("deadman") === "",
          120,
        );
        assert.ok(fakeHost.isRunning());
        const value = fakeHost.readOption("value");
        assert.equal(fakeHost.plain(), configuration(value), "the file that the service runs on");
        assert.match(fakeHost.stateText("journal"), /^phase closed /m);
      },
    );
  });
}
