// Set-ups that are interrupted, killed, or two at once.
import assert from "node:assert/strict";
import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdirSync, readFileSync, readdirSync, writeFileSync } from "node:fs";
import { hostname } from "node:os";
import path from "node:path";

import { takeLock } from "../lock";
import { Sandbox, isAlive } from "./fakes";
import { until } from "../../../test/helpers/until";
import { leaveOut } from "../../../test/helpers/leave-out";

/** Go hangs until the file `go-on` is there, and says who it is. */
const hangs = (sandbox: Sandbox): string =>
  `echo $$ >"${sandbox.folder}/go.pid"; until [ -e "${sandbox.folder}/go-on" ]; do sleep 0.05; done`;

describe("set-up", function () {
  this.timeout(60_000);
  let sandbox: Sandbox;
  beforeEach(() => (sandbox = new Sandbox()));
  afterEach(() => sandbox.remove());

  const goPid = async (): Promise<number> => {
    const file = path.join(sandbox.folder, "go.pid");
    await until("Go builds", () => existsSync(file) && readFileSync(file, "utf8").endsWith("\n"));
    return Number(readFileSync(file, "utf8"));
  };

  /** ensureToolchain in a process of its own, as the bootstrap runs it. */
  const inProcess = (): ChildProcess => {
    const options = JSON.stringify({
      environment: { PATH: sandbox.path, PULUMI_HOME: sandbox.home },
      sites: { releases: "http://127.0.0.1:9" },
      sources: sandbox.sources,
    });
    const module = JSON.stringify(path.resolve(__dirname, "../ensure.js"));
    const code = `require(${module}).ensureToolchain(${options}).catch((e) => { console.error(e.message); process.exitCode = 130; })`;
    return spawn(process.execPath, ["-e", code], {
      stdio: ["ignore", "ignore", "pipe"],
    });
  };

  it("ends Go and leaves nothing half-made when it is interrupted", async () => {
    sandbox.go({ beforeBuild: hangs(sandbox) });
    const setup = inProcess();
    const exit = once(setup, "exit");
    const pid = await goPid();
    setup.kill("SIGINT");
    assert.deepEqual(await exit, [130, null]);
    await until("Go has ended", () => !isAlive(pid));
    assert.deepEqual(readdirSync(sandbox.folders.version), []);
    assert.deepEqual(readdirSync(sandbox.folders.versions), ["3.259.0"]);
  });

  it("goes on after it was killed: what was half-made and the lock are not in the way", async () => {
    sandbox.go({ beforeBuild: hangs(sandbox) });
    const setup = inProcess();
    const exit = once(setup, "exit");
    const pid = await goPid();
    setup.kill("SIGKILL");
    await exit;
    process.kill(pid, "SIGKILL");
    assert.ok(readdirSync(sandbox.folders.version).some((name) => name.startsWith(".keyturn-")));
    sandbox.go();
    assert.equal((await sandbox.ensure()).how, "build");
    assert.deepEqual(readdirSync(sandbox.folders.version).sort(), ["bin", "keyturn.json"]);
  });

  it("waits for another set-up and takes what that one made", async () => {
    sandbox.go({ beforeBuild: hangs(sandbox) });
    const waits: string[] = [];
    const first = sandbox.ensure();
    await goPid();
    const second = sandbox.ensure({
      progress: { step: (text) => waits.push(text), update() {}, done() {} },
    });
    await until("the second waits", () => waits.length > 0);
    writeFileSync(path.join(sandbox.folder, "go-on"), "");
    assert.deepEqual([(await first).how, (await second).how], ["build", "cache"]);
    assert.deepEqual(waits, [`Another set-up (process ${process.pid}) is at work; waiting for it`]);
    assert.equal(sandbox.built().length, 2);
  });

  it("stops waiting for another set-up when it is interrupted", async () => {
    sandbox.go({ beforeBuild: hangs(sandbox) });
    const first = sandbox.ensure();
    await goPid();
    const stop = new AbortController();
    const second = sandbox.ensure({
      signal: stop.signal,
      progress: { step: () => stop.abort(), update() {}, done() {} },
    });
    await assert.rejects(second, /interrupted/);
    writeFileSync(path.join(sandbox.folder, "go-on"), "");
    await first;
    assert.deepEqual(readdirSync(sandbox.folders.versions), ["3.259.0"]);
  });
});

describe("takeLock", () => {
  let sandbox: Sandbox;
  beforeEach(() => (sandbox = new Sandbox()));
  afterEach(() => sandbox.remove());

  const leave = (host: string, pid: number, start = "1"): string => {
    const folder = path.join(sandbox.folder, "lock");
    mkdirSync(folder);
    writeFileSync(path.join(folder, `${host},${pid},${start},nonce`), "");
    return folder;
  };

  it("takes over from a dead owner", async () => {
    const folder = leave(hostname(), 99_999_999);
    const release = await takeLock(folder);
    await release();
    assert.ok(!existsSync(folder));
  });

  it("takes over when the owner's process id belongs to another process now", async function () {
    if (!existsSync("/proc/self/stat")) leaveOut(this, "only Linux tells when a process began");
    const release = await takeLock(leave(hostname(), process.pid));
    await release();
  });

  it("does not judge an owner on another machine", async () => {
    const folder = leave("elsewhere", 99_999_999);
    const stop = new AbortController();
    const taking = takeLock(folder, { signal: stop.signal, onWait: () => stop.abort() });
    await assert.rejects(taking, { name: "AbortError" });
    assert.deepEqual(readdirSync(folder), ["elsewhere,99999999,1,nonce"]);
  });

  it("is held by one at a time, however many want it", async () => {
    const folder = leave(hostname(), 99_999_999);
    let holders = 0;
    await Promise.all(
      Array.from({ length: 8 }, async () => {
        const release = await takeLock(folder);
        holders += 1;
        assert.equal(holders, 1);
        await new Promise((resolve) => setImmediate(resolve));
        holders -= 1;
        await release();
      }),
    );
    assert.ok(!existsSync(folder));
  });
});
