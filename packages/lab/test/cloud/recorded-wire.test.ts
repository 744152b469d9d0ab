// The azuread 6.9.1 plugin's recorded conversation, replayed in order: same status, no recorded property missing.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { livePasswords, removePassword } from "../../cloud/credentials";
import { addForeignPassword } from "../../cloud/mutations";
import { type Cloud, startCloud } from "./harness";
import { fixture } from "../../../../test/helpers/paths";

interface Recorded {
  readonly step: string;
  readonly method: string;
  readonly url: string;
  readonly body?: unknown;
  readonly status: number;
  readonly response?: unknown;
}

const RECORDED_CALLER = "22222222-2222-2222-2222-222222222222";
const GUID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

const recording = readFileSync(fixture(__dirname, "fixtures", "azuread.wire.jsonl"), "utf8")
  .trim()
  .split("\n")
  .map((line) => JSON.parse(line) as Recorded)
  .filter((call) => /^\/(?:v1\.0|beta)\//.test(call.url));

describe("the recorded azuread wire", () => {
  let cloud: Cloud;
  before(async () => (cloud = await startCloud()));
  after(() => cloud.close());

  it("is answered call by call with the recorded status and every recorded property", async () => {
    const roles = ["Application.ReadWrite.All", "Application.Read.All", "Group.ReadWrite.All"];
    const client = cloud.client(...roles, "AppRoleAssignment.ReadWrite.All");
    const { endpoints } = cloud.context;
    const signedIn = await cloud.signIn({
      grant_type: "client_credentials",
      client_id: client.clientId,
      client_secret: client.clientSecret,
      scope: `${endpoints.graphUrl}/.default`,
    });
    const token = (signedIn.json as { access_token: string }).access_token;
    const ids = new Map([[RECORDED_CALLER, client.servicePrincipalObjectId]]);
    const map = (text: string): string => {
      const replaced = [...ids].reduce((all, [from, to]) => all.replaceAll(from, to), text);
      return replaced.replaceAll("GRAPH", endpoints.graphUrl);
    };
    cloud.context.clock.set(new Date("2026-11-21T11:14:00Z"));

    const trouble: string[] = [];
    let calls = 0;
    for (const recorded of waitsOnce(recording)) {
      const { method, body } = recorded;
      actBehindBack(recorded);
      const sent: unknown = body === undefined ? undefined : JSON.parse(map(JSON.stringify(body)));
      const answer = await cloud.graph(method, map(recorded.url), { token, body: sent });
      calls += 1;
      const where = `${recorded.step} ${method} ${recorded.url}`;
      if (answer.status !== recorded.status) {
        trouble.push(`${where}: ${answer.status} instead of ${recorded.status}: ${answer.text}`);
        continue;
      }
      if (recorded.url.includes("$select=")) continue;
      learn(recorded.response, answer.json);
      const missing = missingFrom(recorded.response, answer.json, "");
      if (missing.length > 0) trouble.push(`${where}: lacks ${missing.join(", ")}`);
    }
    assert.deepEqual(trouble, []);
    assert.ok(calls > 90, `only ${calls} calls were replayed`);

    function learn(from: unknown, to: unknown): void {
      const [left, right] = [flatIds(from), flatIds(to)];
      for (const [key, id] of left) {
        const other = right.get(key);
        if (other !== undefined && !ids.has(id)) ids.set(id, other);
      }
    }

    /** What others did to the application's passwords between two recorded steps. */
    function actBehindBack({ method, url, body, response }: Recorded): void {
      if (!url.startsWith("/v1.0/applications/")) return;
      const application = cloud.context.directory.applications.get(map(url).split("/")[3] ?? "");
      if (application === undefined) return;
      const shown = method === "GET" ? keyIdsIn(response) : undefined;
      const named = url.endsWith("/removePassword") ? [(body as { keyId: string }).keyId] : [];
      for (const keyId of [...(shown ?? []), ...named]) {
        if (ids.has(keyId)) continue;
        ids.set(keyId, addForeignPassword(cloud.context.directory, application.clientId).keyId);
      }
      if (shown === undefined) return;
      const kept = new Set(shown.map((keyId) => ids.get(keyId)));
      for (const one of livePasswords(application)) {
        if (!kept.has(one.keyId)) removePassword(cloud.context.directory, application, one.keyId);
      }
    }
  });
});

/** The waits poll the same address many times; the first of each run is enough, as the lab is consistent. */
function waitsOnce(calls: readonly Recorded[]): Recorded[] {
  return calls.filter((call, at) => {
    if (call.method !== "GET") return true;
    return !calls.slice(0, at).some((other) => sameRead(other, call));
  });
}

function keyIdsIn(response: unknown): string[] | undefined {
  const shown = (response as { passwordCredentials?: { keyId: string }[] }).passwordCredentials;
  return shown?.map((one) => one.keyId);
}

function sameRead(one: Recorded, other: Recorded): boolean {
  const alike = one.step === other.step && one.method === "GET" && one.url === other.url;
  return alike && JSON.stringify(one.response) === JSON.stringify(other.response);
}

/** Ids by place: object, role assignment and key ids, and the client id. */
function flatIds(value: unknown): Map<string, string> {
  const found = new Map<string, string>();
  const walk = (inner: unknown, at: string): void => {
    if (typeof inner !== "object" || inner === null) {
      if (typeof inner === "string" && /(?:^|\.)(?:id|appId|keyId)$/.test(at)) found.set(at, inner);
      return;
    }
    for (const [key, next] of Object.entries(inner)) walk(next, at === "" ? key : `${at}.${key}`);
  };
  walk(value, "");
  return new Map([...found].filter(([, id]) => GUID.test(id) || id.length > 20));
}

function missingFrom(wanted: unknown, given: unknown, at: string): string[] {
  if (Array.isArray(wanted)) {
    if (!Array.isArray(given)) return [at];
    return wanted.flatMap((one, index) =>
      index < given.length ? missingFrom(one, given[index], `${at}[]`) : [`${at}[${index}]`],
    );
  }
  if (typeof wanted !== "object" || wanted === null) return [];
  return Object.entries(wanted).flatMap(([name, inner]) => {
    // The recorder's own: owners are a relation, not a property; _as is its bookkeeping.
    if (name === "owners" || name === "_as") return [];
    if (typeof given !== "object" || given === null || !(name in given)) return [`${at}.${name}`];
    return missingFrom(inner, (given as Record<string, unknown>)[name], `${at}.${name}`);
  });
}
