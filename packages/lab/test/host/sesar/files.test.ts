// SESAR's files: configuration, trace, users, documents. No process, no network.
import assert from "node:assert/strict";
import {
  chmodSync,
  existsSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Documents } from "../../../host/sesar/documents";
import { parseInstances } from "../../../host/sesar/instance";
import { InstanceFileError, isEncrypted, loadInstances } from "../../../host/sesar/instance-file";
import { Licences } from "../../../host/sesar/licences";
import { sampleInstanceFile } from "../../../host/sesar/sample";
import type { SesarFaults } from "../../../host/sesar/settings";
import { Trace } from "../../../host/sesar/trace";

const IDS = { clientId: "11111111-1111-4111-8111-111111111111", tenantId: "2222" };

describe("SESAR's files", () => {
  let folder: string;
  let path: string;

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "keyturn sesar "));
    path = join(folder, "instance.json");
  });

  afterEach(() => rmSync(folder, { recursive: true }));

  describe("loadInstances", () => {
    it("encrypts a plaintext in place and reads it again", () => {
      writeFileSync(path, sampleInstanceFile({ ...IDS, clientSecret: "Abc~very-secret" }));
      chmodSync(path, 0o604);
      const [first] = loadInstances(folder);
      const bytes = readFileSync(path);
      assert.ok(isEncrypted(bytes));
      assert.ok(!bytes.includes("very-secret"));
      assert.throws(() => JSON.parse(bytes.toString()) as unknown);
      assert.equal(statSync(path).mode & 0o777, 0o604);
      assert.deepEqual(loadInstances(folder), [first]);
      assert.equal(first?.clientSecret, "Abc~very-secret");
      assert.ok(readFileSync(path).equals(bytes), "an encrypted file is left as it is");
      assert.deepEqual(readdirSync(folder).sort(), [".host-key", "instance.json"]);
    });

    it("leaves a plaintext as it is when the service is one that does not encrypt", () => {
      const text = sampleInstanceFile({ ...IDS, clientSecret: "Abc~very-secret" });
      writeFileSync(path, text);
      assert.equal(loadInstances(folder, false)[0]?.clientSecret, "Abc~very-secret");
      assert.equal(readFileSync(path, "utf8"), text);
      assert.deepEqual(readdirSync(folder), ["instance.json"]);
    });

    it("reads an encrypted file of before again when it is put back", () => {
      writeFileSync(path, sampleInstanceFile({ ...IDS, clientSecret: "first" }));
      loadInstances(folder);
      const before = readFileSync(path);
      writeFileSync(path, sampleInstanceFile({ ...IDS, clientSecret: "second" }));
      loadInstances(folder);
      writeFileSync(path, before);
      assert.equal(loadInstances(folder)[0]?.clientSecret, "first");
    });

    it("refuses a file that another host encrypted", () => {
      writeFileSync(path, sampleInstanceFile(IDS));
      loadInstances(folder);
      rmSync(join(folder, ".host-key"));
      assert.throws(() => loadInstances(folder), /encrypted by another host/);
    });

    for (const [what, text] of [
      ["an empty file", ""],
      ["half a file", sampleInstanceFile({ ...IDS, clientSecret: "half-secret" }).slice(0, 700)],
      ["a byte order mark", `\uFEFF${sampleInstanceFile(IDS)}`],
      ["a value with a line break", sampleInstanceFile(IDS).replace("not-a-real", "not\na")],
      ["no instances", '{"instances": []}'],
      ["an instance without an API key", sampleInstanceFile(IDS).replace('"APIKey"', '"ApiKey"')],
    ] as const) {
      it(`refuses ${what}, leaves the file as it is and quotes nothing of it`, () => {
        writeFileSync(path, text);
        assert.throws(
          () => loadInstances(folder),
          (error: unknown) =>
            error instanceof InstanceFileError && !/half-secret|real/.test(error.message),
        );
        assert.equal(readFileSync(path, "utf8"), text);
      });
    }

    it("refuses a folder without the file", () => {
      assert.throws(() => loadInstances(folder), /cannot be read/);
    });

    const put = (clientSecret: string): void =>
      writeFileSync(path, sampleInstanceFile({ ...IDS, clientSecret }));
    const read = (faults: SesarFaults): string | undefined =>
      loadInstances(folder, true, faults)[0]?.clientSecret;

    it("misreads a new file at its first start only, where it is told to", () => {
      put("first");
      assert.equal(read({ misreadsNewFile: true }), "firs");
      assert.equal(read({ misreadsNewFile: true }), "first");
    });

    it("takes what the start before it found, where it is told to", () => {
      put("first");
      assert.equal(read({ readsFileLate: true }), "first");
      put("second");
      assert.equal(read({ readsFileLate: true }), "first");
      assert.ok(isEncrypted(readFileSync(path)));
      assert.equal(read({ readsFileLate: true }), "second");
    });
  });

  describe("parseInstances", () => {
    it("takes an instance without a secret, which needs no client id", () => {
      const json: unknown = JSON.parse(sampleInstanceFile({ clientId: "", tenantId: "" }));
      assert.equal(parseInstances(json).problem, undefined);
    });

    it("wants the client id and the tenant id beside a secret", () => {
      const text = sampleInstanceFile({ clientId: "", tenantId: "x", clientSecret: "s" });
      assert.match(parseInstances(JSON.parse(text)).problem ?? "", /must have AzureAD_ClientId/);
    });

    it("wants each ConfigName once", () => {
      const problem = parseInstances(JSON.parse(sampleInstanceFile(IDS, IDS))).problem;
      assert.match(problem ?? "", /same ConfigName/);
    });
  });

  describe("Trace", () => {
    it("writes the next lookup in the vendor's words, without anything before it", () => {
      const trace = new Trace(folder, "", () => new Date(2026, 8, 30, 23, 59, 59));
      trace.nextLookup(new Date(2026, 9, 1, 0, 5, 58));
      assert.equal(
        readFileSync(join(folder, "Trace_2026_9.log"), "utf8"),
        "Sync next lookup at 2026-10-01 00:05:58 ** You can stop the service before that time\n",
      );
    });

    it("begins a new file with the new month, whose number has no leading zero", () => {
      let now = new Date(2026, 11, 31, 23, 59, 59);
      const trace = new Trace(folder, "", () => now);
      trace.write("last");
      now = new Date(2027, 0, 1, 0, 0, 0);
      trace.write("first");
      assert.deepEqual(readdirSync(folder).sort(), ["Trace_2026_12.log", "Trace_2027_1.log"]);
      assert.equal(trace.path, join(folder, "Trace_2027_1.log"));
      assert.equal(readFileSync(trace.path, "utf8"), "2027-01-01 00:00:00 first\n");
    });

    it("names the instance before a line when there are several", () => {
      const trace = new Trace(folder, "", () => new Date(2026, 4, 1, 8, 0, 0)).labelled("Main: ");
      trace.nextLookup(new Date(2026, 4, 1, 8, 5, 0));
      assert.match(
        readFileSync(trace.path, "utf8"),
        /^Main: Sync next lookup at 2026-05-01 08:05:00/,
      );
    });
  });

  describe("Documents", () => {
    it("stores what was in flight when the sync ends", () => {
      const documents = new Documents(folder);
      documents.arrive(3);
      assert.equal(documents.take(), 3);
      documents.arrive(2);
      assert.equal(documents.store(), 3);
      assert.equal(documents.lose(), 0);
      assert.equal(documents.take(), 2);
    });

    it("loses what was in flight, and nothing that still waited", () => {
      const documents = new Documents(folder);
      documents.arrive(3);
      documents.take();
      documents.arrive(2);
      assert.equal(new Documents(folder).lose(), 3);
      assert.equal(documents.take(), 2);
    });
  });

  describe("Licences", () => {
    const user = { userObjectId: "u1", userPrincipalName: "a@b", timeZone: "UTC" };
    const log = (): string => join(folder, "event-logs", "u1.log");
    const reading = (...groups: string[]) => ({
      users: [user],
      members: new Map(groups.map((group) => [group, new Set(["u1"])])),
    });

    it("creates a new user, and gives the licence of his group", () => {
      const licences = new Licences(folder);
      assert.deepEqual(licences.apply(reading("Pro")), { created: 1, logsDeleted: 0 });
      assert.deepEqual(licences.users(), [{ ...user, licence: "Pro" }]);
      assert.equal(licences.apply(reading("Pro")).created, 0);
    });

    it("keeps the licence of a user who is in no group any more", () => {
      const licences = new Licences(folder);
      licences.apply(reading("Eco"));
      licences.apply(reading());
      assert.equal(licences.users()[0]?.licence, "Eco");
    });

    it("deletes the event logs of a user in No_Licence, for good", () => {
      const licences = new Licences(folder);
      licences.apply(reading("Advanced"));
      assert.ok(existsSync(log()));
      assert.equal(licences.apply(reading("Advanced", "No_Licence")).logsDeleted, 1);
      assert.equal(licences.users()[0]?.licence, null);
      assert.ok(!existsSync(log()));
      licences.apply(reading("Advanced"));
      assert.ok(!readFileSync(log(), "utf8").includes("created"));
    });
  });
});
