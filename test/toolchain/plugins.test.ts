// The vendor's plugins: found, installed, or named.
import assert from "node:assert/strict";
import { mkdirSync, writeFileSync } from "node:fs";
import path from "node:path";

import { ensureVendorPlugins, type VendorPlugin } from "../../toolchain/plugins";
import { silent } from "../../toolchain/progress";
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
  const ensure = (): Promise<readonly VendorPlugin[]> =>
    ensureVendorPlugins({ environment: { PULUMI_HOME: sandbox.home, PATH: "" }, progress: silent });

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

  it("has the CLI install them where it can", async () => {
    fakePulumi(
      sandbox.folders.bin,
      "3.259.0",
      `[ "$1" = plugin ] && f="$PULUMI_HOME/plugins/resource-$4-v$5/pulumi-resource-$4" && PATH=/bin:/usr/bin && mkdir -p "$(dirname "$f")" && : >"$f" && chmod +x "$f"`,
    );
    assert.equal((await ensure()).length, 3);
  });
});
