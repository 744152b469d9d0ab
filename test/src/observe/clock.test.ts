// The one reader of the time: the system's unless the stack is rehearsed, and then never the system's by mistake.
import assert from "node:assert/strict";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { type Server, createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { readNow } from "../../../src/observe/clock";

describe("readNow", () => {
  const given = process.env["KEYTURN_LAB_CONTROL"];
  let folder: string;
  let server: Server;
  /** What the lab answers, by authorization and path. */
  let answers: Record<string, string>;

  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), "keyturn-clock-"));
    answers = {};
    server = createServer(({ url, headers }, response) => {
      response.end(answers[`${headers.authorization ?? ""} ${url ?? ""}`] ?? '{"error":"no"}');
    }).listen(0, "127.0.0.1");
    await once(server, "listening");
    const { port } = server.address() as AddressInfo;
    const control = join(folder, "control.json");
    writeFileSync(control, JSON.stringify({ url: `http://127.0.0.1:${port}`, token: "t" }));
    process.env["KEYTURN_LAB_CONTROL"] = control;
  });
  afterEach(() => {
    server.close();
    rmSync(folder, { recursive: true });
    if (given === undefined) delete process.env["KEYTURN_LAB_CONTROL"];
    else process.env["KEYTURN_LAB_CONTROL"] = given;
  });

  it("is the system's where the stack is not rehearsed, whatever the environment says", async () => {
    answers["Bearer t /clock"] = '{"now":"2031-05-01T00:00:30.000Z"}';
    const from = Date.now();
    const now = (await readNow(false)).getTime();
    assert(from <= now && now <= Date.now());
  });

  it("is the lab's where the stack is rehearsed", async () => {
    answers["Bearer t /clock"] = '{"now":"2031-05-01T00:00:30.000Z"}';
    assert.equal((await readNow(true)).toISOString(), "2031-05-01T00:00:30.000Z");
  });

  it("is refused where the lab says no time, and where there is no lab", async () => {
    await assert.rejects(readNow(true), /must say the time, but does not/);
    delete process.env["KEYTURN_LAB_CONTROL"];
    await assert.rejects(readNow(true), /rehearsalClock must be used with a lab only/);
  });
});
