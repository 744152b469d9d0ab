// Groups and members, users and mailbox settings: what the provider writes and the simulated service reads.
import assert from "node:assert/strict";
import { addUserToGroup } from "../../../cloud/mutations";
import { type Cloud, errorOf, startCloud, valuesOf } from "../harness";

describe("Graph groups and users", () => {
  let cloud: Cloud;
  let token: string;
  before(async () => {
    cloud = await startCloud();
    token = await cloud.token("Group.ReadWrite.All", "User.Read.All", "MailboxSettings.Read");
  });
  after(() => cloud.close());

  const call = (method: string, path: string, body?: unknown) =>
    cloud.graph(method, path, { token, body });
  const group = async (displayName: string): Promise<string> => {
    const body = {
      displayName,
      mailEnabled: false,
      mailNickname: displayName,
      securityEnabled: true,
    };
    const made = await call("POST", "/beta/groups", body);
    assert.equal(made.status, 201, made.text);
    return String(made.body["id"]);
  };
  const reference = (id: string) => ({
    "@odata.id": `${cloud.context.endpoints.graphUrl}/beta/directoryObjects/${id}`,
  });
  const ids = async (path: string) => valuesOf(await call("GET", path)).map((one) => one["id"]);

  it("show membershipRule as null, not absent", async () => {
    const read = await call("GET", `/beta/groups/${await group("Rule")}`);
    assert.equal(read.body["membershipRule"], null);
    assert.match(String(read.body["securityIdentifier"]), /^S-1-12-1-\d+-\d+-\d+-\d+$/);
  });

  const required = ["displayName", "mailEnabled", "mailNickname", "securityEnabled"] as const;
  for (const name of required) {
    it(`are refused without ${name}`, async () => {
      const whole = {
        displayName: "x",
        mailEnabled: false,
        mailNickname: "x",
        securityEnabled: true,
      };
      const body = Object.fromEntries(Object.entries(whole).filter(([key]) => key !== name));
      const answer = await call("POST", "/v1.0/groups", body);
      assert.equal(
        errorOf(answer).message,
        `A value is required for property '${name}' of resource 'Group'.`,
      );
    });
  }

  it("are refused with a nickname that no mail address can have", async () => {
    const body = {
      displayName: "x",
      mailEnabled: false,
      mailNickname: "a b",
      securityEnabled: true,
    };
    assert.equal((await call("POST", "/v1.0/groups", body)).status, 400);
  });

  it("are found by name without case, and by the start of it", async () => {
    const id = await group("SecureExchanges_Licences");
    assert.deepEqual(await ids("/v1.0/groups?$filter=displayName eq 'secureexchanges_licences'"), [
      id,
    ]);
    assert.deepEqual(
      await ids(
        "/v1.0/groups?$filter=startsWith(displayName,'SecureEx') and securityEnabled eq true",
      ),
      [id],
    );
    assert.deepEqual(await ids("/v1.0/groups?$filter=displayName eq 'Nobody''s'"), []);
  });

  it("take members once, show them typed, and let go of them once", async () => {
    const [outer, inner] = [await group("Outer"), await group("Pro")];
    const [user] = [...cloud.context.directory.users.keys()];
    assert.ok(user);
    const members = `/v1.0/groups/${outer}/members`;
    for (const id of [inner, user]) {
      assert.equal((await call("POST", `${members}/$ref`, reference(id))).status, 204);
    }
    const again = await call("POST", `${members}/$ref`, reference(inner));
    assert.equal(
      errorOf(again).message,
      "One or more added object references already exist for the following modified properties: 'members'.",
    );
    const shown = valuesOf(await call("GET", members)).map((one) => one["@odata.type"]);
    assert.deepEqual(shown, ["#microsoft.graph.group", "#microsoft.graph.user"]);
    assert.deepEqual(await ids(`${members}/microsoft.graph.group`), [inner]);
    assert.deepEqual(await ids(`${members}?$filter=id eq '${user}'`), [user]);
    assert.deepEqual(await ids(`/beta/groups/${inner}/memberOf`), [outer]);
    assert.equal((await call("DELETE", `${members}/${inner}/$ref`)).status, 204);
    assert.equal((await call("DELETE", `${members}/${inner}/$ref`)).status, 404);
    assert.deepEqual(await ids(members), [user]);
  });

  it("list members of members once, in a circle too", async () => {
    const [outer, inner] = [await group("A"), await group("B")];
    await call("POST", `/v1.0/groups/${outer}/members/$ref`, reference(inner));
    await call("POST", `/v1.0/groups/${inner}/members/$ref`, reference(outer));
    const { directory } = cloud.context;
    const [first, second] = [...directory.users.keys()];
    assert.ok(first !== undefined && second !== undefined);
    for (const user of [first, second]) addUserToGroup(directory, inner, user);
    addUserToGroup(directory, outer, first);
    const members = `/v1.0/groups/${outer}/transitiveMembers`;
    const users = await ids(`${members}/microsoft.graph.user`);
    assert.deepEqual([...users].sort(), [first, second].sort());
    assert.deepEqual(
      (await ids(members)).filter((id) => id === inner || id === outer),
      [inner],
    );
  });

  it("disappear from the groups they were in", async () => {
    const [outer, inner] = [await group("Parent"), await group("Child")];
    await call("POST", `/v1.0/groups/${outer}/members/$ref`, reference(inner));
    assert.equal((await call("DELETE", `/beta/groups/${inner}`)).status, 204);
    assert.deepEqual(await ids(`/v1.0/groups/${outer}/members`), []);
  });

  it("page by next link until all are seen", async () => {
    const seen: unknown[] = [];
    let next: unknown = `${cloud.context.endpoints.graphUrl}/v1.0/users?$top=5&$select=id,mail`;
    let pages = 0;
    while (typeof next === "string") {
      const page = await call("GET", next.replace(cloud.context.endpoints.graphUrl, ""));
      assert.equal(page.status, 200, page.text);
      for (const user of valuesOf(page)) {
        assert.deepEqual(Object.keys(user).sort(), ["id", "mail"]);
        seen.push(user["id"]);
      }
      next = page.body["@odata.nextLink"];
      pages += 1;
    }
    assert.equal(pages, 3);
    assert.equal(new Set(seen).size, 12);
    assert.equal((await call("GET", "/v1.0/users?$top=0")).status, 400);
    assert.equal((await call("GET", "/v1.0/users?$skiptoken=zzz")).status, 400);
  });

  it("give a user by principal name, and mailbox settings with their own refusal", async () => {
    const [user] = [...cloud.context.directory.users.values()];
    assert.ok(user);
    const name = String(user.properties["userPrincipalName"]);
    assert.equal((await call("GET", `/v1.0/users/${name}`)).body["id"], user.userObjectId);
    const path = `/v1.0/users/${user.userObjectId}/mailboxSettings`;
    const settings = await call("GET", path);
    assert.equal(settings.body["timeZone"], "Eastern Standard Time");
    const stranger = await cloud.token("User.Read.All");
    const refused = await cloud.graph("GET", path, { token: stranger });
    assert.deepEqual([refused.status, errorOf(refused).code], [403, "ErrorAccessDenied"]);
  });

  it("refuse a filter on a property that is none, and one that cannot be read", async () => {
    await group("Filtered");
    const unknown = await call("GET", "/v1.0/groups?$filter=colour eq 'red'");
    assert.equal(errorOf(unknown).code, "Request_UnsupportedQuery");
    const broken = await call("GET", "/v1.0/groups?$filter=displayName equals 'x'");
    assert.match(errorOf(broken).message, /^Invalid filter clause/);
  });
});
