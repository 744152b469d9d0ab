// A stack that a person makes and a pipeline goes on with: the config's owners are what the pipeline needs, beside fewer rights
// than whoever makes the application.
import assert from "node:assert/strict";
import { EngineError, type OperationOptions } from "../../../packages/cli/stack";
import { E2E_TIMEOUT_MS, LabStack, closing } from "../../helpers/lab-stack";
import { leaksIn } from "../../helpers/leaks";
import { type Somebody, deployer, somebody } from "../../helpers/tenant";

/** Graph's permissions and Azure's roles, as docs/rights.md gives them to a pipeline that goes on. */
const GRAPH = ["Application.Read.All", "Application.ReadWrite.OwnedBy", "Group.Read.All"];
const AZURE = ["Contributor", "Key Vault Secrets Officer"];

describe("a stack that a person made and a pipeline goes on with", function () {
  this.timeout(E2E_TIMEOUT_MS);
  let labStack: LabStack;
  let person: Somebody;
  let pipeline: Somebody;
  let outsider: Somebody;
  before(async () => {
    labStack = await LabStack.open({ lab: { now: "2026-11-21T08:00:00Z" } });
    const { control } = labStack.rehearsal;
    person = await deployer(control);
    const owner = await identity("pipeline");
    pipeline = owner;
    outsider = await identity("another pipeline");
    labStack.configure({ "keyturn:owners": [owner.servicePrincipalObjectId] });
    await runBy(person);
  });
  after(closing(() => labStack));

  /** An identity with the documented rights. */
  async function identity(name: string): Promise<Awaited<ReturnType<typeof somebody>>> {
    const { control } = labStack.rehearsal;
    const made = await somebody(control, name);
    const { clientId, servicePrincipalObjectId: principal } = made;
    for (const role of GRAPH) await control.directory("grant-role", { clientId, role });
    for (const role of AZURE) await control.azure("grant-role", { principal, role });
    return made;
  }

  /** A run by an identity: the lab's plugins run already, so the providers' configuration says which. */
  async function runBy(who: Somebody, options: OperationOptions = {}): Promise<void> {
    const { stack } = labStack.rehearsal;
    for (const provider of ["azuread", "azure-native"]) {
      await stack.setSecret(`${provider}:clientId`, who.clientId);
      await stack.setSecret(`${provider}:clientSecret`, who.clientSecret);
    }
    await labStack.up(options);
  }

  it("is nothing to do for the pipeline, which looks at everything anew", async () => {
    await runBy(pipeline, { refresh: true, expectNoChanges: true });
  });

  it("is rotated by the pipeline, with no document lost", async () => {
    labStack.configure({ "keyturn:generation": 1 });
    await runBy(pipeline);
    assert.equal((await labStack.history()).active?.label, "2026-11-g1");
    const { failedSyncs, documentsLost } = await labStack.rehearsal.service();
    assert.deepEqual([failedSyncs, documentsLost], [0, 0]);
    await labStack.up({ expectNoChanges: true });
  });

  it("is not rotated by an identity with the same rights that owns nothing of it", async () => {
    labStack.configure({ "keyturn:generation": 2 });
    await assert.rejects(runBy(outsider), (error: unknown) => {
      assert.ok(error instanceof EngineError);
      assert.match(error.output, /ApplicationPassword.*Authorization_RequestDenied/s);
      return true;
    });
    assert.equal((await labStack.history()).active?.label, "2026-11-g1");
  });

  it("goes on by the person's hand and by the pipeline's in turn", async () => {
    await runBy(person);
    assert.equal((await labStack.history()).active?.label, "2026-11-g2");
    await runBy(pipeline, { expectNoChanges: true });
  });

  it("makes nobody print a secret", async () => {
    const secrets = await labStack.rehearsal.control.secretValues();
    assert.deepEqual(leaksIn("printed", labStack.printed, secrets), []);
  });
});
