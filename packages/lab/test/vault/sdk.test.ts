// Microsoft's unmodified @azure/identity and @azure/keyvault-secrets against the lab, over HTTPS and the lab's proxy.
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { CLOUD_CHOICES } from "../../cloud/endpoints";
import { Cloud, type Client } from "../arm/cloud";
import { fixture } from "../../../../test/helpers/paths";

for (const choice of CLOUD_CHOICES) {
  describe(`SecretClient on the lab, by the names of the cloud "${choice}"`, () => {
    let cloud: Cloud;
    let folder: string;
    before(async () => {
      cloud = await Cloud.start({ cloud: choice });
      await cloud.createVault("kv-sdk");
      folder = mkdtempSync(join(tmpdir(), "keyturn-sdk-"));
      writeFileSync(join(folder, "ca.pem"), cloud.context.certificates.caPem);
    });
    after(async () => {
      rmSync(folder, { recursive: true });
      await cloud.stop();
    });

    async function run(client: Client, only?: string): Promise<unknown> {
      const { endpoints, tenantId } = cloud.context;
      const { loginUrl, vaultSuffix, vaultPort } = endpoints;
      const child = spawn(process.execPath, [fixture(__dirname, "sdk-child.cjs")], {
        env: {
          PATH: process.env["PATH"],
          NODE_EXTRA_CA_CERTS: join(folder, "ca.pem"),
          HTTPS_PROXY: endpoints.proxyUrl,
        },
        stdio: ["pipe", "pipe", "inherit"],
      });
      const orders = {
        tenantId,
        clientId: client.clientId,
        clientSecret: client.secret,
        ...(choice === "lab" && { authorityHost: loginUrl }),
        vaultUrl:
          choice === "public"
            ? "https://kv-sdk.vault.azure.net"
            : `https://kv-sdk.${vaultSuffix}:${vaultPort}`,
        only,
      };
      child.stdin.end(JSON.stringify(orders));
      return JSON.parse(await text(child.stdout));
    }

    it("sets, reads, lists versions, deletes, recovers and purges", async () => {
      assert.deepEqual(await run(cloud.deployer), {
        versions: 2,
        named: "one",
        expiresOn: "2030-01-02T03:04:05.000Z",
        tags: { a: "b" },
        enabled: false,
        recoverable: true,
        deleted: ["sdk"],
        newest: "two",
        names: ["sdk"],
        left: 0,
      });
    }).timeout(60_000);

    if (choice !== "lab") return;
    it("is refused without a right", async () => {
      const { error } = (await run(cloud.client("stranger"), "get")) as {
        error: { status: number; code: string; message: string };
      };
      assert.equal(error.status, 403);
      assert.equal(error.code, "Forbidden");
      assert.match(error.message, /DeniedWithNoValidRBAC/);
    }).timeout(60_000);
  });
}
