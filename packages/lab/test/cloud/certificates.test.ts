// The lab's certificates, as a TLS client that trusts only the lab's authority sees them.
import assert from "node:assert/strict";
import { X509Certificate } from "node:crypto";
import https from "node:https";
import type { AddressInfo } from "node:net";
import { createCertificates } from "../../cloud/certificates";
import { request } from "../../shared/https";

describe("createCertificates", () => {
  it("makes a server certificate for every name of the lab, signed by an authority of its own", async () => {
    const { caPem, serverPem } = await createCertificates();
    const [authority, server] = [new X509Certificate(caPem), new X509Certificate(serverPem)];
    assert.ok(authority.ca);
    assert.ok(!server.ca);
    assert.ok(server.verify(authority.publicKey));
    for (const name of ["localhost", "vault.localhost", "sesar.vault.localhost"]) {
      assert.ok(server.checkHost(name), name);
    }
    assert.equal(server.checkHost("a.b.vault.localhost"), undefined);
    for (const address of ["127.0.0.1", "::1"]) assert.equal(server.checkIP(address), address);
  });

  it("is valid now by the machine's clock, and for a season at most", async () => {
    const { serverPem } = await createCertificates();
    const { validFromDate, validToDate } = new X509Certificate(serverPem);
    assert.ok(validFromDate.getTime() < Date.now());
    const days = (validToDate.getTime() - Date.now()) / 86_400_000;
    assert.ok(days > 30 && days < 100, `${days} days`);
  });
});

describe("request", () => {
  it("reaches a vault name over loopback, and refuses an authority that it was not given", async () => {
    const mine = await createCertificates();
    const other = await createCertificates();
    const server = https.createServer(
      { cert: mine.serverPem, key: mine.serverKeyPem },
      (incoming, reply) =>
        reply
          .setHeader("content-type", "application/json")
          .end(JSON.stringify({ host: incoming.headers.host })),
    );
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const { port } = server.address() as AddressInfo;
    try {
      for (const host of ["localhost", "127.0.0.1", "sesar.vault.localhost"]) {
        const url = `https://${host}:${port}/`;
        const answer = await request({ method: "GET", url, caPem: mine.caPem });
        assert.deepEqual(answer.json, { host: `${host}:${port}` });
      }
      const url = `https://localhost:${port}/`;
      await assert.rejects(request({ method: "GET", url, caPem: other.caPem }), /certificate/);
    } finally {
      server.close();
    }
  });
});
