// Refresh and import: what was changed or removed behind the engine's back, and what no program made.
import assert from "node:assert/strict";

import { unwrap, type Properties } from "../../../plugins/provider/values";
import type { RecordedAnswer } from "../provider/client";
import { GRAPH_PRINCIPAL_ID } from "./recorder";
import { Session } from "./session";

const APPLICATION = "86ceb9b7-540b-45c6-97e8-96cbffaebac6";
const TOP = "6190b4ee-3875-42be-91cf-c17d8bec0b28";
const SUB = "881fe223-f2fb-4d01-ab7c-708e76d91469";
const types = {
  application: "azuread:index/application:Application",
  assignment: "azuread:index/appRoleAssignment:AppRoleAssignment",
  group: "azuread:index/group:Group",
  member: "azuread:index/groupMember:GroupMember",
  password: "azuread:index/applicationPassword:ApplicationPassword",
  principal: "azuread:index/servicePrincipal:ServicePrincipal",
};

describe("azuread stand-in's refresh and import", () => {
  let session: Session;

  before(async () => {
    session = await Session.start();
    Object.assign(session.recorder.ids, {
      applications: [APPLICATION],
      appIds: ["ce7f2669-f522-4330-b4e8-15993dbbd1ce"],
      groups: [TOP, SUB],
      assignments: ["assigned"],
      passwords: ["edfb65d9-f14d-4aeb-a169-e47c643bb1d5", "SECRET_VALUE_1"],
    });
    await session.client.call("configure", { args: {} });
  });

  after(() => session.close());

  const create = async (type: string, properties: Properties): Promise<RecordedAnswer> => {
    const answer = await session.client.call("create", { type, properties });
    assert.equal(answer["error"], undefined);
    return answer;
  };
  const read = (type: string, id: string, inputs: Properties = {}, properties: Properties = {}) =>
    session.client.call("read", { type, id, inputs, properties });
  const propertiesOf = (answer: RecordedAnswer) => answer["properties"] as Properties;

  it("keeps a password's value, still secret, which Graph never tells again", async () => {
    const audience = { signInAudience: "AzureADMyOrg" };
    await create(types.application, { displayName: "T", ...audience });
    const inputs = { applicationId: `/applications/${APPLICATION}`, displayName: "a" };
    const made = await create(types.password, inputs);
    const refreshed = await read(types.password, String(made["id"]), inputs, propertiesOf(made));
    assert.deepEqual(refreshed["properties"], made["properties"]);
    assert.notEqual(propertiesOf(refreshed)["value"], "SECRET_VALUE_1");
    assert.equal(unwrap(propertiesOf(refreshed)["value"] ?? null), "SECRET_VALUE_1");
  });

  it("shows a change made elsewhere, and the difference to what the program asks for", async () => {
    const inputs = { displayName: "SecureExchanges_Licences", securityEnabled: true };
    const made = await create(types.group, inputs);
    session.recorder.change(`groups/${TOP}`, (group) => ({ ...group, displayName: "Renamed" }));
    const id = `/groups/${TOP}`;
    const refreshed = await read(types.group, id, inputs, propertiesOf(made));
    assert.deepEqual(refreshed["inputs"], { displayName: "Renamed", securityEnabled: true });
    const olds = propertiesOf(refreshed);
    const diff = await session.client.call("diff", { type: types.group, id, olds, news: inputs });
    assert.deepEqual(diff["detailed"], { displayName: "UPDATE" });
  });

  it("puts a change made elsewhere right with an update", async () => {
    const inputs = { displayName: "SecureExchanges_Licences", securityEnabled: true };
    const id = `/groups/${TOP}`;
    const { properties } = await read(types.group, id);
    const olds = properties as Properties;
    const answer = await session.client.call("update", {
      type: types.group,
      id,
      olds,
      news: inputs,
    });
    assert.equal(propertiesOf(answer)["displayName"], "SecureExchanges_Licences");
    assert.equal(propertiesOf(answer)["mailNickname"], olds["mailNickname"]);
  });

  it("imports a membership by the ids of group and member", async () => {
    await create(types.group, { displayName: "Pro", securityEnabled: true });
    const inputs = { groupObjectId: TOP, memberObjectId: SUB };
    const { id } = await create(types.member, inputs);
    assert.deepEqual(await read(types.member, String(id)), {
      id,
      inputs: { __defaults: [], ...inputs },
      properties: { ...inputs, id },
    });
  });

  it("imports a role assignment, a principal and a group by their ids", async () => {
    const inputs = {
      appRoleId: "5b567255-7703-4780-807c-7be8301ae99b",
      principalObjectId: "22ae50ab-c3bf-4283-91f9-6df5a3fbd468",
      resourceObjectId: GRAPH_PRINCIPAL_ID,
    };
    const { id } = await create(types.assignment, inputs);
    const assignment = await read(types.assignment, String(id));
    assert.deepEqual(assignment["inputs"], { __defaults: [], ...inputs });
    const principal = await read(types.principal, `/servicePrincipals/${GRAPH_PRINCIPAL_ID}`);
    assert.equal(propertiesOf(principal)["displayName"], "Microsoft Graph");
    const group = await read(types.group, `/groups/${TOP}`);
    const imported = group["inputs"] as Properties;
    assert.equal(imported["displayName"], "SecureExchanges_Licences");
    assert.equal(imported["securityEnabled"], true);
  });

  it("answers an empty id for everything that is gone", async () => {
    const absent = "66666666-6666-6666-6666-666666666666";
    const ids = [
      [types.group, `/groups/${absent}`],
      [types.principal, `/servicePrincipals/${absent}`],
      [types.member, `${absent}/member/${absent}`],
      [types.assignment, `/servicePrincipals/${absent}/appRoleAssignedTo/x`],
    ] as const;
    for (const [type, id] of ids) assert.deepEqual(await read(type, id), { id: "" });
    const password = `${absent}/password/${absent}`;
    const state = { value: "x" };
    assert.deepEqual(await read(types.password, password, {}, state), { id: "" });
  });

  it("does not import a password", async () => {
    const id = `${APPLICATION}/password/edfb65d9-f14d-4aeb-a169-e47c643bb1d5`;
    assert.deepEqual(await read(types.password, id), {
      error: {
        code: 2,
        details:
          "1 error occurred:\n\t* resource azuread_application_password doesn't support import\n\n",
      },
    });
  });

  it("refuses to import by an id of another shape", async () => {
    const answer = JSON.stringify(await read(types.group, TOP));
    assert.match(answer, /parsing the Group ID: the number of segments didn't match/);
  });
});
