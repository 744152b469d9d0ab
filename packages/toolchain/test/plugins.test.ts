// The vendor's plugins: found, installed, or named.
import assert from "node:assert/strict";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import path from "node:path";

import { platformName } from "../download";
import { ensureVendorPlugins, pluginArchive, type VendorPlugin } from "../plugins";
import { silent } from "../progress";
import { Sandbox, fakePulumi, script } from "./fakes";

describe("ensureVendorPlugins", () => {
  let sandbox: Sandbox;
  beforeEach(() => {
    sandbox = new Sandbox();
    fakePulumi(sandbox.folders.bin);
  });
  afterEach(() => sandbox.remove());

  const plugins = { azuread: "6.9.1", command: "1.2.1", random: "4.21.1" };
  const folderOf = (name: keyof typeof plugins): string =>
    path.join(sandbox.home, "plugins", `resource-${name}-v${plugins[name]}`);
  const put = (name: keyof typeof plugins): void =>
    script(path.join(folderOf(name), `pulumi-resource-${name}`), "#!/bin/sh\n");
  const ensure = (pluginArchives: Record<string, string> = {}): Promise<readonly VendorPlugin[]> =>
    ensureVendorPlugins({
      environment: { PULUMI_HOME: sandbox.home, PATH: "" },
      progress: silent,
      hashes: { releases: {}, pluginArchives },
    });
  const hashes = Object.fromEntries(
    Object.entries(plugins).map(([name, version], index) => [
      pluginArchive(name, version),
      `${index}`.repeat(64),
    ]),
  );

  it("finds those that are installed", async () => {
    put("azuread");
    put("command");
    put("random");
    assert.deepEqual(
      (await ensure()).map(({ name, version }) => [name, version]),
      Object.entries(plugins),
    );
  });

  it("names each that is missing, with the command that installs it", async () => {
    put("command");
    await assert.rejects(ensure(), (error: Error) => {
      assert.match(
        error.message,
        /azuread 6\.9\.1 \(pulumi plugin install resource azuread 6\.9\.1\)/,
      );
      assert.match(
        error.message,
        /random 4\.21\.1 \(pulumi plugin install resource random 4\.21\.1\)/,
      );
      assert.doesNotMatch(error.message, /command 1\.2\.1/);
      return true;
    });
  });

  it("does not take one that was not unpacked to its end", async () => {
    put("azuread");
    put("command");
    put("random");
    mkdirSync(path.dirname(folderOf("random")), { recursive: true });
    writeFileSync(`${folderOf("random")}.partial`, "");
    await assert.rejects(ensure(), /random 4\.21\.1/);
  });

  const installing = `[ "$1" = plugin ] && f="$PULUMI_HOME/plugins/resource-$4-v$5/pulumi-resource-$4" && PATH=/bin:/usr/bin && mkdir -p "$(dirname "$f")" && : >"$f" && chmod +x "$f"`;

  it("has the CLI install them, held to the hash of the version list", async () => {
    fakePulumi(sandbox.folders.bin, "3.259.0", installing);
    assert.equal((await ensure(hashes)).length, 3);
    assert.equal(
      readFileSync(path.join(sandbox.folders.bin, "calls"), "utf8"),
      Object.entries(plugins)
        .map(
          ([name, version], index) =>
            `plugin install resource ${name} ${version} --checksum ${`${index}`.repeat(64)}\n`,
        )
        .join(""),
    );
  });

  it("says of one that the version list has no hash for that it is held to none", async () => {
    fakePulumi(sandbox.folders.bin, "3.259.0", installing);
    const others = Object.entries(hashes).filter(([archive]) => !archive.startsWith("random-"));
    const steps: string[] = [];
    const progress = { ...silent, step: (what: string) => steps.push(what) };
    await ensureVendorPlugins({
      environment: { PULUMI_HOME: sandbox.home, PATH: "" },
      progress,
      hashes: { releases: {}, pluginArchives: Object.fromEntries(others) },
    });
    const [last = ""] = readFileSync(path.join(sandbox.folders.bin, "calls"), "utf8")
      .trimEnd()
      .split("\n")
      .slice(-1);
    assert.equal(last, "plugin install resource random 4.21.1");
    assert.deepEqual(
      steps.map((step) => step.includes("held to no hash")),
      [false, false, true],
    );
  });

  it("are known by the vendor's names of their archives", () => {
    assert.equal(
      pluginArchive("random", "4.21.1", platformName("win32", "x64")),
      "random-4.21.1-windows-amd64",
    );
    assert.equal(
      pluginArchive("random", "4.21.1", platformName("linux", "arm64")),
      "random-4.21.1-linux-arm64",
    );
  });
});
