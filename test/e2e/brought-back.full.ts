// A state that is brought back from before a rotation, and one that is lost: the secret that the service lives on is then
// unknown to the stack. It is never called nobody's, no run asks for its removal, and `keyturn adopt` takes it over.
import assert from "node:assert/strict";
import { readFileSync, readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { parse } from "yaml";
import { DEPLOYER_CLIENT_ID } from "../../packages/lab/cloud/seed";
import { CommandLine, type Said } from "../helpers/command-line";
import { DeployedStack } from "../helpers/deployed-stack";
import { E2E_TIMEOUT_MS } from "../helpers/lab-stack";
import { groupsNamed } from "../helpers/tenant";

const GROUPS = ["SecureExchanges_Licences", "Advanced", "Eco", "No_Licence", "Pro"];
const NOTHING = JSON.stringify({ version: 3, deployment: {} });

describe("a state that does not know the live secret", function () {
  this.timeout(2 * E2E_TIMEOUT_MS);
  let deployed: DeployedStack;
  let commands: CommandLine;
  let former: string;
  let live: string;
  before(async () => {
    deployed = await DeployedStack.open();
    commands = new CommandLine(deployed.labStack);
    former = await deployed.labStack.rehearsal.stack.exportState();
    deployed.rotateNow();
    await deployed.labStack.up();
    live = (await deployed.history()).active?.keyId ?? "";
  });
  after(async () => {
    await (deployed as DeployedStack | undefined)?.close();
  });

  /** What an operation prints. */
  const printedBy = async (operation: () => Promise<unknown>): Promise<string> => {
    const { length } = deployed.labStack.printed;
    await operation();
    return deployed.labStack.printed.slice(length);
  };
  /** The words of the command that takes a secret over, as a run's note gives it. */
  const adoptWords = (printed: string, keyId: string): string[] => {
    const [, words] =
      new RegExp(`keyturn (adopt ${keyId} --label \\S+ --ends \\S+)`).exec(printed) ?? [];
    assert(words !== undefined, printed);
    return words.split(" ");
  };
  const heldBy = (keyId: string, words: string): RegExp => new RegExp(`${keyId} .*${words}`);
  const configOf = (key: string): unknown => {
    const { workspaceDir, stack } = deployed.labStack.rehearsal;
    const file = join(workspaceDir, `Pulumi.${stack.place.stackName}.yaml`);
    const { config } = parse(readFileSync(file, "utf8")) as { config: Record<string, unknown> };
    return config[`keyturn:${key}`];
  };
  /** A command of somebody who is signed in, as a kept rehearsal is not. */
  const signedIn = async (...words: readonly string[]): Promise<Said> => {
    const { ARM_CLIENT_SECRET } = await deployed.labStack.rehearsal.control.environment();
    return commands.runIn({ ARM_CLIENT_SECRET }, ...words);
  };
  /** What no finding out may change: state, directory, vault, and the host's service and records. */
  const unchangeable = async (): Promise<unknown> => {
    const { control, stack } = deployed.labStack.rehearsal;
    const folder = `${deployed.file}.keyturn`;
    const { stops } = await deployed.service();
    return [
      await stack.exportState(),
      (await deployed.issued()).map(({ keyId }) => keyId),
      (await control.status()).vaults,
      stops.length,
      readdirSync(folder).map((name) => [name, statSync(join(folder, name)).mtimeMs]),
    ];
  };
  const assertNeverNobodys = (printed: string): void => {
    assert.doesNotMatch(printed, /nobody holds|credential delete/);
  };
  const assertUnharmed = async (): Promise<void> => {
    const { active } = await deployed.history();
    assert.equal(await deployed.heldKeyId(), active?.keyId);
    const { failedSyncs, documentsLost } = await deployed.service();
    assert.deepEqual([failedSyncs, documentsLost], [0, 0]);
    assert(await deployed.accepted(live));
  };

  describe("since it was brought back from before the rotation", () => {
    let printed: string;
    before(async () => {
      await deployed.labStack.importState(former);
      printed = await printedBy(() => deployed.labStack.preview());
    });

    it("calls it unknown, demands nothing, and says how to find out and how to take it over", () => {
      assert.match(printed, /2026-11-g1 \(key id .*whether a service holds it is not known/);
      assert.match(printed, /Find out: .*Sign-in logs/);
      assertNeverNobodys(printed);
    });

    it("has keyturn adopt find by the host's word who holds it, and say which source it could not ask", async () => {
      const { code, stdout, stderr } = await signedIn("adopt");
      assert.equal(code, 0, stderr);
      assert.match(stdout, heldBy(live, "to be taken over +sesar, by its host's journal"));
      assert.match(stdout, /sign-in log .*not known: .*AuditLog\.Read\.All/);
      assert.match(stdout, /Nothing was written\. With --yes it is\./);
      assert.equal(configOf("adopted"), undefined);
    });

    it("takes it over by the command that it has named, twice like once", async () => {
      const words = adoptWords(printed, live);
      const first = await commands.run(...words);
      assert.equal(first.code, 0, first.stderr);
      assert.match(first.stdout, /is taken over: listed, and never removed/);
      const again = await commands.run(...words);
      assert.deepEqual([again.code, /taken over already/.test(again.stdout)], [0, true]);
    });

    it("goes on with a secret of its own, and leaves the one that was taken over", async () => {
      assertNeverNobodys(await printedBy(() => deployed.labStack.up()));
      const { active } = await deployed.history();
      assert.notEqual(active?.keyId, live);
      await assertUnharmed();
      assert.deepEqual(await deployed.labStack.rehearsal.output("orphans"), []);
    });

    it("removes it no more than any other after its overlap, and says so in every run", async () => {
      await deployed.labStack.rehearsal.control.moveClock({ advance: "P20D" });
      await deployed.labStack.up();
      const printed = await printedBy(() => deployed.labStack.up());
      assert.match(printed, /is taken over: .* Its overlap is over, but it is not known/);
      await assertUnharmed();
    });
  });

  describe("since it was lost, and the stack is made again over the application", () => {
    let clientId: string;
    before(async () => {
      const { control } = deployed.labStack.rehearsal;
      clientId = String(await deployed.labStack.rehearsal.output("clientId"));
      live = (await deployed.history()).active?.keyId ?? "";
      const groups = GROUPS.map(async (name) => {
        const [group] = await groupsNamed(control, name);
        return [name, group?.groupObjectId] as const;
      });
      deployed.labStack.configure({
        "keyturn:applicationClientId": clientId,
        "keyturn:existingGroups": Object.fromEntries(await Promise.all(groups)),
        // The names in the former vault are taken by secrets that this stack did not make.
        "keyturn:vaultName": "keyturn-again",
        "keyturn:adopted": undefined,
      });
      // The host knows the former vault's credential as the one that writes its file.
      deployed.override({ formerWriters: ["keyturn-lab:sesar"] });
      await deployed.labStack.importState(NOTHING);
    });

    it("waits with its first secret, demands no removal of one that may be in use, and names the way", async () => {
      const said = await deployed.failingUp();
      assert.match(said, /waits to be issued: \d secrets on the application/);
      assert.match(said, /Delete none that may be in use/);
      assertNeverNobodys(said);
      assert.equal((await deployed.service()).failedSyncs, 0);
    });

    it("has keyturn adopt find the application, and by host, log and vault who holds which secret, and changes nothing but the config", async () => {
      const { control } = deployed.labStack.rehearsal;
      const role = { clientId: DEPLOYER_CLIENT_ID, role: "AuditLog.Read.All" };
      await control.directory("grant-role", role);
      deployed.labStack.configure({ "keyturn:applicationClientId": undefined });
      await deployed.atRest();
      const before = await unchangeable();
      const { code, stdout, stderr } = await signedIn("adopt", "--yes");
      assert.equal(code, 0, stderr);
      await control.directory("revoke-role", role);
      assert.deepEqual(await unchangeable(), before);

      assert.match(stdout, heldBy(live, "to be taken over +sesar, by its host's journal"));
      assert.doesNotMatch(stdout, /sign-in log shows is not known/);
      assert.match(stdout, /the vault keyturn-lab keeps its value/);
      assert.match(stdout, /vault keyturn-again .*not known: there is none of this name/);
      assert.equal(configOf("applicationClientId"), clientId);
      const adopted = Object.keys(configOf("adopted") as object);
      assert(adopted.includes(live));
      // One that the log and the host show to be nobody's is left out, and only such a one.
      for (const { keyId, displayName, acceptedNow } of await deployed.issued()) {
        if (!acceptedNow || displayName?.startsWith("sesar ") !== true) continue;
        const leftOut = stdout.includes(`(key id ${keyId}) is not taken over: nobody holds it`);
        assert.notEqual(adopted.includes(keyId), leftOut, stdout);
      }
    });

    it("goes on by that way, and the service never fails", async () => {
      assertNeverNobodys(await printedBy(() => deployed.labStack.up()));
      assert.notEqual((await deployed.history()).active?.keyId, live);
      await assertUnharmed();
    });
  });
});
