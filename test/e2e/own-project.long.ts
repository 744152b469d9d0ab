// A project of one's own, from an empty folder: `pulumi new` with the template of docs/template, on nothing but the two
// packed packages, which npm installs, and the lab.
import assert from "node:assert/strict";
import { execFileSync, spawnSync } from "node:child_process";
import {
  cpSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseDocument } from "yaml";
import { labPolicyConfig } from "../../packages/rehearsal/lab-policy";
import { REHEARSAL_CONSUMER } from "../../packages/rehearsal/lab-settings";
import { LabStack } from "../helpers/lab-stack";
import { pack } from "../helpers/packages";
import { inClone } from "../helpers/paths";
import { acceptedFor } from "../helpers/records";

/** Packing, and what npm fetches because its cache does not have it. */
const INSTALL_TIMEOUT_MS = 480_000;

describe("a project that pulumi new makes from the template", function () {
  this.timeout(INSTALL_TIMEOUT_MS);
  let labStack: LabStack;
  let folder: string;
  let project: string;
  before(async () => {
    folder = mkdtempSync(join(tmpdir(), "keyturn-own-"));
    // The archives go beside the template's files, from where `pulumi new` copies them.
    cpSync(inClone("docs", "template"), join(folder, "template"), { recursive: true });
    for (const name of ["keyturn", "keyturn-policy"] as const) pack(name, join(folder, "template"));
    labStack = await LabStack.open({ lab: { now: "2026-11-21T08:00:00Z" } });
    project = join(folder, "mail");
    mkdirSync(project);
  });
  after(async () => {
    await (labStack as LabStack | undefined)?.close();
    rmSync(folder, { recursive: true, force: true });
  });

  /** A command as a person types it there, on the lab in place of Azure; the steps are found without a variable. */
  const run = (file: string, ...args: readonly string[]): string => {
    const apart = { PULUMI_OPTION_CWD: undefined, PULUMI_STACK: undefined };
    const lab = { ...labStack.rehearsal.environment, ...apart, KEYTURN_PROGRAM: undefined };
    return execFileSync(file, args, {
      cwd: project,
      env: { ...process.env, ...lab },
      encoding: "utf8",
      stdio: ["ignore", "pipe", "inherit"],
    });
  };
  /**
   * `pulumi new`, with npm's registry and without the lab, behind whose proxy nothing else is. Its last act is to fetch the
   * vendor's plugins, for which the lab's stand in: that is refused here, wherever this runs.
   */
  const pulumiNew = (...words: readonly string[]): void => {
    const { PULUMI_BACKEND_URL, PULUMI_CONFIG_PASSPHRASE_FILE } = labStack.rehearsal.environment;
    const { stderr } = spawnSync("pulumi", ["new", ...words], {
      cwd: project,
      env: {
        ...process.env,
        PULUMI_BACKEND_URL,
        PULUMI_CONFIG_PASSPHRASE_FILE,
        PULUMI_PLUGIN_DOWNLOAD_URL_OVERRIDES: ".*=http://127.0.0.1:9",
        npm_config_prefer_offline: "true",
        npm_config_ignore_scripts: "true",
      },
      encoding: "utf8",
    });
    assert.match(stderr, /installing packages: failed to download plugin/);
  };
  const keyturn = (...args: readonly string[]): string =>
    run(join(project, "node_modules", ".bin", "keyturn"), ...args);

  it("has installed them, and what was asked for stands in the stack's file, which git does not ignore", async () => {
    const { tenantId, subscriptionId, resourceGroup } = await labStack.rehearsal.status();
    const answers = Object.entries({
      name: "archive-mail",
      anchor: "2026-05-01",
      tenantId,
      subscriptionId,
      vaultResourceGroup: resourceGroup,
    }).flatMap(([key, value]) => ["--config", `${key}=${value}`]);
    const names = ["--name", "mail", "--stack", "dev", "--secrets-provider", "passphrase"];
    pulumiNew(join(folder, "template"), "--yes", ...names, ...answers);
    run("git", "init", "--quiet");
    const seen = run("git", "status", "--porcelain", "--untracked-files=all")
      .trim()
      .split("\n")
      .map((line) => line.slice("?? ".length));
    const template = readdirSync(join(folder, "template"), { recursive: true, encoding: "utf8" });
    const files = template.filter((file) => statSync(join(folder, "template", file)).isFile());
    const made = ["Pulumi.dev.yaml", "package-lock.json"];
    assert.deepEqual(seen.toSorted(), [...files, ...made].toSorted());
    assert.match(
      readFileSync(join(project, "Pulumi.dev.yaml"), "utf8"),
      /mail:anchor: .?2026-05-01/,
    );
  });

  it("puts the service on its first secret under the policy pack, and then has nothing to do", async () => {
    const { rehearsal } = labStack;
    const settings = parseDocument(
      readFileSync(join(rehearsal.workspaceDir, "Pulumi.dev.yaml"), "utf8"),
    );
    const file = join(project, "Pulumi.dev.yaml");
    const own = parseDocument(readFileSync(file, "utf8"));
    for (const key of OF_THE_LAB) {
      own.setIn(["config", `mail:${key}`], settings.getIn(["config", `keyturn:${key}`]));
    }
    writeFileSync(file, own.toString());
    const { ssh, service } = await rehearsal.control.hostAccess();
    writeFileSync(join(folder, "key"), ssh.privateKeyPem, { mode: 0o600 });
    writeFileSync(join(folder, "file"), service.installationFile, { mode: 0o600 });
    const files = ["--private-key", join(folder, "key"), "--file", join(folder, "file")];
    keyturn("set-secrets", REHEARSAL_CONSUMER, ...files);
    const policy = join(folder, "policy.json");
    writeFileSync(policy, JSON.stringify(labPolicyConfig("2026-11-21")));
    const pack = ["--policy-pack", "node_modules/keyturn-policy"];
    keyturn("run", ...pack, "--policy-pack-config", policy);

    assert.deepEqual(await acceptedFor(labStack, "archive-mail"), ["2026-11"]);
    const { instances, stops, failedSyncs } = await rehearsal.service();
    const outputs = JSON.parse(run("pulumi", "stack", "output", "--json")) as { clientId: string };
    assert.equal(instances[0]?.clientId, outputs.clientId);
    assert.deepEqual([stops.length, failedSyncs], [1, 0]);
    run("pulumi", "preview", "--expect-no-changes");
    assert.match(keyturn("report"), /^Credential archive-mail, stack dev/);
  });
});

/** Keys of which the lab says the value. */
const OF_THE_LAB = [
  ...["consumers", "overrides", "metadataHost", "oneTimeServer"],
  ...["vaultName", "vaultLocation", "rehearsalClock"],
];
