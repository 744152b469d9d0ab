// A run with no secret of the deploying identity anywhere: a GitHub job's identity token is exchanged by both providers, and a job
// that Entra does not trust gets nowhere. The pipelines' files and scripts go the same way in test/e2e/pipelines.
import assert from "node:assert/strict";
import { failureIn } from "../../packages/cli/run/failure-kinds";
import { EngineError } from "../../packages/cli/stack";
import { E2E_TIMEOUT_MS, type LabStack, PLUGINS, closing } from "../helpers/lab-stack";
import { leaksIn } from "../helpers/leaks";
import { stackServedByPeople } from "../helpers/people";
import { trustPipelines } from "../helpers/pipeline-sign-in";

describe("a run that signs in by a job's identity token", function () {
  this.timeout(E2E_TIMEOUT_MS);
  if (PLUGINS === "vendor") {
    it("is not run: the vendor's plugins take their sign-in from the engine's environment");
    return;
  }
  let labStack: LabStack;
  before(async () => {
    labStack = await stackServedByPeople("ci-sync", "2026-11-21T08:00:00Z");
    await trustPipelines(labStack.rehearsal);
  });
  after(closing(() => labStack));

  /** Lets a job of an environment begin, and the stand-ins be its children as the vendor's plugins would be. */
  async function runAs(environment: string): Promise<void> {
    const { control } = labStack.rehearsal;
    const variables = await control.environment();
    Reflect.deleteProperty(variables, "ARM_CLIENT_SECRET");
    const order = { system: "github", repository: "contoso/keyturn", environment } as const;
    const job = await control.startJob(order);
    await control.signInBy({ ...variables, ...job.variables, ARM_USE_OIDC: "true" });
  }

  it("previews what a deployment would make", async () => {
    await runAs("production");
    const { create = 0 } = await labStack.preview();
    assert(create > 0);
    const { control } = labStack.rehearsal;
    const { ARM_CLIENT_ID: clientId } = await control.environment();
    const signIns = await control.signIns(clientId);
    assert(signIns.some((one) => one.ok && one.federatedCredentialId !== undefined));
    assert.deepEqual(
      signIns.filter((one) => one.keyId !== undefined),
      [],
    );
  });

  it("ends in Entra's words for a job of another environment, which `keyturn run` calls untrustedJob", async () => {
    await runAs("staging");
    await assert.rejects(labStack.preview(), (error: unknown) => {
      assert(error instanceof EngineError);
      assert.match(error.output, /AADSTS700213: .*environment:staging/);
      assert.equal(failureIn(error.output)?.kind, "untrustedJob");
      return true;
    });
  });

  it("prints neither a token nor the bearer that asks for one", async () => {
    const secrets = await labStack.rehearsal.control.secretValues();
    assert(secrets.length >= 4);
    assert.deepEqual(leaksIn("printed", labStack.printed, secrets), []);
  });
});
