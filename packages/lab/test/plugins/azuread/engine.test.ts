// A whole life of a stack as the real engine and azuread 6.9.1 lived it: every call of the engine made
// again gets the recorded answer, and every operation makes the recorded calls of Graph in their order.
import assert from "node:assert/strict";

import type { Properties } from "../../../plugins/provider/values";
import type { RecordedAnswer, RecordedRequest } from "../provider/client";
import type { Call, Recorder } from "./recorder";
import { fixture, Session } from "./session";

interface EngineCall {
  readonly step: string;
  readonly method: string;
  readonly request: RecordedRequest & { readonly tok?: string };
  readonly response: Properties;
}

interface WireCall {
  readonly step: string;
  readonly afterMs: number;
  readonly method: string;
  readonly url: string;
  readonly body?: unknown;
  readonly status: number;
}

const APPLICATION = "97d381c7-1530-4330-aedd-ae1811e0b17c";
const PRINCIPAL = "6588ee95-c22f-4a20-a2aa-1431ddcd41c2";
const TOP_GROUP = "6190b4ee-3875-42be-91cf-c17d8bec0b28";
const SUB_GROUP = "881fe223-f2fb-4d01-ab7c-708e76d91469";
const GROUPS_ASSIGNMENT = "o4oHfibcEoDzvW-x29LRklAXDbePWZFI";
const USERS_ASSIGNMENT = "0KtM8JI4r-wQnxcGfWcJXfyabqlgULp0";
const LAST_PASSWORD = "f18d7bba-cf13-4a02-832e-eca49843f365";

const wire = fixture<WireCall>("azuread.wire.jsonl");

/** The recorded calls of one operation; several ran at once, so each is picked out. */
function recorded(step: string, pick: (call: WireCall) => boolean): unknown[] {
  return wire.filter((each) => each.step === step && pick(each)).map(shown);
}

/** A group's mail nickname is random. */
function nicknamesMasked(value: unknown): unknown {
  const text = JSON.stringify(value);
  return JSON.parse(text.replace(/"mailNickname":"[0-9a-f-]{10}"/g, '"mailNickname":"random"'));
}

function shown({ method, url, body, status }: WireCall | Call): unknown {
  const text = JSON.stringify(body ?? null);
  const masked = text.replace(/TERRAFORM_UPDATE_[0-9a-f-]+/, "TERRAFORM_UPDATE_uuid");
  return { method, url, body: nicknamesMasked(JSON.parse(masked)), status };
}

const about =
  (...parts: readonly string[]) =>
  ({ url }: WireCall) =>
    parts.some((part) => url.includes(part));

const OPERATIONS: Readonly<Record<string, () => unknown[]>> = {
  "up1 invoke getServicePrincipal": () =>
    recorded("up1", ({ url, afterMs }) => afterMs <= 67 && url.includes("servicePrincipals")),
  "up1 create Application": () =>
    recorded("up1", ({ url, afterMs }) => afterMs < 250 && url.includes("/applications")),
  [`up1 create ServicePrincipal`]: () =>
    recorded(
      "up1",
      ({ url, method }) =>
        url.includes(PRINCIPAL) ||
        url.includes("appId eq '2cdd0d57") ||
        (method === "POST" && url.endsWith("/servicePrincipals")),
    ),
  "up1 create ApplicationPassword": () =>
    recorded("up1", ({ url, afterMs }) => afterMs > 250 && url.includes("/applications/")),
  "up1 create AppRoleAssignment 5b567255-7703-4780-807c-7be8301ae99b": () =>
    recorded(
      "up1",
      (call) =>
        call.afterMs === 417 ||
        call.url.includes(GROUPS_ASSIGNMENT) ||
        JSON.stringify(call.body ?? null).includes('"appRoleId":"5b567255'),
    ),
  "up1 create Group Pro": () =>
    recorded(
      "up1",
      (call) =>
        (call.url.includes(`groups/${SUB_GROUP}`) && call.afterMs < 20_250) ||
        JSON.stringify(call.body ?? null).includes('"displayName":"Pro","groupTypes"'),
    ),
  "up1 create GroupMember": () =>
    recorded("up1", ({ url, afterMs }) => afterMs > 20_250 && url.includes(TOP_GROUP)),
  "up3 delete ApplicationPassword": () =>
    recorded("up3", ({ afterMs, url }) => afterMs > 100 && url.includes(APPLICATION)),
  "refresh-oob read GroupMember": () => recorded("refresh-oob", about("$filter=id eq")),
  "refresh-oob read ServicePrincipal": () => recorded("refresh-oob", about(PRINCIPAL)),
  "refresh-oob read Application": () =>
    recorded(
      "refresh-oob",
      ({ afterMs, url }) => afterMs !== 119 && url.includes(`/applications/${APPLICATION}`),
    ),
  "refresh-oob read ApplicationPassword": () =>
    recorded("refresh-oob", ({ afterMs, url }) => afterMs === 119 && url.includes(APPLICATION)),
  "refresh-oob read Group Pro": () => recorded("refresh-oob", about(`groups/${SUB_GROUP}`)),
  "destroy delete AppRoleAssignment": () => recorded("destroy", about(GROUPS_ASSIGNMENT)),
  "destroy delete ServicePrincipal": () =>
    recorded("destroy", about(`/servicePrincipals/${PRINCIPAL}`)),
  "destroy delete GroupMember": () => recorded("destroy", about(`${TOP_GROUP}/members`)),
  "destroy delete ApplicationPassword": () =>
    recorded("destroy", ({ afterMs, url }) => afterMs < 20_200 && url.includes(APPLICATION)),
  "destroy delete Application": () =>
    recorded("destroy", ({ afterMs, url }) => afterMs > 20_200 && url.includes(APPLICATION)),
  "destroy delete Group Pro": () => recorded("destroy", about(`groups/${SUB_GROUP}`)),
};

describe("azuread stand-in in a stack's life", () => {
  let session: Session;
  const compared = new Set<string>();

  before(async () => {
    session = await Session.start();
    const { recorder, client } = session;
    Object.assign(recorder.ids, {
      applications: [APPLICATION],
      appIds: ["2cdd0d57-78fc-48a0-bc9d-20b85f0a07f1"],
      servicePrincipals: [PRINCIPAL],
      assignments: [USERS_ASSIGNMENT, GROUPS_ASSIGNMENT],
      groups: [TOP_GROUP, SUB_GROUP],
      passwords: ["c698b129-6607-403f-a3de-277212ff87f9", "SECRET_VALUE_2"],
    });
    recorder.now.value = "2026-11-21T11:14:03.669Z";
    await client.call("configure", { args: { version: "6.9.1" } });
  });

  after(() => session.close());

  it("learns the cloud and signs in once, in Configure", () => {
    const expected = recorded("noop", about("/metadata/", "/oauth2/"));
    assert.deepEqual(session.recorder.calls.map(shown), expected);
  });

  fixture<EngineCall>("azuread.engine.jsonl").forEach(
    ({ step, method, request, response }, index) => {
      const name = nameOf(step, method, request);
      it(`answers call ${index + 1}, ${name}, as the vendor's does`, async () => {
        const { recorder, client } = session;
        if (request.id?.endsWith(LAST_PASSWORD) === true) addLastPassword(recorder);
        recorder.calls.splice(0);
        const { tok, ...rest } = request;
        const answer = await client.call(
          method,
          tok === undefined ? rest : { ...rest, token: tok },
        );
        assert.deepEqual(nicknamesMasked(asLogged(method, answer)), nicknamesMasked(response));
        const operation = Object.keys(OPERATIONS).find((each) => `${name} `.startsWith(`${each} `));
        if (operation === undefined || compared.has(operation)) return;
        compared.add(operation);
        assert.deepEqual(recorder.calls.map(shown), OPERATIONS[operation]?.());
      });
    },
  );

  it("makes the recorded calls of Graph in every operation that was recorded", () => {
    assert.deepEqual([...compared].sort(), Object.keys(OPERATIONS).sort());
  });
});

/** The recorded stack was given this password before it was destroyed. */
function addLastPassword(recorder: Recorder): void {
  recorder.change(`applications/${APPLICATION}`, (application) => ({
    ...application,
    passwordCredentials: [{ keyId: LAST_PASSWORD }],
  }));
}

/** The log of the engine leaves out what is empty. */
function asLogged(method: string, answer: RecordedAnswer): RecordedAnswer {
  if (answer["error"] !== undefined) return answer;
  if (method === "diff") {
    const { changes, stables, hasDetailed, diffs } = answer;
    assert.deepEqual(diffs, []);
    return { stables, changes: `DIFF_${String(changes)}`, hasDetailedDiff: hasDetailed };
  }
  return Object.fromEntries(
    Object.entries(answer).filter(
      ([, value]) => value !== "" && !(Array.isArray(value) && value.length === 0),
    ),
  );
}

function nameOf(step: string, method: string, request: EngineCall["request"]): string {
  const kind = (request.type ?? request.tok ?? "").split(":").pop() ?? "";
  const { displayName, appRoleId } = request.properties ?? {};
  const detail = kind === "Group" ? displayName : kind === "AppRoleAssignment" ? appRoleId : "";
  return `${step} ${method} ${kind} ${typeof detail === "string" ? detail : ""}`.trim();
}
