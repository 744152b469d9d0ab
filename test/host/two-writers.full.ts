// Two credentials in one readable file, each edited by a stack of its own: neither undoes the other.
import assert from "node:assert/strict";
import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { HostUpdate } from "../../src/contracts/host-update";
import { interpreters } from "../helpers/interpreters";
import { FORMER, FRESH, FakeHost } from "../helpers/fake-host";

const OTHER = "other~Secret";

/** The text before a value names the instance, so that it stands once. */
const edit = (instance: string, keyId: string, value: string) =>
  ({
    keyId: `${keyId.repeat(8)}-2222-3333-4444-555555555555`,
    value,
    consumer: instance,
    writer: `kv-office:${instance}`,
    fileMode: "edit",
    before: `"${instance}": "`,
    after: '"',
    window: "none",
    traceDirectory: "",
    tracePattern: "",
    tracePrefix: "",
    traceSuffix: "",
    failurePatterns: [],
    proofSyncLine: false,
    proofReencrypted: false,
  }) as const satisfies Partial<HostUpdate>;

describe("two stacks that edit one file", function () {
  this.timeout(60_000);
  let fakeHost: FakeHost;
  before(async () => {
    const interpreter = interpreters().find(({ absent }) => absent === undefined);
    assert(interpreter !== undefined);
    fakeHost = new FakeHost(interpreter);
    rmSync(join(fakeHost.service, "reencrypts"));
    fakeHost.option("accepted", [FORMER, FRESH, OTHER, ""].join("\n"));
    writeFileSync(fakeHost.file, fileWith("a", "b", FORMER));
    await fakeHost.begin();
  });
  after(async () => {
    await fakeHost.end();
  });

  /** The service reads the last of these lines; it is nobody's here. */
  const fileWith = (sales: string, legal: string, own: string): string =>
    `{\n  "Sales": "${sales}",\n  "Legal": "${legal}",\n  "AzureAD_Secret": "${own}"\n}`;
  const run = async (...args: Parameters<typeof edit>): Promise<string | undefined> => {
    const { report, stderr } = await fakeHost.run("apply", edit(...args));
    return report?.outcome === "refused" ? stderr : report?.outcome;
  };

  it("each change their own value and leave the other's", async () => {
    assert.equal(await run("Sales", "1", FRESH), "updated");
    assert.equal(await run("Legal", "2", OTHER), "updated");
    assert.equal(readFileSync(fakeHost.file, "utf8"), fileWith(FRESH, OTHER, FORMER));
  });

  it("keep both values when one is asked again, at the price of a restart: the journal remembers the last", async () => {
    assert.equal(await run("Sales", "1", FRESH), "updated");
    assert.equal(readFileSync(fakeHost.file, "utf8"), fileWith(FRESH, OTHER, FORMER));
    assert.equal(await run("Sales", "1", FRESH), "alreadyAdopted");
  });

  it("rotate one without the other", async () => {
    assert.equal(await run("Sales", "3", FORMER), "updated");
    assert.equal(readFileSync(fakeHost.file, "utf8"), fileWith(FORMER, OTHER, FORMER));
  });
});
