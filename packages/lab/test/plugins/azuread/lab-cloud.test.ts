// The stand-in on the lab's own cloud: permissions are checked, objects and passwords show late, and
// a secret that it makes really signs in.
import assert from "node:assert/strict";

import { type CloudContext, createCloudContext } from "../../../cloud/context";
import { revokeAppRole } from "../../../cloud/mutations";
import { text } from "../../../plugins/azuread/json";
import { unwrap, type Properties } from "../../../plugins/provider/values";
import { request } from "../../../shared/https";
import type { StandInClient } from "../provider/client";
import { type OnCloud, standInOn } from "./on-cloud";

const token = (name: string) =>
  `azuread:index/${name.charAt(0).toLowerCase()}${name.slice(1)}:${name}`;

describe("azuread stand-in on the lab's cloud", () => {
  let context: CloudContext;
  let onCloud: OnCloud;
  let client: StandInClient;

  before(async () => {
    context = await createCloudContext({ settings: { objectDelaySeconds: 2 } });
    context.clock.rate = 10;
    onCloud = await standInOn(context, 0.05);
    ({ client } = onCloud);
  });

  after(() => onCloud.close());

  const create = async (name: string, properties: Properties) => {
    const answer = await client.call("create", { type: token(name), properties });
    assert.equal(answer["error"], undefined, JSON.stringify(answer["error"]));
    return answer as { id: string; properties: Properties };
  };
  const remove = (name: string, { id, properties }: { id: string; properties: Properties }) =>
    client.call("delete", { type: token(name), id, properties });
  const signIn = async (clientId: string, secret: string): Promise<number> => {
    const { loginUrl, graphUrl } = context.endpoints;
    const { status } = await request({
      method: "POST",
      url: `${loginUrl}/${context.tenantId}/oauth2/v2.0/token`,
      headers: { "content-type": "application/x-www-form-urlencoded" },
      body: new URLSearchParams({
        client_id: clientId,
        client_secret: secret,
        grant_type: "client_credentials",
        scope: `${graphUrl}/.default`,
      }).toString(),
    });
    return status;
  };
  const owners = () => [context.seed.deployer.servicePrincipalObjectId];

  it("makes an application whose secret signs in until it is removed", async () => {
    const application = await create("Application", {
      displayName: "SESAR",
      owners: owners(),
      signInAudience: "AzureADMyOrg",
    });
    const clientId = text(application.properties, "clientId");
    await create("ServicePrincipal", { clientId, accountEnabled: true, owners: owners() });
    const password = await create("ApplicationPassword", {
      applicationId: application.id,
      displayName: "sesar 2026-05",
      endDate: "2099-01-01T00:00:00Z",
    });
    const secret = text({ value: unwrap(password.properties["value"] ?? null) }, "value");
    context.clock.advance("PT10M");
    assert.equal(await signIn(clientId, secret), 200);
    assert.equal(password.properties["endDate"], "2099-01-01T00:00:00Z");
    assert.deepEqual(await remove("ApplicationPassword", password), {});
    context.clock.advance("PT10M");
    assert.equal(await signIn(clientId, secret), 401);
  });

  it("finds nothing to change in what it has just made, nor after a refresh", async () => {
    const inputs = { displayName: "Eco", securityEnabled: true };
    const made = await create("Group", inputs);
    const type = token("Group");
    const { id } = made;
    const olds = made.properties;
    const atOnce = await client.call("diff", { type, id, olds, oldInputs: inputs, news: inputs });
    assert.equal(atOnce["changes"], "NONE");
    const read = await client.call("read", { type, id, inputs, properties: olds });
    const later = await client.call("diff", {
      type,
      id,
      olds: read["properties"] as Properties,
      oldInputs: inputs,
      news: inputs,
    });
    assert.equal(later["changes"], "NONE");
  });

  it("says what Graph says when the deploying identity lacks a role", async () => {
    revokeAppRole(context.directory, context.seed.deployer.clientId, "Group.Create");
    await client.call("configure", { args: {} });
    const answer = await client.call("create", {
      type: token("Group"),
      properties: { displayName: "Pro", securityEnabled: true },
    });
    assert.deepEqual(answer, {
      error: {
        code: 2,
        details:
          '1 error occurred:\n\t* Creating group "Pro": unexpected status 403 (403 Forbidden) with ' +
          "error: Authorization_RequestDenied: Insufficient privileges to complete the operation.\n\n",
      },
    });
  });
});
