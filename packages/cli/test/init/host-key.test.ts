// The key that a host shows, asked for without signing in.
import assert from "node:assert/strict";
import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { Server } from "ssh2";
import { hostKeyProblem } from "../../../../src/contracts/host-key";
import { createKeyPair } from "../../../lab/host/keys";
import { shownHostKey } from "../../init/host-key";

describe("the key that a host shows", () => {
  it("is its line as config takes it", async () => {
    const { privateKeyPem, publicKeyLine } = createKeyPair();
    const server = new Server({ hostKeys: [privateKeyPem] }, (client) => {
      client.on("error", () => undefined);
    });
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    const { port } = server.address() as AddressInfo;
    try {
      const line = await shownHostKey("127.0.0.1", port);
      assert.equal(line, publicKeyLine);
      assert.equal(hostKeyProblem(line), undefined);
    } finally {
      server.close();
    }
  });

  it("is none where nothing answers", async () => {
    const server = new Server({ hostKeys: [createKeyPair().privateKeyPem] });
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    const { port } = server.address() as AddressInfo;
    server.close();
    await once(server, "close");
    assert.equal(await shownHostKey("127.0.0.1", port), undefined);
  });
});
