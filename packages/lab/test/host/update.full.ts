// The real host script on the lab's host: copied by SFTP, run over SSH, SESAR stopped, changed, started and proven.
import assert from "node:assert/strict";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Client as SshClient } from "ssh2";
import {
  type HostReport,
  type HostUpdate,
  encodeHostInput,
  parseHostReport,
} from "../../../../src/contracts/host-update";
import { type LabHost, startHost } from "../../host/host";
import { NEEDED_PERMISSIONS } from "../../host/sesar/directory-reader";
import { sampleInstanceFile } from "../../host/sesar/sample";
import { FAILURE_TEXT, NEXT_LOOKUP_PREFIX, NEXT_LOOKUP_SUFFIX } from "../../host/sesar/trace";
import { addForeignPassword } from "../../cloud/mutations";
import { type Client, type Cloud, startCloud } from "../cloud/harness";
import { connect, promised, run, sftp } from "./ssh-client";
import { inClone } from "../../../../test/helpers/paths";
import { until } from "../../../../test/helpers/until";

const SCRIPT = "update-test.sh";

describe("the host update on the lab's host", function () {
  this.timeout(60_000);
  let cloud: Cloud;
  let scratch: string;
  let client: Client;
  let host: LabHost;
  let ssh: SshClient;

  before(async () => {
    cloud = await startCloud();
    scratch = await mkdtemp(join(tmpdir(), "keyturn update "));
    await writeFile(join(scratch, "ca.pem"), cloud.context.certificates.caPem);
  });

  after(async () => {
    await cloud.close();
    await rm(scratch, { recursive: true });
  });

  beforeEach(async () => {
    client = cloud.client(...NEEDED_PERMISSIONS);
    const { endpoints, tenantId } = cloud.context;
    const { clientId, clientSecret } = client;
    host = await startHost({
      directory: await mkdtemp(join(scratch, "host ")),
      loginUrl: endpoints.loginUrl,
      graphUrl: endpoints.graphUrl,
      caPemPath: join(scratch, "ca.pem"),
      tenantId,
      // Room for a machine that is busy with other tests: the stop falls into the margin before a sync.
      cycleSeconds: 6,
      instances: [{ clientId, tenantId, clientSecret }],
    });
    const { port, user, privateKeyPem } = host.ssh;
    ssh = await connect({ port, username: user, privateKey: privateKeyPem });
    const session = await sftp(ssh);
    const script = await readFile(inClone("host/update.sh"));
    await promised((done) => session.writeFile(SCRIPT, script, done));
    session.end();
  });

  afterEach(async () => {
    ssh.end();
    await host.stop();
  });

  it("brings a new secret to SESAR with no failed sync and no document lost", async () => {
    const next = addForeignPassword(cloud.context.directory, client.clientId);
    const { report, code } = await apply(next.value, next.keyId);
    assert.deepEqual([report.outcome, code, report.restarts], ["updated", 0, 1], report.reason);
    const status = host.services.sesar.status();
    assert.equal(status.stops.length, 1);
    assert.deepEqual([status.failedSyncs, status.documentsLost], [0, 0]);
    assert.deepEqual([status.state, status.encrypted], ["running", true]);
    const signIns = cloud.context.directory.signIns;
    assert.equal(
      signIns.filter((one) => one.clientId === client.clientId).at(-1)?.keyId,
      next.keyId,
    );
    assert.ok(!(await readFile(status.instancePath)).includes(next.value));
  });

  it("puts the former secret back, and loses no document, when SESAR cannot sign in with the new one", async () => {
    const { report, code } = await apply("not-a-secret-of-this-application", "key-2");
    assert.deepEqual([report.outcome, code], ["restored", 21], report.reason);
    const failed = host.services.sesar.status().failedSyncs;
    assert.ok(failed >= 1);
    const { syncs } = host.services.sesar.status();
    await until("SESAR syncs again", () => host.services.sesar.status().syncs > syncs);
    const status = host.services.sesar.status();
    assert.deepEqual([status.failedSyncs, status.stops.length], [failed, 2]);
    assert.equal(status.documentsLost, 0);
  });

  it("restarts the service all the same when the connection is lost in the middle", async () => {
    const next = addForeignPassword(cloud.context.directory, client.clientId);
    const lost = apply(next.value, next.keyId).catch(() => undefined);
    const { service } = host.services.sesar;
    service.simulate({ slowStopMs: 300 });
    await until("the stop is asked for", async () => (await journal()).includes("phase stopping"));
    host.dropConnections();
    await lost;
    await until(
      "the journal is closed",
      async () => (await journal()).includes("phase closed"),
      60,
    );
    const status = host.services.sesar.status();
    assert.deepEqual([status.state, status.documentsLost, status.failedSyncs], ["running", 0, 0]);
    assert.match(await journal(), new RegExp(`adopted ${next.keyId}`));
  });

  function journal(): Promise<string> {
    const path = `${host.services.sesar.instancePath}.keyturn/journal`;
    return readFile(path, "utf8").catch(() => "");
  }

  async function apply(
    value: string,
    keyId: string,
  ): Promise<{ report: HostReport; code: number | null }> {
    const { code, stdout, stderr } = await run(
      ssh,
      `sh ${SCRIPT} apply`,
      encodeHostInput(update(value, keyId)),
    );
    assert.ok(!(stdout + stderr).includes(value));
    return { report: parseHostReport(stdout), code };
  }

  function update(value: string, keyId: string): HostUpdate {
    const { sesar } = host.services;
    const { tenantId } = cloud.context;
    return {
      consumer: "sesar",
      epoch: "2026-05",
      keyId,
      revision: "1",
      attempt: "1",
      retry: 0,
      exitZeroFor: ["alreadyAdopted", "notNow"],
      writer: "kv-lab:sesar",
      formerWriters: [],
      serviceManager: "command",
      service: ["sesar"],
      startCommand: [...sesar.commands.start],
      stopCommand: [...sesar.commands.stop],
      statusCommand: [...sesar.commands.status],
      filePath: sesar.instancePath,
      fileMode: "content",
      content: sampleInstanceFile({ clientId: client.clientId, tenantId, clientSecret: value }),
      before: "",
      after: "",
      value,
      window: "trace",
      traceDirectory: sesar.folder,
      tracePattern: "Trace_YYYY_M.log",
      tracePrefix: NEXT_LOOKUP_PREFIX,
      traceSuffix: NEXT_LOOKUP_SUFFIX,
      traceInstances: [],
      failurePatterns: [FAILURE_TEXT],
      windowDaily: "",
      marginSeconds: 3,
      patienceSeconds: 20,
      stopTimeoutSeconds: 5,
      startTimeoutSeconds: 5,
      proofReencrypted: true,
      proofSyncLine: true,
      settleSeconds: 1,
      proofTimeoutSeconds: 15,
      deadlineSeconds: 300,
      deadManSeconds: 120,
    };
  }
});
