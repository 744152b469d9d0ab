// The lab's SnapPass on the wire, in both interfaces, held to what the public program does.
import assert from "node:assert/strict";
import { LabClock } from "../../clock";
import { type CloudContext, createCloudContext } from "../../cloud/context";
import type { RunningServer } from "../../cloud/server";
import { type HttpResponse, request } from "../../shared/https";
import { startSnapPass } from "../../snappass/server";
import { OneTimeValues } from "../../snappass/store";

const VALUE = 'aB1.Q~"<value>&';
interface Made {
  readonly token: string;
  readonly links: readonly { readonly rel: string; readonly href: string }[];
  readonly ttl: number;
}

describe("SnapPass", () => {
  let context: CloudContext;
  let values: OneTimeValues;
  let server: RunningServer;
  before(async () => {
    const clock = new LabClock();
    context = await createCloudContext({ clock });
    values = new OneTimeValues(clock);
    server = await startSnapPass(context, values, 0);
  });
  after(() => server.close());

  const ask = (method: string, path: string, body?: unknown): Promise<HttpResponse> =>
    request({
      method,
      url: path.startsWith("https:") ? path : `${context.endpoints.snappassUrl}${path}`,
      caPem: context.certificates.caPem,
      ...(body === undefined ? {} : { body }),
    });
  const make = async (body: object = { password: VALUE, ttl: 3600 }): Promise<Made> => {
    const answer = await ask("POST", "/api/v2/passwords", body);
    assert.equal(answer.status, 200);
    return answer.json as Made;
  };
  const at = ({ token }: Made): string => `/api/v2/passwords/${encodeURIComponent(token)}`;
  const storageKey = ({ token }: Made): string => token.split("~")[0] ?? "";

  it("gives a value once", async () => {
    const made = await make();
    assert.match(made.token, /^snappass[0-9a-f]{32}~[A-Za-z0-9_-]{43}=$/);
    assert.equal(made.ttl, 3600);
    assert.deepEqual((await ask("GET", at(made))).json, { password: VALUE });
    const again = await ask("GET", at(made));
    assert.equal(again.status, 404);
    assert.match(String(again.headers["content-type"]), /^application\/problem\+json/);
  });

  it("answers whether a value is there without giving it away, to the storage key alone", async () => {
    const made = await make();
    for (const asked of [at(made), `/api/v2/passwords/${storageKey(made)}`]) {
      for (let times = 0; times < 2; times += 1)
        assert.equal((await ask("HEAD", asked)).status, 200);
    }
    await ask("GET", at(made));
    assert.equal((await ask("HEAD", `/api/v2/passwords/${storageKey(made)}`)).status, 404);
  });

  it("shows a preview that gives nothing away, and reveals once", async () => {
    const made = await make();
    const web = made.links.find(({ rel }) => rel === "web-view")?.href ?? "";
    for (const method of ["HEAD", "GET"]) {
      const preview = await ask(method, web);
      assert.equal(preview.status, 200);
      assert.ok(!preview.text.includes("value"));
    }
    assert.match((await ask("POST", web)).text, /aB1\.Q~"&lt;value&gt;&amp;/);
    assert.deepEqual([(await ask("GET", web)).status, (await ask("POST", web)).status], [404, 404]);
  });

  it("forgets a value when its time on the lab's clock is over", async () => {
    const made = await make({ password: VALUE, ttl: 60 });
    context.clock.advance("PT1M");
    assert.equal((await ask("HEAD", at(made))).status, 404);
    assert.equal((await ask("GET", at(made))).status, 404);
  });

  it("takes two weeks when it is told no time, and refuses more with the name of the parameter", async () => {
    assert.equal((await make({ password: VALUE })).ttl, 1_209_600);
    const answer = await ask("POST", "/api/v2/passwords", { password: "", ttl: 1_209_601 });
    assert.equal(answer.status, 400);
    assert.match(String(answer.headers["content-type"]), /^application\/problem\+json/);
    const { "invalid-params": invalid } = answer.json as { "invalid-params": { name: string }[] };
    assert.deepEqual(
      invalid.map(({ name }) => name),
      ["password", "ttl"],
    );
  });

  it("serves its first interface, which breaks on what it does not take", async () => {
    const answer = await ask("POST", "/api/set_password/", { password: VALUE, ttl: 60 });
    const { link, ttl } = answer.json as { link: string; ttl: number };
    assert.equal(ttl, 60);
    assert.match((await ask("POST", link)).text, /&lt;value&gt;/);
    const invalid = { password: VALUE, ttl: 1_209_601 };
    assert.equal((await ask("POST", "/api/set_password/", invalid)).status, 500);
    assert.equal((await ask("POST", "/api/set_password", { password: VALUE })).status, 308);
  });

  it("loses a value that is asked for with another key", async () => {
    const made = await make();
    const other = `${storageKey(made)}~${"A".repeat(43)}=`;
    assert.equal((await ask("GET", `/api/v2/passwords/${encodeURIComponent(other)}`)).status, 500);
    assert.equal((await ask("HEAD", at(made))).status, 404);
  });

  it("says the time of the lab's clock, its health, and answers an injected fault", async () => {
    const health = await ask("GET", "/_/_/health");
    assert.deepEqual(health.json, {});
    const said = new Date(String(health.headers["date"])).getTime();
    assert.ok(Math.abs(said - context.clock.now().getTime()) < 5_000);
    const rule = { server: "snappass", pathPattern: "/api/v2", status: 404, code: "x", times: 1 };
    context.faults.add(rule as Parameters<typeof context.faults.add>[0]);
    const faulty = await ask("POST", "/api/v2/passwords", { password: VALUE });
    assert.equal(faulty.status, 404);
  });

  it("tells the search for leaks every value, token and key, and no storage key", async () => {
    const made = await make();
    const all = values.everyValue();
    for (const text of [VALUE, made.token, made.token.split("~")[1] ?? ""]) {
      assert.ok(all.includes(text));
    }
    assert.ok(!all.includes(storageKey(made)));
  });
});
