// What the engine is told when Graph refuses, is slow to agree, or does not answer.
import assert from "node:assert/strict";

import type { Refusal } from "./recorder";
import { Session } from "./session";

const APPLICATION = "86ceb9b7-540b-45c6-97e8-96cbffaebac6";
const GROUP = "d2ef47a6-8aa5-4e46-858a-5b83ac453cd8";
const KEY = "edfb65d9-f14d-4aeb-a169-e47c643bb1d5";
const types = {
  application: "azuread:index/application:Application",
  group: "azuread:index/group:Group",
  password: "azuread:index/applicationPassword:ApplicationPassword",
  principal: "azuread:index/servicePrincipal:ServicePrincipal",
};
const DENIED = {
  status: 403,
  code: "Authorization_RequestDenied",
  message: "Insufficient privileges to complete the operation.",
};
const DENIED_TEXT =
  "unexpected status 403 (403 Forbidden) with error: Authorization_RequestDenied: " +
  "Insufficient privileges to complete the operation.";

describe("azuread stand-in when Graph refuses", () => {
  let session: Session;

  beforeEach(async () => {
    session = await Session.start();
    const { recorder, client } = session;
    Object.assign(recorder.ids, {
      applications: [APPLICATION],
      appIds: ["ce7f2669-f522-4330-b4e8-15993dbbd1ce"],
      groups: [GROUP],
      passwords: [KEY, "SECRET_VALUE_1"],
    });
    await client.call("configure", { args: {} });
  });

  afterEach(() => session.close());

  const refuse = (refusal: Omit<Refusal, "times">, times = Infinity) =>
    session.recorder.refusals.push({ ...refusal, times });
  const createApplication = (more = {}) =>
    session.client.call("create", {
      type: types.application,
      properties: { displayName: "T", signInAudience: "AzureADMyOrg", ...more },
    });
  const createPassword = () =>
    session.client.call("create", {
      type: types.password,
      properties: { applicationId: `/applications/${APPLICATION}`, displayName: "a" },
    });
  const urls = () => session.recorder.calls.map(({ method, url }) => `${method} ${url}`);

  it("gives Graph's code and text when it may not create", async () => {
    refuse({ method: "POST", path: /\/v1\.0\/applications$/, ...DENIED });
    assert.deepEqual(await createApplication(), {
      error: {
        code: 2,
        details: `1 error occurred:\n\t* Could not create application: ${DENIED_TEXT}\n\n`,
      },
    });
  });

  it("names the application when it may not add a password", async () => {
    await createApplication();
    refuse({ method: "POST", path: /addPassword$/, ...DENIED });
    assert.deepEqual(await createPassword(), {
      error: {
        code: 2,
        details:
          "1 error occurred:\n\t* Adding password for Application " +
          `(Application: "${APPLICATION}"): ${DENIED_TEXT}\n\n`,
      },
    });
  });

  it("records what exists when a creation fails half-way, with the recorded text", async () => {
    const message = `unhandled GET /beta/groups/${GROUP}/memberOf`;
    refuse({ method: "GET", path: /memberOf$/, status: 400, code: "BadRequest", message });
    const request = {
      type: types.group,
      name: "sub",
      properties: { displayName: "Pro", securityEnabled: true },
    };
    assert.deepEqual(await session.client.call("create", request), {
      error: {
        code: 2,
        details:
          `creating urn:pulumi:s::p::${types.group}::sub: 1 error occurred:\n\t* [members] Could not ` +
          `retrieve members for Group (Group: "${GROUP}"): unexpected status 400 (400 Bad Request) ` +
          `with error: BadRequest: ${message}\n\n`,
      },
    });
  });

  it("tries again when Graph is busy, throttles or fails", async () => {
    for (const status of [429, 503, 408, 424, 500]) {
      refuse({ method: "POST", path: /\/applications$/, status, code: "Busy", message: "busy" }, 1);
    }
    const answer = await createApplication();
    assert.equal(answer["id"], `/applications/${APPLICATION}`);
    assert.equal(urls().filter((each) => each === "POST /v1.0/applications").length, 6);
  });

  it("does not try again when Graph has no such operation", async () => {
    refuse({ method: "POST", path: /\/applications$/, status: 501, code: "", message: "" });
    await createApplication();
    assert.equal(urls().filter((each) => each === "POST /v1.0/applications").length, 1);
  });

  it("patches a new application until it has reached every replica", async () => {
    const missing = { code: "Request_ResourceNotFound", message: "not there" };
    refuse({ method: "PATCH", path: /\/applications\//, status: 404, ...missing }, 2);
    refuse({ method: "PATCH", path: /\/applications\//, status: 409, ...missing }, 1);
    assert.equal((await createApplication())["id"], `/applications/${APPLICATION}`);
    assert.equal(urls().filter((each) => each.startsWith("PATCH")).length, 5);
  });

  it("makes a principal as soon as Graph knows its application", async () => {
    session.recorder.ids["servicePrincipals"] = ["22ae50ab-c3bf-4283-91f9-6df5a3fbd468"];
    await createApplication();
    const clientId = "ce7f2669-f522-4330-b4e8-15993dbbd1ce";
    const message = `The appId '${clientId}' of the service principal does not reference a valid application object.`;
    const path = /\/servicePrincipals$/;
    refuse({ method: "POST", path, status: 400, code: "Request_BadRequest", message }, 2);
    const answer = await session.client.call("create", {
      type: types.principal,
      properties: { clientId, accountEnabled: true },
    });
    assert.equal(answer["id"], "/servicePrincipals/22ae50ab-c3bf-4283-91f9-6df5a3fbd468");
  });

  it("fails to delete a password that is gone already", async () => {
    await createApplication();
    await createPassword();
    session.recorder.change(`applications/${APPLICATION}`, (application) => ({
      ...application,
      passwordCredentials: [],
    }));
    const id = `${APPLICATION}/password/${KEY}`;
    assert.deepEqual(await session.client.call("delete", { type: types.password, id }), {
      error: {
        code: 2,
        details:
          `deleting urn:pulumi:s::p::${types.password}::x: 1 error occurred:\n\t* Removing password ` +
          `credential "${KEY}" from Application (Application: "${APPLICATION}"): unexpected status ` +
          "400 (400 Bad Request) with error: Request_BadRequest: No password credential found with " +
          "keyId.\n\n",
      },
    });
  });

  it("refuses a second application of the same name in the preview already", async () => {
    await createApplication();
    const again = await session.client.call("create", {
      type: types.application,
      properties: {
        displayName: "T",
        signInAudience: "AzureADMyOrg",
        preventDuplicateNames: true,
      },
      options: { preview: true },
    });
    assert.match(
      JSON.stringify(again["error"]),
      /An existing resource with the name .*T.* was found \(object ID .*86ceb9b7/,
    );
  });

  it("refuses in the preview what Graph refuses of a group", async () => {
    const answer = await session.client.call("create", {
      type: types.group,
      properties: { displayName: "G", mailEnabled: true, securityEnabled: true },
      options: { preview: true },
    });
    assert.deepEqual(answer, {
      error: {
        code: 2,
        details:
          `diffing urn:pulumi:s::p::${types.group}::x: 1 error occurred:\n\t* \`types\` must contain ` +
          '"Unified" for mail-enabled groups\n\n',
      },
    });
  });

  it("refuses to configure with a secret that is not accepted, without telling the secret", async () => {
    refuse({
      method: "POST",
      path: /\/token$/,
      status: 401,
      code: "invalid_client",
      message: "AADSTS7000215: Invalid client secret provided.",
    });
    const answer = JSON.stringify(await session.client.call("configure", { args: {} }));
    assert.match(answer, /clientCredentialsToken: received HTTP status 401 .*AADSTS7000215/);
    assert.doesNotMatch(answer, /a-secret-of-the-caller/);
  });
});

describe("azuread stand-in's settings", () => {
  it("names everything that is missing, in one error", async () => {
    const session = await Session.start({ ARM_CLIENT_ID: "", ARM_CLIENT_SECRET: "" });
    try {
      const answer = await session.client.call("configure", { args: {} });
      assert.match(
        JSON.stringify(answer),
        /Details: not set: azuread:clientId \(or ARM_CLIENT_ID\), azuread:clientSecret \(or ARM_CLIENT_SECRET\)/,
      );
    } finally {
      session.close();
    }
  });

  it("takes the provider's configuration before the environment", async () => {
    const session = await Session.start();
    try {
      const args = { tenantId: "99999999-9999-4999-8999-999999999999" };
      await session.client.call("configure", { args });
      assert.match(session.recorder.calls.at(-1)?.url ?? "", /^\/99999999-/);
    } finally {
      session.close();
    }
  });
});
