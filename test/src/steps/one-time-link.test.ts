// The one-time link's step against the lab's SnapPass: both interfaces, what is refused, and that nothing is opened.
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { fastify } from "fastify";
import { LabClock } from "../../../packages/lab/clock";
import { type CloudContext, createCloudContext } from "../../../packages/lab/cloud/context";
import type { FaultRule } from "../../../packages/lab/cloud/faults";
import type { RunningServer } from "../../../packages/lab/cloud/server";
import { startSnapPass } from "../../../packages/lab/snappass/server";
import { OneTimeValues } from "../../../packages/lab/snappass/store";
import type { LinkInput, LinkReport } from "../../../src/contracts/one-time-link";
import { linkText, madeLink } from "../../../src/contracts/one-time-link";
import type { Pace } from "../../../src/http/pace";
import { askLink } from "../../../src/http/link-state";
import { makeLink, parseLinkInput } from "../../../src/steps/one-time-link";
import { trust } from "../../../packages/lab/test/cloud/harness";
import { compiled } from "../../helpers/paths";

const GUID = "0a1b2c3d-4e5f-4071-8293-a4b5c6d7e8f9";
const SECRET = "aB1.Q~the-secret-value";

describe("makeLink", () => {
  let context: CloudContext;
  let values: OneTimeValues;
  let server: RunningServer;
  let distrust: () => void;
  before(async () => {
    const clock = new LabClock();
    clock.set(new Date("2027-05-01T00:00:00Z"));
    context = await createCloudContext({ clock });
    values = new OneTimeValues(clock);
    server = await startSnapPass(context, values, 0);
    distrust = trust(context.certificates.caPem);
  });
  after(async () => {
    distrust();
    await server.close();
  });
  beforeEach(() => context.faults.clear());

  const input = (over: Partial<LinkInput> = {}): LinkInput => ({
    consumer: "ci-sync",
    epoch: "2027-05",
    keyId: GUID,
    retry: 0,
    server: context.endpoints.snappassUrl,
    seconds: 3600,
    secret: SECRET,
    ...over,
  });
  const waits: number[] = [];
  const make = (over: Partial<LinkInput> = {}): Promise<LinkReport> =>
    makeLink(input(over), labPace());
  const labPace = (): Pace => {
    let elapsed = 0;
    return {
      elapsed: () => elapsed,
      pause: (seconds) => {
        elapsed += seconds;
        return Promise.resolve(waits.push(seconds));
      },
    };
  };
  const fault = (rule: Partial<FaultRule>): void => {
    const base = { server: "snappass", pathPattern: "/api/", status: 503, code: "x", times: 1 };
    context.faults.add({ ...base, ...rule } as FaultRule);
  };
  const refused = (over: Partial<LinkInput>, sentence: RegExp): Promise<void> =>
    assert.rejects(make(over), (error: Error) => {
      assert.match(error.message, sentence);
      assert.ok(!error.message.includes(SECRET), "no secret in an error");
      return true;
    });

  it("makes a link that opens the value once, and says until when by the server's clock", async () => {
    const { link, linkId, expires, keyId } = await make();
    assert.equal(keyId, GUID);
    assert.match(expires, /^2027-05-01T01:00:/);
    const token = decodeURIComponent(new URL(link).pathname.slice(1));
    assert.equal(linkId, token.split("~")[0]);
    assert.deepEqual([values.take(token), values.take(token)], [SECRET, undefined]);
  });

  it("asks whether a link was read with its storage key, and opens nothing", async () => {
    const { link, linkId = "" } = await make();
    const url = context.endpoints.snappassUrl;
    assert.deepEqual(
      [await askLink(url, linkId), await askLink(url, linkId)],
      ["unread", "unread"],
    );
    values.take(decodeURIComponent(new URL(link).pathname.slice(1)));
    assert.equal(await askLink(url, linkId), "read or expired");
  });

  it("takes a server that does not answer for not known, and fails nothing", async () => {
    fault({ status: 500, times: 1 });
    assert.equal(await askLink(context.endpoints.snappassUrl, "snappass00"), "not known");
    assert.equal(await askLink("https://localhost:9", "snappass00"), "not known");
  });

  it("takes the first interface of an older server, and asks nothing about its links", async () => {
    fault({ pathPattern: "/api/v2", status: 404 });
    const { link, linkId } = await make();
    assert.equal(linkId, undefined);
    assert.equal(values.take(decodeURIComponent(new URL(link).pathname.slice(1))), SECRET);
  });

  it("tries again after a busy or a lost answer, as long as the server asks", async () => {
    fault({ status: 429, retryAfterSeconds: 7 });
    fault({ status: 503, when: "after", disconnect: true });
    waits.length = 0;
    await make();
    assert.deepEqual(waits, [7, 2]);
  });

  it("waits between one second and a minute, whatever the server asks", async () => {
    fault({ status: 429, retryAfterSeconds: 999_999 });
    fault({ status: 503, retryAfterSeconds: 0 });
    waits.length = 0;
    await make();
    assert.deepEqual(waits, [60, 1]);
  });

  it("asks a server that stays busy for two minutes, however soon it is to ask again", async () => {
    fault({ status: 503, retryAfterSeconds: 0, times: 9999 });
    waits.length = 0;
    await refused({}, /but answers with status 503/);
    assert.equal(waits.length, 120);
  });

  it("says what the server refuses and what to change, without a word of its answer", async () => {
    await refused(
      { seconds: 1_209_601 },
      /^ci-sync: the one-time server https:\S+ must make a link for the secret of 2027-05, but refuses a link of 1209601 seconds \(status 400\)\. Lower linkSeconds/,
    );
    fault({ status: 403, message: SECRET });
    await refused({}, /but answers with status 403\. Check oneTimeServer/);
    fault({ status: 502, times: 99 });
    await refused({}, /but answers with status 502/);
  });

  it("says that a server does not answer, and the way without one", async () => {
    await refused(
      { server: "https://localhost:9" },
      /but does not answer \(.*\)\. Check oneTimeServer.* or empty oneTimeServer: the instruction then names the vault secret\./,
    );
  });

  describe("with a server that answers something else", () => {
    const token = `snappass${"0".repeat(32)}~key=`;
    const web = (href: string): unknown => ({ token, ttl: 60, links: [{ rel: "web-view", href }] });
    for (const [what, answer, fault] of [
      ["nothing of use", { ok: SECRET }, /its answer has no token and no links/],
      ["a link without TLS", web(`http://h/${token}`), /its web-view link is no https link/],
      ["a link of another token", web("https://h/other"), /its web-view link is no https link/],
      ["a link that runs code", web("javascript:alert(1)"), /its web-view link is no https link/],
    ] as const) {
      it(`refuses ${what}`, async () => {
        const { serverPem: cert, serverKeyPem: key } = context.certificates;
        const other = fastify({ https: { cert, key } });
        other.post("/api/v2/passwords", () => answer);
        await other.listen({ host: "127.0.0.1", port: 0 });
        const { port } = other.server.address() as AddressInfo;
        await refused({ server: `https://localhost:${port}` }, fault);
        await other.close();
      });
    }
  });

  it("quotes nothing of an input that it cannot read", () => {
    for (const text of ["{", JSON.stringify({ ...input(), secret: "", extra: SECRET }), SECRET]) {
      assert.throws(
        () => parseLinkInput(text),
        (error: Error) => !error.message.includes(SECRET) && /Report this/.test(error.message),
      );
    }
  });

  it("runs as a program: input on standard input, one line on standard output, no value anywhere else", async () => {
    const dir = mkdtempSync(join(tmpdir(), "keyturn-link-"));
    const ca = join(dir, "ca.pem");
    writeFileSync(ca, context.certificates.caPem);
    const path = compiled("src/steps/one-time-link.ts");
    const child = spawn(process.execPath, [path], {
      env: { ...process.env, NODE_EXTRA_CA_CERTS: ca },
    });
    child.stdin.end(JSON.stringify(input()));
    const [out, errors] = await Promise.all([text(child.stdout), text(child.stderr)]);
    rmSync(dir, { recursive: true });
    assert.deepEqual([out.split("\n").length, errors], [2, ""]);
    assert.ok(!out.includes(SECRET));
    const { linkId, expires } = madeLink(out);
    assert.ok(linkId !== undefined && /^2027-05-01T/.test(expires));
    assert.ok(values.has(linkId));
    assert.match(linkText(out), /^https:\/\/localhost:/);
  });
});

describe("the one-time link's report", () => {
  it("is refused without a word of it when it cannot be read", () => {
    for (const text of ["", SECRET, JSON.stringify({ keyturn: "link/1", link: SECRET })]) {
      assert.throws(
        () => linkText(text),
        (error: Error) => !error.message.includes(SECRET),
      );
    }
  });
});
