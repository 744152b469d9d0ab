// The look for applications of a name, against the lab's Graph.
import assert from "node:assert/strict";
import { makeApplication } from "../../../packages/lab/cloud/existing";
import { addForeignPassword } from "../../../packages/lab/cloud/mutations";
import { type Cloud, startTrustedCloud } from "../../../packages/lab/test/cloud/harness";
import { namesakeProblems } from "../../../src/decide/namesakes";
import { GraphReader } from "../../../src/http/graph";
import { applicationsNamed } from "../../../src/observe/namesakes";
import { sentence } from "../../../src/problems";

describe("an application of the name that is about to be made", () => {
  let cloud: Cloud;
  let graph: GraphReader;
  before(async () => {
    cloud = await startTrustedCloud();
    graph = new GraphReader(
      cloud.context.endpoints.graphUrl,
      await cloud.token("Application.Read.All"),
      45,
    );
  });
  after(() => cloud.close());

  const make = (displayName: string): string =>
    makeApplication(cloud.context.directory, {
      displayName,
      permissions: [],
      consents: [],
      signInAudience: "AzureADMyOrg",
      owned: true,
      principal: false,
    }).clientId;
  const problemsOf = async (name: string): Promise<string[]> =>
    namesakeProblems(name, await applicationsNamed(graph, name)).map(sentence);

  it("is none where nobody has the name", async () => {
    make("SESAR archive");
    assert.deepEqual(await problemsOf("SESAR"), []);
  });

  it("is named with its client id, and may be taken over, removed, or left beside another name", async () => {
    const clientId = make("O'Brien's SESAR");
    const [problem = "", ...more] = await problemsOf("O'Brien's SESAR");
    assert.deepEqual(more, []);
    assert.match(
      problem,
      new RegExp(
        `must not be made twice: client id ${clientId}, made 20.*Z, has no secret.*` +
          `Remove it \\(az ad app delete --id ${clientId}\\), or take it over \\(applicationClientId: ${clientId} in .*overrides\\.applicationName`,
      ),
    );
  });

  it("is not to be removed while somebody may sign in with it", async () => {
    const clientId = make("Held");
    addForeignPassword(cloud.context.directory, clientId, {
      displayName: "held 2026-05",
      endDateTime: "2027-05-01T00:00:00Z",
    });
    const [problem = ""] = await problemsOf("Held");
    assert.match(problem, /has 1 of its own \(held 2026-05\), with which somebody may sign in/);
    assert.match(
      problem,
      /Take it over .*, or, once nobody signs in with it, remove it \(az ad app delete/,
    );
  });

  it("is named each, where there are two", async () => {
    make("Twice");
    make("Twice");
    assert.equal((await problemsOf("Twice")).length, 2);
  });
});
