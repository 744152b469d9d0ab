// Waits, locks, adoption, previews and the neighbours of the resources that were recorded.
import assert from "node:assert/strict";

import { isUnknown, type Properties } from "../../../plugins/provider/values";
import { CALLER_ID, GRAPH_PRINCIPAL_ID } from "./recorder";
import { Session } from "./session";

const APPLICATION = "86ceb9b7-540b-45c6-97e8-96cbffaebac6";
const OWNER = "77777777-7777-4777-8777-777777777777";
const GRAPH_APP = "00000003-0000-0000-c000-000000000000";
const ROLE = "5b567255-7703-4780-807c-7be8301ae99b";
const token = (name: string) =>
  `azuread:index/${name.charAt(0).toLowerCase()}${name.slice(1)}:${name}`;

describe("azuread stand-in's writes", () => {
  let session: Session;

  beforeEach(async () => {
    session = await Session.start();
    Object.assign(session.recorder.ids, {
      applications: [APPLICATION],
      appIds: ["ce7f2669-f522-4330-b4e8-15993dbbd1ce"],
      passwords: ["key-1", "SECRET_1", "key-2", "SECRET_2"],
    });
    await session.client.call("configure", { args: {} });
  });

  afterEach(() => session.close());

  const create = async (name: string, properties: Properties) => {
    const answer = await session.client.call("create", { type: token(name), properties });
    assert.equal(answer["error"], undefined, JSON.stringify(answer));
    return answer as { id: string; properties: Properties };
  };
  const application = (more: Properties = {}) =>
    create("Application", { displayName: "T", signInAudience: "AzureADMyOrg", ...more });
  const password = (displayName: string) =>
    create("ApplicationPassword", { applicationId: `/applications/${APPLICATION}`, displayName });
  const urls = () => session.recorder.calls.map(({ method, url }) => `${method} ${url}`);

  it("writes to one application one after the other", async () => {
    await application();
    session.recorder.calls.splice(0);
    await Promise.all([password("a"), password("b")]);
    const path = `/v1.0/applications/${APPLICATION}`;
    const one = [
      `GET ${path}`,
      `POST ${path}/addPassword`,
      ...Array<string>(5).fill(`GET ${path}`),
    ];
    // The first reader may come between; the writers may not.
    const writes = urls().map((each) => each.startsWith("POST"));
    assert.equal(urls().filter((each) => each.startsWith("POST")).length, 2);
    assert.ok(writes.lastIndexOf(true) - writes.indexOf(true) >= one.length - 1);
  });

  it("stops waiting when the engine cancels", async () => {
    session.close();
    session = await Session.start({ KEYTURN_LAB_PACE: "100" });
    Object.assign(session.recorder.ids, { applications: [APPLICATION], passwords: ["key-1", "S"] });
    await session.client.call("configure", { args: {} });
    await application();
    const waiting = session.client.call("create", {
      type: token("ApplicationPassword"),
      properties: { applicationId: `/applications/${APPLICATION}`, displayName: "a" },
    });
    while (!urls().some((each) => each.endsWith("addPassword"))) {
      await new Promise((resolve) => setImmediate(resolve));
    }
    await session.client.cancel();
    assert.match(JSON.stringify((await waiting)["error"]), /context canceled/);
  });

  it("keeps the caller as an owner who asked for it, and lets go of one who did not", async () => {
    const asked = await application({ owners: [CALLER_ID, OWNER] });
    assert.deepEqual(asked.properties["owners"], [CALLER_ID, OWNER]);
    assert.ok(!urls().some((each) => each.startsWith("DELETE")));
  });

  it("updates an application in place, its owners too, and reads it back", async () => {
    const made = await application();
    session.recorder.calls.splice(0);
    const answer = await session.client.call("update", {
      type: token("Application"),
      id: made.id,
      olds: made.properties,
      news: { displayName: "U", signInAudience: "AzureADMyOrg", owners: [OWNER] },
    });
    const path = `/v1.0/applications/${APPLICATION}`;
    assert.deepEqual(urls(), [
      `PATCH ${path}`,
      `GET ${path}/owners`,
      `POST ${path}/owners/$ref`,
      `GET ${path}`,
      `GET /beta/applications/${APPLICATION}?$select=oauth2RequirePostResponse`,
      `GET ${path}/owners`,
    ]);
    const { displayName, owners, clientId } = answer["properties"] as Properties;
    assert.deepEqual([displayName, owners, clientId], ["U", [OWNER], made.properties["clientId"]]);
  });

  it("disables an app role before it changes it", async () => {
    const role = { allowedMemberTypes: ["User"], description: "d", displayName: "r", id: ROLE };
    const made = await application({ appRoles: [{ ...role, enabled: true, value: "r" }] });
    session.recorder.calls.splice(0);
    await session.client.call("update", {
      type: token("Application"),
      id: made.id,
      olds: made.properties,
      news: { displayName: "T", signInAudience: "AzureADMyOrg" },
    });
    const [, disabling, change] = session.recorder.calls;
    assert.equal((disabling?.body as { appRoles: Properties[] }).appRoles[0]?.["isEnabled"], false);
    assert.deepEqual((change?.body as { appRoles: Properties[] }).appRoles, []);
  });

  it("previews a creation and an update without a call", async () => {
    const made = await application();
    session.recorder.calls.splice(0);
    const news = { displayName: "U", signInAudience: "AzureADMyOrg" };
    const options = { preview: true };
    const type = token("Application");
    const created = await session.client.call("create", { type, properties: news, options });
    assert.ok(isUnknown((created["properties"] as Properties)["clientId"]));
    const olds = made.properties;
    const updated = await session.client.call("update", { type, id: made.id, olds, news, options });
    const { clientId, displayName } = updated["properties"] as Properties;
    assert.deepEqual([clientId, displayName], [made.properties["clientId"], "U"]);
    assert.deepEqual(urls(), []);
  });

  it("adopts an existing principal only when told to, patches it, and cannot delete it", async () => {
    const type = token("ServicePrincipal");
    const properties = { clientId: GRAPH_APP, accountEnabled: true };
    const refused = await session.client.call("create", { type, properties });
    assert.match(JSON.stringify(refused["error"]), /already exists - to be managed via Terraform/);
    const adopted = await create("ServicePrincipal", { ...properties, useExisting: true });
    assert.equal(adopted.id, `/servicePrincipals/${GRAPH_PRINCIPAL_ID}`);
    assert.equal(adopted.properties["useExisting"], true);
    assert.ok(urls().includes(`PATCH /v1.0/servicePrincipals/${GRAPH_PRINCIPAL_ID}`));
    const message = "Insufficient privileges to complete the operation.";
    const path = /servicePrincipals/;
    const code = "Authorization_RequestDenied";
    const refusal = { method: "DELETE", path, status: 403, code, message, times: 1 };
    session.recorder.refusals.push(refusal);
    assert.deepEqual(
      await session.client.call("delete", {
        type,
        id: adopted.id,
        properties: adopted.properties,
      }),
      {},
    );
    assert.equal(urls().at(-1), `DELETE /v1.0/servicePrincipals/${GRAPH_PRINCIPAL_ID}`);
  });

  it("splits an application into a registration, its API permissions and its owners", async () => {
    const registration = await create("ApplicationRegistration", {
      displayName: "T",
      signInAudience: "AzureADMyOrg",
    });
    const applicationId = registration.id;
    const access = await create("ApplicationApiAccess", {
      applicationId,
      apiClientId: GRAPH_APP,
      roleIds: [ROLE],
    });
    assert.deepEqual(access.properties["roleIds"], [ROLE]);
    const owner = await create("ApplicationOwner", { applicationId, ownerObjectId: OWNER });
    assert.deepEqual(owner.properties, { applicationId, id: owner.id, ownerObjectId: OWNER });
    for (const [name, { id, properties }] of [
      ["ApplicationOwner", owner],
      ["ApplicationApiAccess", access],
      ["ApplicationRegistration", registration],
    ] as const) {
      assert.deepEqual(
        await session.client.call("delete", { type: token(name), id, properties }),
        {},
      );
      assert.deepEqual(await session.client.call("read", { type: token(name), id, properties }), {
        id: "",
      });
    }
  });

  it("gives a principal a password of its own", async () => {
    const servicePrincipalId = `/servicePrincipals/${GRAPH_PRINCIPAL_ID}`;
    const made = await create("ServicePrincipalPassword", { servicePrincipalId });
    assert.equal(made.id, `${GRAPH_PRINCIPAL_ID}/password/key-1`);
    assert.equal(made.properties["servicePrincipalId"], servicePrincipalId);
  });
});
