// The lab's CONNECT proxy.
import assert from "node:assert/strict";
import net from "node:net";
import { once } from "node:events";
import { Cloud } from "../arm/cloud";

describe("startProxy", () => {
  let cloud: Cloud;
  before(async () => {
    cloud = await Cloud.start();
  });
  after(() => cloud.stop());

  async function ask(request: string): Promise<string> {
    const socket = net.connect(Number(new URL(cloud.context.endpoints.proxyUrl).port), "127.0.0.1");
    socket.write(request);
    const [chunk] = (await once(socket, "data")) as [Buffer];
    socket.destroy();
    return chunk.toString();
  }

  it("reaches the lab's own servers", async () => {
    const { vaultPort, loginUrl } = cloud.context.endpoints;
    for (const target of [`kv-any.vault.localhost:${vaultPort}`, new URL(loginUrl).host]) {
      assert.match(
        await ask(`CONNECT ${target} HTTP/1.1\r\nhost: ${target}\r\n\r\n`),
        /^HTTP\/1\.1 200/,
      );
    }
  });

  it("refuses every other address with a sentence", async () => {
    for (const target of [
      "management.azure.com:443",
      "localhost:22",
      "vault.localhost:1",
      "kv.vault.localhost:443",
    ]) {
      const answer = await ask(`CONNECT ${target} HTTP/1.1\r\nhost: ${target}\r\n\r\n`);
      assert.match(answer, /^HTTP\/1\.1 403/);
      assert.ok(answer.includes(`The lab's proxy refuses ${target}`), answer);
    }
    assert.match(await ask("GET http://example.org/ HTTP/1.1\r\nhost: example.org\r\n\r\n"), /403/);
  });
});
