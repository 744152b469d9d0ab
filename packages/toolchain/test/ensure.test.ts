// Where the engine comes from, and that nothing unfinished is taken for it.
import assert from "node:assert/strict";
import {
  appendFileSync,
  existsSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import path from "node:path";

import { readManifest } from "../manifest";
import { Sandbox, fakeLanguageHost, fakePulumi, script } from "./fakes";

describe("ensureToolchain", function () {
  this.timeout(60_000);
  let sandbox: Sandbox;
  beforeEach(() => (sandbox = new Sandbox()));
  afterEach(() => sandbox.remove());

  const bin = (): string => sandbox.folders.bin;
  const calls = (): string => readFileSync(path.join(bin(), "calls"), "utf8");

  describe("with an engine in the tool cache", () => {
    beforeEach(() => {
      fakePulumi(bin());
      fakeLanguageHost(bin());
    });

    it("takes it, and asks it for its version once only", async () => {
      const first = await sandbox.ensure();
      assert.deepEqual(first, {
        pulumiBin: bin(),
        pulumiVersion: "3.259.0",
        builtNow: false,
        how: "cache",
      });
      assert.deepEqual(await sandbox.ensure(), first);
      assert.equal(calls(), "version\n");
    });

    it("does not take one that was cut short after it was found good", async () => {
      await sandbox.ensure();
      truncateSync(path.join(bin(), "pulumi"), 50);
      sandbox.go();
      assert.equal((await sandbox.ensure()).how, "build");
    });

    it("does not take one that was exchanged for another of the same size", async () => {
      await sandbox.ensure();
      const file = path.join(bin(), "pulumi");
      writeFileSync(file, readFileSync(file, "utf8").replace("3.259.0", "3.258.0"));
      sandbox.go();
      assert.equal((await sandbox.ensure()).how, "build");
    });

    it("does not take one of another version, or one that does not start", async () => {
      sandbox.go();
      fakePulumi(bin(), "3.258.0");
      assert.equal((await sandbox.ensure()).how, "build");
      sandbox.remove();
      sandbox = new Sandbox();
      sandbox.go();
      fakeLanguageHost(bin());
      script(path.join(bin(), "pulumi"), "\u007FELF cut short");
      assert.equal((await sandbox.ensure()).how, "build");
    });

    it("does not take a CLI whose language host is of another version", async () => {
      sandbox.go();
      fakeLanguageHost(bin(), "3.200.0");
      assert.equal((await sandbox.ensure()).how, "build");
    });
  });

  describe("with an engine on PATH", () => {
    it("takes one of exactly the right version, through links that hide what else is there", async () => {
      fakePulumi(sandbox.path);
      fakeLanguageHost(sandbox.path);
      script(path.join(sandbox.path, "node"), "#!/bin/sh\n");
      const { how, pulumiBin, builtNow } = await sandbox.ensure();
      assert.deepEqual([how, builtNow], ["path", false]);
      assert.deepEqual(readdirSync(pulumiBin).sort(), ["pulumi", "pulumi-language-nodejs"]);
      assert.ok(!existsSync(sandbox.folders.version));
      assert.equal((await sandbox.ensure()).how, "path");
    });

    it("passes over another version, a CLI without a language host, and npm's launcher", async () => {
      sandbox.go();
      fakePulumi(sandbox.path, "3.260.0");
      fakeLanguageHost(sandbox.path, "3.260.0");
      const bare = path.join(sandbox.folder, "bare");
      fakePulumi(bare);
      const launcher = path.join(sandbox.folder, "node_modules", ".bin");
      fakePulumi(launcher);
      const environment = {
        PATH: [launcher, bare, sandbox.path].join(path.delimiter),
        PULUMI_HOME: sandbox.home,
      };
      assert.equal((await sandbox.ensure({ environment })).how, "build");
      assert.ok(!existsSync(path.join(launcher, "calls")), "the launcher was started");
    });
  });

  describe("with nothing there", () => {
    it("builds both, says what it measured, and finds them ready the next time", async () => {
      sandbox.go();
      const { how, builtNow } = await sandbox.ensure();
      assert.deepEqual([how, builtNow], ["build", true]);
      assert.deepEqual(sandbox.built(), ["pulumi", "pulumi-language-nodejs"]);
      const manifest = await readManifest(sandbox.folders);
      assert.deepEqual(Object.keys(manifest?.measured ?? {}), ["pulumi", "pulumi-language-nodejs"]);
      assert.deepEqual(readdirSync(sandbox.folders.version).sort(), ["bin", "keyturn.json"]);
      assert.deepEqual(readdirSync(sandbox.folders.versions), ["3.259.0"]);
      assert.equal((await sandbox.ensure()).how, "cache");
      assert.equal(sandbox.built().length, 2);
    });

    it("builds the language host again when its sources changed, and only that", async () => {
      sandbox.go();
      await sandbox.ensure();
      appendFileSync(path.join(sandbox.sources, "language-host", "go.mod"), "// changed\n");
      assert.equal((await sandbox.ensure()).how, "build");
      assert.deepEqual(sandbox.built(), [
        "pulumi",
        "pulumi-language-nodejs",
        "pulumi-language-nodejs",
      ]);
      const measured = (await readManifest(sandbox.folders))?.measured;
      assert.ok(measured?.["pulumi"], "what the CLI's build took is forgotten");
    });

    it("does not build again when only a test of the language host changed", async () => {
      sandbox.go();
      await sandbox.ensure();
      writeFileSync(path.join(sandbox.sources, "language-host", "a_test.go"), "package main\n");
      assert.equal((await sandbox.ensure()).how, "cache");
    });

    it("uses no binary that answers another version than it was built for", async () => {
      sandbox.go({ makes: "3.1.0" });
      await assert.rejects(
        sandbox.ensure(),
        /do not answer version 3\.259\.0, so they are not used/,
      );
      assert.ok(!existsSync(path.join(bin(), "pulumi")));
      assert.deepEqual(readdirSync(sandbox.folders.version), []);
    });

    it("says that Go is missing, or too old", async () => {
      await assert.rejects(
        sandbox.ensure(),
        /Go, which could build it, was not found on PATH\. .*Install Go 1\.26\.0 or newer/,
      );
      sandbox.go({ version: "1.24.3" });
      await assert.rejects(
        sandbox.ensure(),
        /Go 1\.24\.3 is too old .* needs Go 1\.26\.0\. Install/,
      );
      assert.deepEqual(sandbox.built(), []);
    });

    for (const [what, words, sentence] of [
      [
        "the module proxy is not reachable",
        "dial tcp: lookup proxy.invalid: no such host",
        /module proxy is not reachable\. Connect to a network, or set GOPROXY/,
      ],
      [
        "the disk becomes full",
        "write /x: no space left on device",
        /disk became full during the build\. Free some space/,
      ],
      [
        "Go's caches are not writable",
        "mkdir /x: permission denied",
        /not writable\. Make GOMODCACHE and GOCACHE writable/,
      ],
      [
        "something else breaks",
        "a.go:1:1: expected package",
        /could not be built\. .*\n[^]*expected package/,
      ],
    ] as const) {
      it(`says so in one sentence when ${what}`, async () => {
        sandbox.go({ list: `echo "go: ${words}" >&2; exit 1` });
        await assert.rejects(sandbox.ensure(), sentence);
        sandbox.go({ beforeBuild: `echo "go: ${words}" >&2; exit 1` });
        await assert.rejects(sandbox.ensure(), sentence);
        assert.deepEqual(readdirSync(sandbox.folders.version), []);
      });
    }

    it("says which folder cannot be written", async () => {
      writeFileSync(sandbox.home, "a file where the tool cache should be");
      sandbox.go();
      await assert.rejects(
        sandbox.ensure(),
        /home.* cannot be written .*Make it writable, or set PULUMI_HOME/,
      );
    });

    it("removes what a killed build left", async () => {
      sandbox.go();
      const left = path.join(sandbox.folders.version, ".keyturn-99999999", "bin");
      mkdirSync(left, { recursive: true });
      writeFileSync(path.join(left, "pulumi"), "half a binary");
      await sandbox.ensure();
      assert.deepEqual(readdirSync(sandbox.folders.version).sort(), ["bin", "keyturn.json"]);
    });
  });
});
