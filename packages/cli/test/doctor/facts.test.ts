// What the checks share: read once, and what stands in the way of a reading is said where it is put right.
import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Facts, InvalidConfig } from "../../doctor/facts";
import { Unmet } from "../../doctor/run-checks";
import { EngineError } from "../../engine";
import type { Project } from "../../project/project";

const PLACE = { tenantId: "44444444-4444-4444-8444-444444444444", environment: "china" };

describe("the doctor's facts", () => {
  const folder = mkdtempSync(join(tmpdir(), "keyturn-facts-"));
  after(() => rmSync(folder, { recursive: true }));
  let asked: string[] = [];

  const factsOf = (values: object, secret?: () => Promise<string>): Facts => {
    asked = [];
    const configPath = join(folder, "Pulumi.dev.yaml");
    const secrets = secret && "\n  keyturn:consumerSecrets: { sesar: { privateKey: plain } }";
    writeFileSync(configPath, `config:${secrets ?? " {}"}\n`);
    const stack = {
      config: () => {
        asked.push("config");
        return Promise.resolve(values);
      },
      configValue: secret,
    };
    const project = { name: "keyturn", stackName: "dev", configPath, stack };
    return new Facts(project as unknown as Project, {});
  };

  it("ask for the config once, and know the place of one that cannot be used", async () => {
    const facts = factsOf(PLACE);
    await assert.rejects(facts.config(), InvalidConfig);
    await assert.rejects(facts.config(), (error: InvalidConfig) => /anchor/.test(error.problems));
    const { tenantId, environment, metadataHost } = await facts.place();
    assert.deepEqual({ tenantId, environment, metadataHost }, { ...PLACE, metadataHost: "" });
    assert.deepEqual(asked, ["config"]);
  });

  it("say of secrets that are not encrypted that they must be", async () => {
    const facts = factsOf(PLACE, () => Promise.resolve('{"sesar":{"privateKey":"plain"}}'));
    await assert.rejects(facts.config(), (error: InvalidConfig) =>
      /consumerSecrets must be encrypted/.test(error.problems),
    );
  });

  it("say why secrets cannot be decrypted, and how they could be", async () => {
    const locked = new EngineError("config get", "error: incorrect passphrase\n", undefined);
    const facts = factsOf(PLACE, () => Promise.reject(locked));
    await assert.rejects(facts.config(), (error: Unmet) => {
      assert.ok(error instanceof Unmet && !(error instanceof InvalidConfig));
      assert.equal(error.message, "The stack's secrets cannot be decrypted: incorrect passphrase.");
      return /PULUMI_CONFIG_PASSPHRASE_FILE/.test(error.remedy);
    });
  });
});
