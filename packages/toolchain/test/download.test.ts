// The vendor's release, from a site of the test's own.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, readFileSync, readdirSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import path from "node:path";

import { archiveName, platformName } from "../download";
import type { Toolchain } from "../ensure";
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

  const sum = (content: Buffer): string => createHash("sha256").update(content).digest("hex");

  /** Sets up with a site that has these files, false for a body that breaks off; the version list knows one hash. */
  const ensureWith = async (
    files: Record<string, string | Buffer | false>,
    hash: string | undefined,
  ): Promise<Toolchain> => {
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
    return sandbox.ensure({
      sites: { releases: base },
      hashes: {
        releases: hash === undefined ? {} : { [platformName()]: hash },
        pluginArchives: {},
      },
    });
  };

  const nothingIsThere = (): void => {
    assert.ok(!existsSync(path.join(sandbox.folders.bin, "pulumi")));
    assert.deepEqual(readdirSync(sandbox.folders.version), []);
  };

  it("is taken when its hash is the one of the version list", async () => {
    const release = archive();
    const { how } = await ensureWith({ [archiveName()]: release }, sum(release));
    assert.equal(how, "download");
    assert.equal((await sandbox.ensure()).how, "cache");
  });

  const lists = {
    "no list is published beside it": undefined,
    "a list beside it says that it is right": (fake: Buffer) => `${sum(fake)}  ${archiveName()}\n`,
    "a list beside it lacks it": () => `${"0".repeat(64)}  other.tar.gz\n`,
  };
  for (const [title, list] of Object.entries(lists)) {
    it(`is refused when its hash is another, though ${title}`, async () => {
      const fake = archive();
      const checksums = list === undefined ? {} : { "pulumi-3.259.0-checksums.txt": list(fake) };
      await assert.rejects(
        ensureWith({ [archiveName()]: fake, ...checksums }, sum(Buffer.from("the vendor's"))),
        /is not the vendor's release: its SHA-256 is [0-9a-f]{64}, .*KEYTURN_TOOLCHAIN=build/,
      );
      nothingIsThere();
    });
  }

  it("is refused when it was cut short without a word", async () => {
    const release = archive();
    await assert.rejects(
      ensureWith({ [archiveName()]: release.subarray(0, -100) }, sum(release)),
      /is not the vendor's release/,
    );
    nothingIsThere();
  });

  it("is not taken where the version list has no hash for the platform, and the way out is said", async () => {
    await assert.rejects(
      ensureWith({ [archiveName()]: archive() }, undefined),
      /Go, which could build it, was not found .* is not taken, since .*versions\.json has no SHA-256 .* Build from source with Go, or put the SHA-256 of the vendor's release page there\. Install Go/,
    );
    nothingIsThere();
    sandbox.go();
    server?.close();
    assert.equal((await ensureWith({ [archiveName()]: archive() }, undefined)).how, "build");
  });

  it("gives way to building when the vendor does not have it, or breaks off", async () => {
    sandbox.go();
    const hash = "0".repeat(64);
    assert.equal((await ensureWith({}, hash)).how, "build");
    server?.close();
    sandbox.remove();
    sandbox = new Sandbox();
    sandbox.go();
    assert.equal((await ensureWith({ [archiveName()]: false }, hash)).how, "build");
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
    assert.equal(archiveName("linux-x64"), "pulumi-v3.259.0-linux-x64.tar.gz");
    assert.equal(
      archiveName(platformName("darwin", "arm64")),
      "pulumi-v3.259.0-darwin-arm64.tar.gz",
    );
    assert.equal(archiveName(platformName("win32", "x64")), "pulumi-v3.259.0-windows-x64.zip");
  });
});
