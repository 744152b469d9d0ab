// keyturn init without a person: one file is written, once; what is wrong is said at once and writes nothing.
import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, readdirSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { init } from "../../actions/init";
import { UsageError } from "../../usage-error";
import { GIVEN, without } from "../init/fixtures";

describe("init", () => {
  let folder: string;
  const stackFile = (): string => join(folder, "Pulumi.production.yaml");
  const run = (options: object): Promise<string> =>
    init({ dir: folder, stack: "production", ...options });

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "keyturn-init-"));
    writeFileSync(join(folder, "Pulumi.yaml"), "name: mail\nruntime: nodejs\n");
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  it("writes the stack's file, under the project's name, and says what comes next", async () => {
    const said = await run({ ...GIVEN, yes: true });
    assert.match(readFileSync(stackFile(), "utf8"), /^ {2}mail:tenantId: "1111/m);
    assert.deepEqual(readdirSync(folder).sort(), ["Pulumi.production.yaml", "Pulumi.yaml"]);
    assert.match(said, /^Pulumi\.production\.yaml: name, .*consumers written/);
    assert.match(said, /keyturn set-secrets archive --stack production/);
    assert.match(said, /then nothing until/);
  });

  it("writes nothing the second time", async () => {
    await run({ ...GIVEN, yes: true });
    const written = readFileSync(stackFile(), "utf8");
    const { ino } = statSync(stackFile());
    assert.match(await run({ yes: true }), /says all of it already; nothing was written/);
    assert.equal(readFileSync(stackFile(), "utf8"), written);
    assert.equal(statSync(stackFile()).ino, ino);
  });

  it("refuses an option that the file contradicts", async () => {
    await run({ ...GIVEN, yes: true });
    await assert.rejects(run({ yes: true, resourceGroup: "other", name: "sesar" }), (error) => {
      assert(error instanceof UsageError);
      return /says otherwise already of --resource-group\./.test(error.message);
    });
  });

  it("names every option that is missing or wrong, and writes nothing", async () => {
    await assert.rejects(
      run({ ...without("resourceGroup"), host: "two words", yes: true }),
      /Nothing was written:\n {2}--resource-group must be given.*\n {2}--host must be a word\./,
    );
    assert.deepEqual(readdirSync(folder), ["Pulumi.yaml"]);
  });

  it("asks nobody where there is no terminal", async () => {
    await assert.rejects(run(GIVEN), /no terminal to ask on. Give --yes/);
    assert.deepEqual(readdirSync(folder), ["Pulumi.yaml"]);
  });
});
