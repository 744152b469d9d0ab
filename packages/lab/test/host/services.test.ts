// The service manager of the lab's host, driven by its command as a host script drives it.
import assert from "node:assert/strict";
import { execFile, spawn } from "node:child_process";
import { mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ServiceControl } from "../../host/services/control";
import { controlScript } from "../../host/services/control-client";
import { Service, type ServiceDefinition } from "../../host/services/service";
import { until } from "../../../../test/helpers/until";

/** A service without a lab: up at once, ends on SIGTERM with a farewell, never of itself. */
const PROGRAM = `
process.once("disconnect", () => process.exit(0));
process.on("SIGTERM", () => process.send({ midSync: true, documentsLost: 2 }, () => process.exit(0)));
setInterval(() => undefined, 1000);
process.send("up");
`;

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

describe("the service manager", () => {
  let folder: string;
  let service: Service;
  let control: ServiceControl;

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), "keyturn services "));
    await writeFile(join(folder, "service.js"), PROGRAM);
  });

  afterEach(async () => {
    service.simulate({});
    await service.kill();
    await control.close();
    await rm(folder, { recursive: true });
  });

  async function manage(settings: Partial<ServiceDefinition> = {}): Promise<void> {
    service = new Service({
      name: "sesar",
      displayName: "SESAR (Send And Receive)",
      program: {
        module: join(folder, "service.js"),
        arguments: () => [],
        environment: { PATH: process.env["PATH"] ?? "" },
        outputPath: join(folder, "out"),
      },
      onMessage: (message) => message as { midSync: boolean; documentsLost: number },
      ...settings,
    });
    control = new ServiceControl(join(folder, "run"), [service]);
    await control.listen(join(folder, "service-control"));
  }

  interface Outcome {
    readonly code: number;
    readonly stdout: string;
    readonly stderr: string;
  }

  function ask(...words: readonly string[]): Promise<Outcome> {
    const env = { PATH: "/usr/bin:/bin", SSH_CLIENT: "127.0.0.1 5555 22" };
    return new Promise((resolve) => {
      execFile(join(folder, "service-control"), words, { env }, (error, stdout, stderr) => {
        resolve({ code: error === null ? 0 : Number(error.code), stdout, stderr });
      });
    });
  }

  /** Names of the FIFOs on which askers wait. */
  async function replies(): Promise<string[]> {
    return (await readdir(join(folder, "run"))).filter((name) => name.startsWith("reply."));
  }

  /** Ends a stop that the service was told to refuse, at the moment that the test chooses. */
  function letStop(): void {
    assert.ok(service.pid !== undefined);
    process.kill(service.pid, "SIGTERM");
  }

  it("starts, shows and stops a service, found by its name", async () => {
    await manage();
    assert.deepEqual(await ask("status", "sesar"), { code: 3, stdout: "stopped\n", stderr: "" });
    assert.deepEqual(await ask("start", "sesar"), { code: 0, stdout: "running\n", stderr: "" });
    const began = Math.floor(Date.parse(service.startedAt ?? "") / 1000);
    const running = `running\nstarted ${began}\n`;
    assert.deepEqual(await ask("status", "sesar"), { code: 0, stdout: running, stderr: "" });
    const { pid } = service;
    assert.ok(pid !== undefined && process.kill(pid, 0));
    assert.deepEqual(await ask("stop", "sesar"), { code: 0, stdout: "stopped\n", stderr: "" });
    assert.throws(() => process.kill(pid, 0), /ESRCH/);
    assert.equal((await ask("status", "sesar")).code, 3);
  });

  it("finds a service by its display name, with its spaces", async () => {
    await manage();
    assert.equal((await ask("start", "SESAR (Send And Receive)")).code, 0);
    assert.equal(service.state, "running");
  });

  it("lists the services with their state", async () => {
    await manage();
    const listed = await ask("list");
    assert.equal(listed.stdout, "sesar\tstopped\tSESAR (Send And Receive)\n");
    assert.equal(listed.code, 0);
  });

  it("says that a service is not there, and refuses words that it does not know", async () => {
    await manage();
    const unknown = await ask("status", "other");
    assert.deepEqual(
      [unknown.code, unknown.stderr],
      [4, 'service-control: no service is called "other"\n'],
    );
    assert.equal((await ask("restart", "sesar")).code, 2);
    assert.equal((await ask("start")).code, 2);
  });

  it("says that the manager does not run, when it has gone", async () => {
    await manage();
    await control.close();
    const outcome = await ask("status", "sesar");
    assert.equal(outcome.code, 69);
    assert.match(outcome.stderr, /does not run/);
  });

  it("says that the manager does not run, when it was killed and left its files", async () => {
    await manage();
    await control.close();
    const gone = spawn("true");
    await until("a process has ended", () => gone.exitCode !== null);
    await writeFile(join(folder, "run", "manager"), `${String(gone.pid)}\n`);
    assert.equal((await ask("status", "sesar")).code, 69);
  });

  it("does nothing for a start of what runs and a stop of what does not", async () => {
    await manage();
    assert.equal((await ask("stop", "sesar")).code, 0);
    await ask("start", "sesar");
    const { pid } = service;
    assert.equal((await ask("start", "sesar")).code, 0);
    assert.equal(service.pid, pid);
    assert.equal(service.starts, 1);
    assert.deepEqual(service.stops, []);
  });

  it("records each interruption: when, by whom, how long, what it cost", async () => {
    await manage();
    await service.start("lab");
    await ask("stop", "sesar");
    await ask("start", "sesar");
    const [stop] = service.stops;
    assert.ok(stop?.startedAt);
    assert.equal(stop.stoppedBy, "ssh:127.0.0.1:5555");
    assert.equal(stop.startedBy, "ssh:127.0.0.1:5555");
    assert.equal(stop.cause, "stop");
    assert.deepEqual([stop.midSync, stop.documentsLost], [true, 2]);
    assert.equal(stop.downtimeMs, Date.parse(stop.startedAt) - Date.parse(stop.stoppedAt));
    assert.ok(stop.downtimeMs > 0);
  });

  it("records a service that is killed as its own end, still open until it runs again", async () => {
    await manage();
    await service.start("lab");
    await service.kill();
    await until("the end is recorded", () => service.stops.length === 1);
    const [stop] = service.stops;
    assert.equal(stop?.cause, "exit");
    assert.equal(stop.stoppedBy, "itself");
    assert.equal(stop.exitSignal, "SIGKILL");
    assert.equal(stop.startedAt, null);
    assert.equal((await ask("status", "sesar")).code, 3);
  });

  it("fails a stop that the service refuses, after the timeout, and leaves it running", async () => {
    await manage({ stopTimeoutSeconds: 0.2 });
    await service.start("lab");
    service.simulate({ refuseStop: true });
    const outcome = await ask("stop", "sesar");
    assert.equal(outcome.code, 1);
    assert.match(outcome.stderr, /did not stop within 0.2 seconds/);
    assert.equal(service.state, "running");
    assert.equal(service.refusals.length, 1);
  });

  it("leaves the process of a stop at its work beside the next one, where it is told to, until that is taken away", async () => {
    await manage();
    await service.start("lab");
    service.simulate({ leavesProcess: true });
    const former = service.pid ?? 0;
    assert.equal((await ask("stop", "sesar")).code, 0);
    assert.equal((await ask("status", "sesar")).code, 3);
    await ask("start", "sesar");
    assert.ok(process.kill(former, 0));
    assert.notEqual(service.pid, former);
    service.simulate({});
    await until("the former process is gone", () => !isAlive(former));
    assert.deepEqual([service.state, service.starts], ["running", 2]);
  });

  it("fails the start of a disabled service", async () => {
    await manage();
    service.simulate({ disabled: true });
    const outcome = await ask("start", "sesar");
    assert.equal(outcome.code, 1);
    assert.match(outcome.stderr, /is disabled/);
  });

  it("fails the start of a service whose process ends before it is up", async () => {
    await manage();
    await writeFile(join(folder, "service.js"), "process.exit(1)");
    const outcome = await ask("start", "sesar");
    assert.equal(outcome.code, 1);
    assert.match(outcome.stderr, /ended before it was up/);
    assert.equal(service.state, "stopped");
  });

  it("starts a service that then dies by itself, when it was told to", async () => {
    await manage();
    service.simulate({ dieAfterStartMs: 50 });
    assert.equal((await ask("start", "sesar")).code, 0);
    await until("the service is gone", () => service.state === "stopped");
    assert.equal(service.stops.at(-1)?.cause, "exit");
  });

  it("lets the next process end between two syncs, and only that one", async () => {
    await manage();
    service.simulate({ dieBetweenSyncs: true });
    for (const state of ["stopped", "running"]) {
      assert.equal((await ask("start", "sesar")).code, 0);
      assert.equal(service.state, "running");
      service.isBetweenSyncs();
      if (state === "stopped") await until("it is gone", () => service.state === "stopped");
    }
    assert.deepEqual(
      service.stops.map(({ cause, midSync, documentsLost }) => [cause, midSync, documentsLost]),
      [["exit", false, 0]],
    );
    await ask("stop", "sesar");
    assert.deepEqual(
      service.stops.map(({ cause }) => cause),
      ["exit", "stop"],
    );
  });

  it("does what several askers want one after the other", async () => {
    await manage();
    await service.start("lab");
    service.simulate({ refuseStop: true });
    const stop = ask("stop", "sesar");
    await until("the stop is asked for", () => service.stopping);
    const start = ask("start", "sesar");
    await until("both wait", async () => (await replies()).length === 2);
    letStop();
    assert.deepEqual([(await stop).code, (await start).code], [0, 0]);
    assert.deepEqual([service.state, service.starts, service.stops.length], ["running", 2, 1]);
  });

  it("leaves no file behind for an asker that has gone", async () => {
    await manage();
    await service.start("lab");
    service.simulate({ refuseStop: true });
    const env = { PATH: "/usr/bin:/bin" };
    const asker = spawn(join(folder, "service-control"), ["stop", "sesar"], { env });
    // Not before it has asked: one that goes earlier stops nothing.
    await until("the stop is asked for", () => service.stopping);
    assert.deepEqual(await replies(), [`reply.${String(asker.pid)}`]);
    asker.kill("SIGTERM");
    await until("the asker is gone", () => asker.exitCode !== null);
    assert.equal(asker.exitCode, 143);
    assert.deepEqual(await replies(), []);
    letStop();
    await until("the service has stopped all the same", () => service.state === "stopped");
  });

  it("refuses a folder that its script could not name", async () => {
    await manage();
    assert.throws(() => controlScript("/tmp/it's"), /must hold no quote/);
  });
});
