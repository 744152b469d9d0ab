// Eventual consistency, switched on: created objects, passwords and members show late.
import assert from "node:assert/strict";
import { type Cloud, startCloud, valuesOf } from "../harness";

describe("an eventually consistent directory", () => {
  let cloud: Cloud;
  let token: string;
  before(async () => {
    cloud = await startCloud();
    token = await cloud.token(
      "Application.ReadWrite.All",
      "Application.Read.All",
      "Group.ReadWrite.All",
    );
    const { settings } = cloud.context.directory;
    Object.assign(settings, { objectDelaySeconds: 10, memberDelaySeconds: 10 });
  });
  after(() => cloud.close());

  const status = async (path: string) => (await cloud.graph("GET", path, { token })).status;
  const wait = () => cloud.context.clock.advance("PT10S");

  it("does not find a created application yet, and refuses to change it", async () => {
    const body = { displayName: "Late" };
    const made = await cloud.graph("POST", "/v1.0/applications", { token, body });
    const path = `/v1.0/applications/${String(made.body["id"])}`;
    assert.equal(await status(path), 404);
    assert.equal((await cloud.graph("PATCH", path, { token, body })).status, 404);
    const list = () =>
      cloud.graph("GET", "/v1.0/applications?$filter=displayName eq 'Late'", { token });
    assert.equal(valuesOf(await list()).length, 0);
    wait();
    assert.equal(await status(path), 200);
    assert.equal(valuesOf(await list()).length, 1);
    const added = await cloud.graph("POST", `${path}/addPassword`, { token, body: {} });
    const keyIds = async () => {
      const read = await cloud.graph("GET", path, { token });
      return (read.body["passwordCredentials"] as { keyId: string }[]).map((one) => one.keyId);
    };
    assert.deepEqual(await keyIds(), []);
    wait();
    assert.deepEqual(await keyIds(), [added.body["keyId"]]);
  });

  it("shows a member late, and its removal late", async () => {
    const { directory, endpoints } = cloud.context;
    const group = directory.createGroup({ displayName: "Slow" });
    wait();
    const [user] = [...directory.users.keys()];
    const members = `/v1.0/groups/${group.groupObjectId}/members`;
    const count = async () => valuesOf(await cloud.graph("GET", members, { token })).length;
    const body = { "@odata.id": `${endpoints.graphUrl}/v1.0/directoryObjects/${user ?? ""}` };
    assert.equal((await cloud.graph("POST", `${members}/$ref`, { token, body })).status, 204);
    assert.equal(await count(), 0);
    wait();
    assert.equal(await count(), 1);
    await cloud.graph("DELETE", `${members}/${user ?? ""}/$ref`, { token });
    assert.equal(await count(), 1);
    wait();
    assert.equal(await count(), 0);
  });
});
