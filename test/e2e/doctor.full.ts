// keyturn doctor on one lab: a healthy stack, and then faults in config, sign-in, Entra, Azure and on the host, each named by
// a line of its own; and nothing that doctor does is a change: of Graph, Azure, the state, the config or the host.
import assert from "node:assert/strict";
import { chmodSync, readFileSync, readdirSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { parse } from "yaml";
import type { FaultState } from "../../packages/lab/cloud/faults";
import { createKeyPair } from "../../packages/lab/host/keys";
import { CommandLine, type Said } from "../helpers/command-line";
import { DeployedStack } from "../helpers/deployed-stack";
import { E2E_TIMEOUT_MS, type History, type LabStack } from "../helpers/lab-stack";
import { leaksIn } from "../helpers/leaks";

/** Nobody is signed in, nor is a machine's own identity asked for over the network. */
const NOBODY = { ARM_CLIENT_SECRET: undefined, AZURE_TOKEN_CREDENTIALS: "EnvironmentCredential" };
const ELSEWHERE = "99999999-9999-4999-8999-999999999999";
/** A fault that answers every change of these servers, and is never to be hit. */
const WRITES = ["POST", "PUT", "PATCH", "DELETE"];
const SERVERS = ["graph", "arm", "vault"] as const;

/** What is wrong, and the line that says it. */
type Faults = readonly (readonly [fault: string, line: RegExp])[];

describe("keyturn doctor", function () {
  this.timeout(E2E_TIMEOUT_MS);
  let deployed: DeployedStack;
  let lab: LabStack;
  let keyturn: CommandLine;
  let signedIn: Record<string, string | undefined> = {};
  let traps: readonly FaultState[] = [];
  let stateBefore = "";
  let scripts = "";
  const named: string[] = [];

  before(async () => {
    deployed = await DeployedStack.open();
    lab = deployed.labStack;
    keyturn = new CommandLine(lab);
    const { control, stack } = lab.rehearsal;
    const { ARM_CLIENT_SECRET } = await control.environment();
    signedIn = { ARM_CLIENT_SECRET };
    scripts = join((await control.hostAccess()).home, "keyturn");
    stateBefore = await stack.exportState();
    for (const server of SERVERS)
      for (const method of WRITES)
        await control.addFault({ server, method, pathPattern: ".", status: 500, times: 1000 });
    traps = await control.faults();
  });
  after(async () => {
    await deployed.close();
    process.stdout.write(`${named.map((line) => `      ${line}`).join("\n")}\n`);
  });

  /** Everything that doctor could change on this side of Graph and Azure; a lock that comes and goes changes its folder. */
  const changeable = (): unknown => [
    readFileSync(configPath(), "utf8"),
    ...[scripts, `${deployed.file}.keyturn`].flatMap((folder) =>
      ["", ...readdirSync(folder)].map((name) => {
        const { mtimeMs, ctimeMs, mode, size, ino } = statSync(join(folder, name));
        return [folder, name, mtimeMs, ctimeMs, mode, size, ino];
      }),
    ),
  ];
  const configPath = (): string => {
    const { workspaceDir, stack } = lab.rehearsal;
    return join(workspaceDir, `Pulumi.${stack.place.stackName}.yaml`);
  };
  const config = (): Record<string, unknown> =>
    (parse(readFileSync(configPath(), "utf8")) as { config: Record<string, unknown> }).config;

  const examine = async (
    environment: Record<string, string | undefined> = {},
    ...words: readonly string[]
  ): Promise<Said> => {
    await deployed.atRest();
    const before = changeable();
    const said = await keyturn.runIn({ ...signedIn, ...environment }, "doctor", ...words);
    assert.deepEqual(changeable(), before);
    return said;
  };
  /** Puts the stack's file back as it was. */
  const unchanged = async (work: () => Promise<void>): Promise<void> => {
    const before = readFileSync(configPath(), "utf8");
    try {
      await work();
    } finally {
      writeFileSync(configPath(), before);
    }
  };
  /** Each fault by a line of its own. */
  const names = ({ stdout, code }: Said, faults: Faults): void => {
    const lines = new Set(stdout.split("\n").slice(1));
    for (const [fault, pattern] of faults) {
      const line = [...lines].find((one) => pattern.test(one));
      assert.ok(line !== undefined, `${fault}: ${String(pattern)} in\n${stdout}`);
      lines.delete(line);
      named.push(`${fault.padEnd(58)}  ${line.slice(0, 72)}`);
    }
    assert.equal(code, 3, stdout);
  };

  it("finds nothing that stands in the way of a healthy stack, and says so with its exit code", async () => {
    const { code, stdout, stderr } = await examine();
    assert.equal(code, 0, stdout + stderr);
    assert.equal(stderr, "");
    assert.match(stdout, /^Stack dev on 2026-11-21: 0 fails, 1 warning, 1 not known, \d+ ok\./);
    assert.match(stdout, /^ok +host sesar: /m);
  });

  it("has keyturn init find subscription, resource group, application and groups, and write one file", async () => {
    const file = configPath().replace("Pulumi.dev.yaml", "Pulumi.fresh.yaml");
    const host = ["--host", "sesar", "--host-key", createKeyPair().publicKeyLine];
    const before = changeable();
    const words = ["init", "--stack", "fresh", "--yes", ...host];
    const { code, stdout, stderr } = await keyturn.runIn(signedIn, ...words);
    assert.equal(code, 0, stderr);
    assert.match(stdout, /^Pulumi\.fresh\.yaml: .*existingGroups.* written/);
    assert.deepEqual(changeable(), before);
    const found = (parse(readFileSync(file, "utf8")) as { config: Record<string, unknown> }).config;
    rmSync(file);
    const { clientId } = (await lab.rehearsal.stack.shownOutputs()) as { clientId: string };
    assert.equal(found["keyturn:applicationClientId"], clientId);
    for (const key of ["subscriptionId", "vaultResourceGroup", "tenantId"])
      assert.equal(found[`keyturn:${key}`], config()[`keyturn:${key}`], key);
    assert.deepEqual(Object.keys(found["keyturn:existingGroups"] as object), [
      "SecureExchanges_Licences",
      "Advanced",
      "Eco",
      "No_Licence",
      "Pro",
    ]);
  });

  it("lets keyturn run --dry-run preview a rotation and ask the host, and change nothing either", async () => {
    await unchanged(async () => {
      lab.set(["keyturn:generation"], 1);
      await deployed.atRest();
      const before = changeable();
      const { code, stdout, stderr } = await keyturn.run("run", "--dry-run");
      assert.equal(code, 0, stdout + stderr);
      assert.match(stdout, /^Dry run of dev: a run would make \d+ changes\./);
      assert.match(stdout, /^ {2}create sesar-2026-11-g1-password$/m);
      assert.match(stdout, /^ok +host sesar: /m);
      assert.deepEqual(changeable(), before);
    });
  });

  it("names what is wrong in Entra, in Azure and with the service", async () => {
    const { control } = lab.rehearsal;
    const { ARM_CLIENT_ID: deployer = "" } = await control.environment();
    const { clientId, history } = (await lab.rehearsal.stack.shownOutputs()) as {
      clientId: string;
      history: History;
    };
    const active = history.active?.keyId ?? "";
    await control.directory("grant-role", { clientId: deployer, role: "Policy.Read.All" });
    await control.directory("revoke-role", { clientId: deployer, role: "Group.Read.All" });
    await control.directory("revoke-role", { clientId, role: "User.Read.All" });
    await control.directory("set-enabled", { clientId, enabled: false });
    const secrets = {
      "by hand": "2027-06-01T00:00:00Z",
      former: "2026-11-21T09:00:00Z",
      "sesar 2026-08": "2027-06-01T00:00:00Z",
    };
    for (const [displayName, endDateTime] of Object.entries(secrets))
      await control.directory("add-password", { clientId, displayName, endDateTime });
    await control.directory("remove-password", { clientId, keyId: active });
    const policy = { isEnabled: true, passwordAddition: true, passwordMaxLifetime: "P90D" };
    await control.directory("set-policy", policy);
    await control.azure("revoke-role", { role: "Key Vault Secrets Officer" });
    await control.azure("revoke-role", { role: "Role Based Access Control Administrator" });
    await control.moveClock({ advance: "PT2H" });
    await control.host("stop-service", {});
    const vaultReaders = [{ principalObjectId: ELSEWHERE, principalType: "Group" }];
    await unchanged(async () => {
      lab.configure({ "keyturn:requireSignInLog": true, "keyturn:vaultReaders": vaultReaders });
      names(await examine(), [
        [
          "a Graph permission taken from the identity",
          /^fails .*permissions: Missing: Group\.Read\.All/,
        ],
        ["the log required, and no right to read it", /^fails .*log: requireSignInLog/],
        ["no right to assign roles, with vaultReaders", /^fails .*roles: .*Role Based Access/],
        ["no right to recover secrets", /^warning .*roles: Missing: Key Vault Secrets Officer/],
        ["the vault refuses to list its secrets", /^warning .*vault: .*\(Azure answers 403/],
        ["sign-in of the application switched off", /^fails .*application: Sign-in of .* off/],
        ["a consent taken back", /^fails .*consents: .*User\.Read\.All/],
        ["the secret in use removed in the portal", /^fails .*secrets: .*in use, is gone/],
        ["a secret of our name that nobody knows", /^warning .*secrets: sesar 2026-08 .*unknown/],
        ["somebody else's secret", /^warning .*secrets: by hand .*valid until 2027-06-01/],
        ["somebody else's secret, ended", /^warning .*secrets: former .*ended on 2026-11-21/],
        ["a policy that forbids secrets", /^fails .*policies: .*forbids client secrets/],
        ["a policy that forbids their lifetime", /^fails .*policies: .*P90D at most/],
        ["the service stopped by somebody", /^fails .*host sesar: /],
      ]);
    });
    await control.host("start-service", {});
  });

  it("names what is wrong with where the config says things are", async () => {
    const { control } = lab.rehearsal;
    const byHand = await control.directory("create-application", {
      displayName: "SESAR by hand",
      permissions: ["Group.Read.All"],
      consents: ["Group.Read.All"],
      owned: false,
    });
    const given = config();
    const [sesar] = given["keyturn:consumers"] as [{ connection: object; overrides: object }];
    const road = (name: string, change: object) => ({
      ...sesar,
      name,
      connection: { ...sesar.connection, ...change },
    });
    const place = (name: string, change: object) => ({
      ...sesar,
      name,
      overrides: { ...sesar.overrides, ...change },
    });
    const consumers = [
      road("other-key", { hostKey: createKeyPair().publicKeyLine }),
      road("other-user", { user: "stranger" }),
      road("other-port", { port: 1 }),
      road("other-name", { host: "nowhere.invalid" }),
      place("other-file", { filePath: "/nonexistent/instance.json" }),
      place("other-trace", { traceDirectory: "/nonexistent" }),
      place("other-scripts", { scriptDirectory: "elsewhere" }),
    ];
    const { sesar: secrets } = given["keyturn:consumerSecrets"] as { sesar: unknown };
    const state = `${deployed.file}.keyturn`;
    await unchanged(async () => {
      lab.configure({
        "keyturn:consumers": [sesar, ...consumers],
        "keyturn:consumerSecrets": Object.fromEntries(
          ["sesar", ...consumers.map(({ name }) => name)].map((name) => [name, secrets]),
        ),
        "keyturn:applicationClientId": byHand["clientId"],
        "keyturn:tenantId": ELSEWHERE,
        "keyturn:vaultName": "kv-elsewhere",
        "keyturn:rehearsalClock": undefined,
      });
      chmodSync(state, 0o755);
      names(await examine({ ARM_SUBSCRIPTION_ID: ELSEWHERE }), [
        ["signed in to another tenant", /^fails .*sign-in: tenantId .*/],
        ["signed in to another subscription", /^fails .*sign-in: subscriptionId .*/],
        ["an adopted application of others", /^fails .*owners: .*none of its 0 owners/],
        ["consents that the product lacks there", /^fails .*consents: .*MailboxSettings\.Read/],
        ["another vault than the state's", /^fails .*vault: The state holds keyturn-lab/],
        [
          "a copy of the file that is for another tenant",
          /^fails .*file of sesar: .*AzureAD_TenantId/,
        ],
        ["another host key", /^fails .*SSH to other-key: .*shows another key/],
        ["another user", /^fails .*SSH to other-user: .*refuses it/],
        ["no SSH server there", /^fails .*SSH to other-port: .*ECONNREFUSED/],
        ["a name that does not resolve", /^fails .*SSH to other-name: .*does not resolve/],
        ["a file that is not there", /^fails .*host other-file: .*\/nonexistent\/instance\.json/],
        ["no trace there", /^fails .*host other-trace: .*\/nonexistent/],
        ["no script there yet", /^not known .*host other-scripts: .*elsewhere\/update-/],
        ["a state folder that is open to others", /^fails .*host sesar: .*mode 700/],
        ["a clock that is a week ahead", /^fails .*clock: /],
      ]);
    }).finally(() => chmodSync(state, 0o700));
  });

  it("names what is in the way of another stack before its first run", async () => {
    const second = await lab.beside("second", { config: { "keyturn:name": "archive" } });
    names(await examine({}, "--stack", second.rehearsal.stack.place.stackName), [
      [
        "an application of that name",
        /^fails .*application: the application SESAR must not be made/,
      ],
      ["a vault of that name", /^fails .*vault secrets: .*vaultName must be free/],
      ["a file that another credential writes", /^fails .*host sesar: .*was last written by/],
    ]);
  });

  it("names what is wrong with the config, and who is not signed in, and looks at the rest all the same", async () => {
    const file = (config()["keyturn:consumerSecrets"] as { sesar: { file: unknown } }).sesar.file;
    lab.set(["keyturn:overlap"], "P120D");
    lab.set(["keyturn:consumerSecrets", "sesar"], { privateKey: "not a key", file });
    const broken = await examine(NOBODY, "--json");
    const { findings } = JSON.parse(broken.stdout) as {
      findings: { level: string; check: string; says: string }[];
    };
    const stdout = ["", ...findings.map((one) => `${one.level} ${one.check}: ${one.says}`)].join(
      "\n",
    );
    names({ ...broken, stdout }, [
      ["an overlap that is too long", /^fails config: overlap /],
      ["a secret that is not encrypted", /^fails config: consumerSecrets must be encrypted/],
      ["a private key that is none", /^fails config: consumerSecrets\.sesar\.privateKey /],
      ["nobody signed in", /^fails sign-in: .*nobody is signed in/],
    ]);
    assert.ok(findings.some(({ level, check }) => level === "ok" && check === "Pulumi"));
  });

  it("has changed nothing, and has shown no secret", async () => {
    const { control, stack } = lab.rehearsal;
    assert.equal(await stack.exportState(), stateBefore);
    const after = await control.faults();
    assert.equal(traps.length, SERVERS.length * WRITES.length);
    assert.deepEqual(after, traps);
    assert.deepEqual(leaksIn("printed", keyturn.printed, await control.secretValues()), []);
    assert.ok(named.length > 20);
  });
});
