// What the client sends, and what it tries again.
import assert from "node:assert/strict";
import http from "node:http";
import type { AddressInfo } from "node:net";
import { request, requestWithRetry } from "../../shared/https";

describe("requestWithRetry", () => {
  let server: http.Server;
  let url: string;
  let answers: number[];
  let seen: { method: string; body: string; type: string | undefined }[];
  beforeEach(async () => {
    seen = [];
    server = http.createServer((incoming, reply) => {
      let body = "";
      incoming.on("data", (chunk: Buffer) => (body += chunk.toString()));
      incoming.on("end", () => {
        const { method = "", headers } = incoming;
        seen.push({ method, body, type: headers["content-type"] });
        reply.writeHead(answers.shift() ?? 200, { "retry-after": "0" }).end("{}");
      });
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    url = `http://localhost:${(server.address() as AddressInfo).port}/`;
  });
  afterEach(() => server.close());

  const get = (retryIf?: (response: { status: number }) => boolean) =>
    requestWithRetry({ method: "GET", url }, { deadlineMs: 5000, ...(retryIf && { retryIf }) });

  for (const status of [408, 424, 429, 500, 503]) {
    it(`tries again on ${status}`, async () => {
      answers = [status, status, 200];
      assert.equal((await get()).status, 200);
      assert.equal(seen.length, 3);
    });
  }

  for (const status of [400, 401, 403, 404, 409, 501]) {
    it(`takes ${status} for an answer, unless told otherwise`, async () => {
      answers = [status, 200];
      assert.equal((await get()).status, status);
      answers = [status, 200];
      assert.equal((await get((response) => response.status === status)).status, 200);
    });
  }

  it("gives the last answer when the deadline leaves no time for another", async () => {
    answers = [429, 429, 429];
    const answer = await requestWithRetry({ method: "GET", url }, { deadlineMs: -1 });
    assert.equal(answer.status, 429);
    assert.equal(seen.length, 1);
  });

  it("sends an object as JSON and text as it is", async () => {
    answers = [];
    await request({ method: "POST", url, body: { a: 1 } });
    const headers = { "content-type": "text/plain" };
    await request({ method: "PUT", url, body: "a=1", headers });
    assert.deepEqual(seen, [
      { method: "POST", body: '{"a":1}', type: "application/json" },
      { method: "PUT", body: "a=1", type: "text/plain" },
    ]);
  });

  it("names the address, and no more of it, when there is no answer in time", async () => {
    server.removeAllListeners("request");
    const late = request({ method: "GET", url: `${url}path?secret=1`, timeoutMs: 20 });
    await assert.rejects(
      late,
      (error: Error) =>
        /gave no answer in 20 ms/.test(error.message) && !error.message.includes("secret"),
    );
    server.closeAllConnections();
  });
});
