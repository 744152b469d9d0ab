// The vendor's release, from a site of the test's own.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import path from "node:path";

import { archiveName } from "../../toolchain/download";
import type { Toolchain } from "../../toolchain/ensure";
import { Sandbox, fakeLanguageHost, fakePulumi } from "./fakes";

describe("download", function () {
  this.timeout(60_000);
  let sandbox: Sandbox;
  let server: Server | undefined;
  beforeEach(() => (sandbox = new Sandbox()));
  afterEach(() => {
    server?.close();
    sandbox.remove();
  });

  const archive = (): Buffer => {
    const folder = path.join(sandbox.folder, "release", "pulumi");
    fakePulumi(folder);
    fakeLanguageHost(folder);
    const file = path.join(sandbox.folder, "release.tar.gz");
    execFileSync("tar", ["-czf", file, "-C", path.dirname(folder), "pulumi"]);
    return readFileSync(file);
  };

  /** Sets up with a site that has these files; false for a body that breaks off. */
  const ensureWith = async (files: Record<string, string | Buffer | false>): Promise<Toolchain> => {
    const site = createServer((request, response) => {
      const body = files[(request.url ?? "").slice(1)];
      if (body === undefined) response.writeHead(404).end();
      else if (body === false) {
        response.writeHead(200, { "content-length": "1000" });
        response.write("half", () => response.destroy());
      } else response.end(body);
    }).listen(0, "127.0.0.1");
    server = site;
    await new Promise((resolve) => site.once("listening", resolve));
    const base = `http://127.0.0.1:${(site.address() as AddressInfo).port}`;
    return sandbox.ensure({ sites: { releases: base, checksums: base } });
  };

  const checksums = "pulumi-3.259.0-checksums.txt";
  const sum = (content: Buffer): string =>
    `${createHash("sha256").update(content).digest("hex")}  ${archiveName()}\n`;

  it("is taken when it is what the vendor's checksums say", async () => {
    const release = archive();
    const list = `${"0".repeat(64)}  other.tar.gz\n${sum(release)}`;
    const { how } = await ensureWith({ [archiveName()]: release, [checksums]: list });
    assert.equal(how, "download");
    assert.equal((await sandbox.ensure()).how, "cache");
  });

  it("is taken without published checksums", async () => {
    assert.equal((await ensureWith({ [archiveName()]: archive() })).how, "download");
  });

  it("is refused when the checksum is another", async () => {
    const files = { [archiveName()]: archive(), [checksums]: sum(Buffer.from("other")) };
    await assert.rejects(
      ensureWith(files),
      /is not what the vendor published .*KEYTURN_TOOLCHAIN=build/,
    );
    assert.ok(!existsSync(path.join(sandbox.folders.bin, "pulumi")));
  });

  it("gives way to building when the vendor does not have it, or breaks off", async () => {
    sandbox.go();
    assert.equal((await ensureWith({})).how, "build");
    server?.close();
    sandbox.remove();
    sandbox = new Sandbox();
    sandbox.go();
    assert.equal((await ensureWith({ [archiveName()]: false })).how, "build");
  });

  it("is not tried when KEYTURN_TOOLCHAIN says build", async () => {
    sandbox.go();
    fakePulumi(sandbox.path);
    fakeLanguageHost(sandbox.path);
    const environment = {
      PATH: sandbox.path,
      PULUMI_HOME: sandbox.home,
      KEYTURN_TOOLCHAIN: "build",
    };
    assert.equal((await sandbox.ensure({ environment })).how, "build");
  });

  it("is named as the vendor names it", () => {
    assert.equal(archiveName("linux", "x64"), "pulumi-v3.259.0-linux-x64.tar.gz");
    assert.equal(archiveName("darwin", "arm64"), "pulumi-v3.259.0-darwin-arm64.tar.gz");
    assert.equal(archiveName("win32", "x64"), "pulumi-v3.259.0-windows-x64.zip");
  });
});
