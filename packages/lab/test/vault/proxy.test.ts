// The lab's CONNECT proxy.
import assert from "node:assert/strict";
import net from "node:net";
import tls from "node:tls";
import { once } from "node:events";
import { request } from "../../shared/https";
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

  it("leads Microsoft's own names to the lab's servers, and nowhere else", async () => {
    await cloud.createVault("kv-any");
    for (const host of [
      "login.microsoftonline.com",
      "management.azure.com",
      "kv-any.vault.azure.net",
    ]) {
      const socket = net.connect(
        Number(new URL(cloud.context.endpoints.proxyUrl).port),
        "127.0.0.1",
      );
      socket.write(`CONNECT ${host}:443 HTTP/1.1\r\nhost: ${host}:443\r\n\r\n`);
      const [answer] = (await once(socket, "data")) as [Buffer];
      assert.match(answer.toString(), /^HTTP\/1\.1 200/, host);
      const secure = tls.connect({
        socket,
        servername: host,
        ca: cloud.context.certificates.caPem,
      });
      await once(secure, "secureConnect");
      assert.ok(secure.authorized, host);
      secure.write(`GET /secrets?api-version=7.5 HTTP/1.1\r\nhost: ${host}\r\n\r\n`);
      const [reply] = (await once(secure, "data")) as [Buffer];
      // A vault of that name asks for a token; another name of the same server is no vault's.
      if (host.endsWith(".vault.azure.net")) assert.match(reply.toString(), /^HTTP\/1\.1 401/);
      secure.destroy();
    }
  });

  it("leads our own stand-ins' client there, by the proxy of its environment", async () => {
    const { proxyUrl } = cloud.context.endpoints;
    const former = { ...process.env };
    Object.assign(process.env, { HTTPS_PROXY: proxyUrl, https_proxy: proxyUrl, no_proxy: "" });
    try {
      const { caPem } = cloud.context.certificates;
      const url = "https://management.azure.com/metadata/endpoints";
      assert.equal((await request({ method: "GET", url, caPem })).status, 200);
      const elsewhere = request({ method: "GET", url: "https://example.org/", caPem });
      await assert.rejects(elsewhere, /403/);
    } finally {
      process.env = former;
    }
  });

  it("counts what it led and what it refused, by address", async () => {
    const { led, refused } = cloud.context.proxied;
    const before = [led["management.azure.com:443"] ?? 0, refused["graph.example:443"] ?? 0];
    for (const target of ["management.azure.com:443", "graph.example:443"])
      await ask(`CONNECT ${target} HTTP/1.1\r\nhost: ${target}\r\n\r\n`);
    const after = [led["management.azure.com:443"], refused["graph.example:443"]];
    assert.deepEqual(
      after,
      before.map((count) => count + 1),
    );
  });

  it("refuses every other address with a sentence", async () => {
    for (const target of [
      "example.org:443",
      "api.pulumi.com:443",
      "management.azure.com:80",
      "kv.vault.azure.net:8443",
      "vault.azure.net:443",
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
