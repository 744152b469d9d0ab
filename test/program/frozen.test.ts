// What no release may change without harm to those who run an earlier one: what stands in the engine's state of every
// stack, and what other programs import. Each line is as the first release had it; test/e2e/upgrade proves it on the engine.
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { existsSync, readFileSync, readdirSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import * as pulumi from "@pulumi/pulumi";
import main from "../../index";
import { declareApplication } from "../../components/application";
import { CLONE } from "../helpers/paths";
import { createKeyPair } from "../../packages/lab/host/keys";
import type { Registered } from "../helpers/pulumi-mocks";
import { CLIENT, configure, ofType, record, report, valueOf } from "../helpers/pulumi-mocks";

const TYPES = [
  "AppRegistration",
  "Credential",
  "CredentialVault",
  "EpochPassword",
  "ExistingApplication",
  "GraphPermissions",
  "HandOver",
  "HostReach",
  "HostUpdate",
  "LicenceGroups",
  "NearExpiryAlarm",
  "SignInProof",
  "VaultSecret",
].map((name) => `keyturn:index:${name}`);

const EXPORTS = {
  ".": [
    "AppRegistration",
    "Credential",
    "CredentialVault",
    "EpochPassword",
    "GRAPH_CLIENT_ID",
    "GraphPermissions",
    "HostUpdate",
    "LicenceGroups",
    "RotatedClientSecret",
    "SignInProof",
    "VaultSecret",
    "issuedPasswords",
    "overlay",
    "parseHistory",
    "plan",
    "presetSchema",
  ],
  "./presets": ["presets"],
  "./world": ["readNow", "readOwnStack", "readScripts"],
};

/** As compiled, which is where this file runs. */
const HERE = join(CLONE, "dist");
const fromHere = createRequire(__filename);
const LOCAL_COMMAND = "command:local:Command";

const STEPS = ["steps/one-time-link.js", "steps/prove.js", "steps/reach.js"];

/** Of the text that finds a step: an input of every command that runs one. */
const FIND_AND_RUN_SHA256 = "877845a664c78b1514f8177f192b61ce5471fa4dfcd5f4d9b08ffd7962dcd6aa";
const AUTOMATIC_NAMES = [
  "sesar AppRegistration",
  "sesar Credential",
  "sesar-2000-01 EpochPassword",
  "sesar-2000-01-password ApplicationPassword",
  "sesar-alarm NearExpiryAlarm",
  "sesar-application Application",
  "sesar-archive HostUpdate",
  "sesar-archive-command Command",
  "sesar-archive-file VaultSecret",
  "sesar-archive-file-secret Secret",
  "sesar-archive-reach HostReach",
  "sesar-archive-reach-command Command",
  "sesar-archive-script CopyToRemote",
  "sesar-client-secret VaultSecret",
  "sesar-client-secret-secret Secret",
  "sesar-graph GraphPermissions",
  "sesar-graph-Group.Read.All AppRoleAssignment",
  "sesar-graph-GroupMember.Read.All AppRoleAssignment",
  "sesar-graph-MailboxSettings.Read AppRoleAssignment",
  "sesar-graph-User.Read.All AppRoleAssignment",
  "sesar-licences LicenceGroups",
  "sesar-licences-Advanced Group",
  "sesar-licences-Advanced-member GroupMember",
  "sesar-licences-Eco Group",
  "sesar-licences-Eco-member GroupMember",
  "sesar-licences-No_Licence Group",
  "sesar-licences-No_Licence-member GroupMember",
  "sesar-licences-Pro Group",
  "sesar-licences-Pro-member GroupMember",
  "sesar-licences-SecureExchanges_Licences Group",
  "sesar-principal ServicePrincipal",
  "sesar-proof SignInProof",
  "sesar-proof-command Command",
  "sesar-vault CredentialVault",
  "sesar-vault-vault Vault",
];
const ASSISTED_NAMES = [
  "ci-sync AppRegistration",
  "ci-sync Credential",
  "ci-sync-2000-01 EpochPassword",
  "ci-sync-2000-01-password ApplicationPassword",
  "ci-sync-agent HandOver",
  "ci-sync-agent-command Command",
  "ci-sync-alarm NearExpiryAlarm",
  "ci-sync-application Application",
  "ci-sync-client-secret VaultSecret",
  "ci-sync-client-secret-secret Secret",
  "ci-sync-graph GraphPermissions",
  "ci-sync-licences LicenceGroups",
  "ci-sync-principal ServicePrincipal",
  "ci-sync-proof SignInProof",
  "ci-sync-proof-command Command",
  "ci-sync-vault CredentialVault",
  "ci-sync-vault-vault Vault",
];

const AUTOMATIC = {
  consumers: JSON.stringify([
    {
      name: "archive",
      connection: { host: "h", user: "u", hostKey: createKeyPair().publicKeyLine },
      overrides: { interpreter: "sh", scriptDirectory: "keyturn", serviceManager: "systemd" },
    },
  ]),
  consumerSecrets: JSON.stringify({
    archive: { privateKey: createKeyPair().privateKeyPem, file: '{"AzureAD_Secret":""}' },
  }),
};
const ASSISTED = {
  name: "ci-sync",
  preset: "ci-sync",
  oneTimeServer: "https://once.example.org",
  consumers: JSON.stringify([{ name: "agent" }]),
};

/** What the program registers with the engine, but for its reference to itself. */
async function registeredBy(config: Readonly<Record<string, string>>): Promise<Registered[]> {
  const registered = record((stdin) => report(stdin, "updated"));
  configure(config);
  await valueOf(pulumi.output(await main()));
  return registered.filter(({ type }) => type !== "pulumi:pulumi:StackReference");
}

/** Of vendors' resources and ours, `<name> <type>` with the type's last part. */
function namesOf(registered: readonly Registered[]): string[] {
  return registered.map(({ type, name }) => `${name} ${type.split(":").at(-1) ?? ""}`).sort();
}

describe("what is frozen", function () {
  // The vendors' SDKs are loaded here first.
  this.timeout(60_000);
  let automatic: Registered[];
  let assisted: Registered[];
  before(async () => {
    automatic = await registeredBy(AUTOMATIC);
    assisted = await registeredBy(ASSISTED);
  });

  it("are the types of the components, which stand in the URN of all that is below them", () => {
    const files = readdirSync(join(HERE, "components")).filter((file) => file.endsWith(".js"));
    const found = files.flatMap((file) => {
      const module = load(join("components", file));
      return Object.values(module).flatMap((value: { readonly TYPE?: string }) => value.TYPE ?? []);
    });
    assert.deepEqual([...new Set(found)].sort(), TYPES);
  });

  it("are the names of an automatic stack's resources", () => {
    assert.deepEqual(namesOf(automatic), AUTOMATIC_NAMES);
  });

  it("are the names of an assisted stack's resources", () => {
    assert.deepEqual(namesOf(assisted), ASSISTED_NAMES);
  });

  it("is the name of an application that is adopted, for which nothing else is declared", async () => {
    const registered = record((stdin) => report(stdin, "updated"));
    const permissions = ["User.Read.All"];
    const { applicationResourceId } = declareApplication("sesar", {
      displayName: "SESAR",
      permissions,
      clientId: CLIENT,
      consented: permissions,
    });
    await valueOf(applicationResourceId);
    assert.deepEqual(namesOf(registered), ["sesar ExistingApplication"]);
  });

  it("are the keys of the steps in the state, each of them a module that runs after a build", () => {
    const table = JSON.parse(
      readFileSync(join(CLONE, "src", "steps", "keys.json"), "utf8"),
    ) as object;
    assert.deepEqual(Object.keys(table).sort(), STEPS);
    const commands = [...automatic, ...assisted].filter(({ type }) => type === LOCAL_COMMAND);
    assert.deepEqual([...new Set(commands.map(({ inputs }) => inputs["create"]))].sort(), STEPS);
    for (const key of STEPS) {
      const file = join(CLONE, "dist", key);
      assert(existsSync(file), `${key} is not in dist, which npm run build makes`);
      assert.equal(typeof (fromHere(file) as { readonly run?: unknown }).run, "function", key);
    }
  });

  it("is the program that finds a step: another text would run every step of every stack again", () => {
    const programs = [...ofType(automatic, LOCAL_COMMAND), ...ofType(assisted, LOCAL_COMMAND)].map(
      ({ inputs }) => {
        const [node, flag, text = "", ...rest] = inputs["interpreter"] as string[];
        return [node, flag, createHash("sha256").update(text).digest("hex"), ...rest].join(" ");
      },
    );
    assert.deepEqual([...new Set(programs)], [`node -e ${FIND_AND_RUN_SHA256}`]);
  });

  it("are the exports of the package, and the names that each gives", () => {
    const { exports } = JSON.parse(readFileSync(join(CLONE, "package.json"), "utf8")) as {
      exports: Record<string, { readonly default: string } | string>;
    };
    const given = Object.entries(exports).flatMap(([name, target]) =>
      typeof target === "string"
        ? []
        : [[name, Object.keys(load(target.default.replace("./dist/", ""))).sort()]],
    );
    assert.deepEqual(Object.fromEntries(given), EXPORTS);
  });
});

/** A module of the compiled program. */
function load(file: string): object {
  return fromHere(join(HERE, file.replace(/\.js$/, ""))) as object;
}
