// What exists and cannot be taken over as the config says: refused in preview and in update, by name and with what to
// write, before anything is made.
import assert from "node:assert/strict";
import type { LabControl } from "../../../packages/lab/control-client";
import { EngineError } from "../../../packages/cli/stack";
import { E2E_TIMEOUT_MS, LabStack, closing } from "../../helpers/lab-stack";
import { groupsNamed, makeVault } from "../../helpers/tenant";

const NOBODY = "00000000-0000-4000-8000-00000000dead";

describe("a config that does not fit what exists", function () {
  this.timeout(E2E_TIMEOUT_MS);
  let labStack: LabStack;
  const ids: Record<string, string> = {};

  const prepare = async (control: LabControl): Promise<Record<string, unknown>> => {
    const group = async (displayName: string): Promise<void> => {
      const made = await control.directory("create-group", { displayName });
      ids[displayName] = String(made["groupObjectId"]);
    };
    for (const name of ["Pro", "eco", "Pro "]) await group(name);
    const application = async (displayName: string, rest: object): Promise<void> => {
      const made = await control.directory("create-application", { displayName, ...rest });
      ids[displayName] = String(made["clientId"]);
    };
    await application("shared", { signInAudience: "AzureADMultipleOrgs" });
    await application("bare", { principal: false });
    await makeVault(control, "kv-policies", false);
    await makeVault(control, "kv-taken");
    return {};
  };
  before(async () => {
    labStack = await LabStack.open({ lab: { now: "2026-11-21T08:00:00Z", host: true }, prepare });
  });
  after(closing(() => labStack));

  const refused = async (
    operation: "up" | "preview",
    config: Record<string, unknown>,
    sentences: readonly RegExp[],
  ): Promise<void> => {
    labStack.configure(config);
    await assert.rejects(labStack[operation](), (error: unknown) => {
      assert.ok(error instanceof EngineError);
      for (const sentence of sentences) assert.match(error.output, sentence);
      return true;
    });
  };

  it("names a group that would be made twice, or beside one of nearly its name, and the line to write", async () => {
    for (const operation of ["preview", "up"] as const) {
      await refused(operation, {}, [
        new RegExp(`the group Pro must not be made twice: .*"Pro": ${ids["Pro"] ?? ""}`),
        new RegExp(`the group Eco must not be made beside .* got "eco" with object id`),
      ]);
    }
    assert.equal((await groupsNamed(labStack.rehearsal.control, "Pro")).length, 1);
    assert.equal((await groupsNamed(labStack.rehearsal.control, "Advanced")).length, 0);
  });

  it("names an application of the name that would be made, and the ways out", async () => {
    const { control } = labStack.rehearsal;
    // What a first run leaves that was killed between Entra's answer and the state.
    const made = await control.directory("create-application", {
      displayName: "Left over",
      principal: false,
    });
    const clientId = String(made["clientId"]);
    for (const operation of ["preview", "up"] as const) {
      await refused(operation, { "keyturn:overrides": { applicationName: "Left over" } }, [
        new RegExp(`the application Left over must not be made twice: client id ${clientId}`),
        new RegExp(`az ad app delete --id ${clientId}.*applicationClientId: ${clientId}`),
      ]);
    }
    labStack.configure({ "keyturn:overrides": undefined });
  });

  it("names a group that has another name or is not there", async () => {
    const existingGroups = { Pro: ids["Pro "], Eco: NOBODY };
    await refused("preview", { "keyturn:existingGroups": existingGroups }, [
      /existingGroups\.Pro must .* byte for byte, got .*, which is "Pro "/,
      new RegExp(
        `existingGroups\\.Eco must be the object id of a group that exists, got ${NOBODY}`,
      ),
    ]);
    labStack.configure({ "keyturn:existingGroups": undefined });
  });

  const clientIds: [what: string, clientId: () => string, RegExp][] = [
    ["an application that is not there", () => NOBODY, /an application of this tenant, and none/],
    [
      "a multi-tenant one",
      () => ids["shared"] ?? "",
      /shared has the audience AzureADMultipleOrgs/,
    ],
    ["one without a service principal", () => ids["bare"] ?? "", /az ad sp create --id/],
  ];
  for (const [what, clientId, sentence] of clientIds) {
    it(`names ${what}`, async () => {
      await refused("preview", { "keyturn:applicationClientId": clientId() }, [sentence]);
      labStack.configure({ "keyturn:applicationClientId": undefined });
    });
  }

  const vaults: [what: string, vaultName: string, vaultCreate: boolean, RegExp][] = [
    ["a vault without Azure RBAC", "kv-policies", false, /Azure RBAC enabled.*, got kv-policies/],
    ["a vault that is not there", "kv-nowhere", false, /must name a vault that exists in/],
    [
      "a vault that somebody made",
      "kv-taken",
      true,
      /must be free, but .* Set vaultCreate to false/,
    ],
  ];
  for (const [what, vaultName, vaultCreate, sentence] of vaults) {
    it(`names ${what}`, async () => {
      const existingGroups = { Pro: ids["Pro"] };
      await refused(
        "preview",
        {
          "keyturn:vaultName": vaultName,
          "keyturn:vaultCreate": vaultCreate,
          // The near name is out of the way: the vault is what is left to refuse.
          "keyturn:applicationClientId": undefined,
          "keyturn:existingGroups": existingGroups,
          "keyturn:overrides": { licenceMembers: ["Pro"] },
        },
        [sentence],
      );
    });
  }
});
