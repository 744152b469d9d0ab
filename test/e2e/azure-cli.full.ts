// The commands of the Azure CLI that documents and remedies give, run by the CLI itself on the lab. It is told nothing of
// the lab but a proxy and an authority: it asks Microsoft's own names.
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { type Daemon, startDaemon } from "../../packages/lab/daemon";
import { request } from "../../packages/lab/shared/https";
import { findProgram } from "../helpers/interpreters";
import { inClone } from "../helpers/paths";

const FOLDERS = ["docs", "src", "components", "pipelines", "packages/cli", "packages/rehearsal"];
/** Commands that are given somewhere and not run here, and why. */
const LEFT_OUT: Readonly<Record<string, string>> = {
  "ad app permission admin-consent": "the CLI asks a service of the portal, which the lab has not",
  "ad signed-in-user show": "a person only is signed in as one",
  "keyvault key": "the lab's vaults hold no keys",
  "keyvault secret": "the CLI 2.45 of Debian lacks its own client of secrets (azure.keyvault.v7_0)",
  "role assignment create":
    "the CLI 2.45 of Debian fails in itself (RoleAssignmentsOperations has no config)",
  storage: "the lab has no storage",
};
const EXCHANGE = "api://AzureADTokenExchange";
const GRAPH = "00000003-0000-0000-c000-000000000000";
const USER_READ_ALL = "df021288-bdef-4463-88db-98f22de89214";

describe("commands of the Azure CLI", function () {
  this.timeout(120_000);
  if (findProgram("az") === undefined) {
    it("are not run: az is not on PATH");
    return;
  }
  let dir: string;
  let lab: Daemon | undefined;
  let az: (...words: readonly string[]) => Promise<string>;
  const names = { group: "", subscription: "", tenant: "", deployer: "" };
  const made: Record<string, string> = {};
  const run = new Map<string, readonly string[]>();

  before(async () => {
    dir = mkdtempSync(join(tmpdir(), "keyturn-az-"));
    lab = await startDaemon({ labDir: join(dir, "lab"), host: false, cloud: "public" });
    const environment = await lab.environment();
    const variable = (name: string): string => environment[name] ?? "";
    const status = await lab.control.status();
    names.group = status.resourceGroup;
    names.subscription = variable("ARM_SUBSCRIPTION_ID");
    names.tenant = variable("ARM_TENANT_ID");
    names.deployer = variable("ARM_CLIENT_ID");
    // Some of the commands are an administrator's, who may more than the deploying identity.
    const { deployer: clientId, subscription } = names;
    await lab.control.azure("grant-role", {
      role: "Contributor",
      scope: `/subscriptions/${subscription}`,
    });
    await lab.control.directory("grant-role", { clientId, role: "Group.ReadWrite.All" });
    writeFileSync(join(dir, "secret"), variable("ARM_CLIENT_SECRET"), { mode: 0o600 });
    const env = {
      PATH: process.env["PATH"],
      HOME: dir,
      AZURE_CONFIG_DIR: join(dir, "az"),
      AZURE_CORE_COLLECT_TELEMETRY: "false",
      REQUESTS_CA_BUNDLE: variable("NODE_EXTRA_CA_CERTS"),
      HTTPS_PROXY: variable("HTTPS_PROXY"),
    };
    az = async (...words) => {
      const child = spawn("az", words, { env, stdio: ["ignore", "pipe", "pipe"] });
      const ended = new Promise<number | null>((done) => child.on("close", done));
      const [out, err] = await Promise.all([text(child.stdout), text(child.stderr)]);
      assert.equal(await ended, 0, `az ${words.join(" ")}: ${err.slice(-600)}`);
      return out.trim();
    };
  });
  after(async () => {
    await lab?.stop();
    if (lab !== undefined) rmSync(dir, { recursive: true, force: true });
  });

  /** Runs one that is given somewhere: its words, then its options. */
  const given = async (command: string, ...options: readonly string[]): Promise<string> => {
    run.set(
      command,
      options.filter((word) => word.startsWith("--")).map((word) => word.replace(/=.*$/, "")),
    );
    return az(...command.split(" "), ...options);
  };
  const tsv = (query: string): string[] => ["--query", query, "--output", "tsv"];

  it("sign in and choose a subscription", async () => {
    const who = ["--service-principal", "--username", names.deployer];
    await given("login", ...who, `--password=@${join(dir, "secret")}`, "--tenant", names.tenant);
    await given("account set", "--subscription", names.subscription);
    assert.equal(await given("account show", ...tsv("id")), names.subscription);
  });

  it("make an application and its principal, and own it", async () => {
    const name = ["--display-name", "keyturn-pipeline"];
    made["app"] = await given("ad app create", ...name, ...tsv("appId"));
    made["principal"] = await given("ad sp create", "--id", made["app"], ...tsv("id"));
    assert.match(await given("ad sp list", ...name), new RegExp(made["principal"]));
    await given("ad sp update", "--id", made["principal"], "--set", "accountEnabled=true");
    await given("ad app owner add", "--id", made["app"], "--owner-object-id", made["principal"]);
    const owners = await az("ad", "app", "owner", "list", "--id", made["app"], ...tsv("[].id"));
    assert(owners.split("\n").includes(made["principal"]));
  });

  it("let a job of GitHub stand for it, which signs in by its token as the step azure/login does", async () => {
    const { app = "" } = made;
    const order = {
      system: "github",
      repository: "your-organisation/your-repository",
      environment: "production",
    } as const;
    const job = await lab?.control.startJob(order);
    const { issuer = "", subject = "", variables = {} } = job ?? {};
    const credential = { name: "production", issuer, subject, audiences: [EXCHANGE] };
    const parameters = ["--parameters", JSON.stringify(credential)];
    await given("ad app federated-credential create", "--id", app, ...parameters);
    const url = `${variables["ACTIONS_ID_TOKEN_REQUEST_URL"]}&audience=${encodeURIComponent(EXCHANGE)}`;
    const bearer = variables["ACTIONS_ID_TOKEN_REQUEST_TOKEN"] ?? "";
    const caPem = readFileSync((await lab?.environment())?.["SSL_CERT_FILE"] ?? "", "utf8");
    const headers = { authorization: `Bearer ${bearer}` };
    const { json } = await request({ method: "GET", url, headers, caPem });
    writeFileSync(join(dir, "token"), (json as { value: string }).value, { mode: 0o600 });
    const as = ["--service-principal", "--username", app, "--tenant", names.tenant];
    const token = `--federated-token=@${join(dir, "token")}`;
    await az("login", ...as, token, "--allow-no-subscriptions", "--query", "[].name");
    assert.equal(await az("account", "show", ...tsv("user.name")), app);
    await az("account", "set", "--subscription", names.subscription);
    assert.equal(await az("account", "show", ...tsv("user.name")), names.deployer);
  });

  it("ask for a permission, and keep an application to one tenant", async () => {
    const { app = "" } = made;
    const permission = ["--api", GRAPH, "--api-permissions", `${USER_READ_ALL}=Role`];
    await given("ad app permission add", "--id", app, ...permission);
    await given("ad app update", "--id", app, "--sign-in-audience", "AzureADMyOrg");
    const wanted = "[signInAudience, requiredResourceAccess[0].resourceAppId]";
    const shown = await az("ad", "app", "show", "--id", app, ...tsv(wanted));
    assert.equal(shown, `AzureADMyOrg\n${GRAPH}`);
  });

  it("delete a secret by its key id", async () => {
    const { app = "" } = made;
    const keyIds = (): Promise<string> =>
      az("ad", "app", "credential", "list", "--id", app, ...tsv("[].keyId"));
    await az("ad", "app", "credential", "reset", "--id", app, "--append", "--query", "appId");
    const keyId = await keyIds();
    assert.match(keyId, /^[-0-9a-f]{36}$/);
    await given("ad app credential delete", "--id", app, "--key-id", keyId);
    assert.equal(await keyIds(), "");
  });

  it("put a member into a group", async () => {
    const name = ["--display-name", "made by az", "--mail-nickname", "madebyaz"];
    const group = await az("ad", "group", "create", ...name, ...tsv("id"));
    const { principal = "" } = made;
    await given("ad group member add", "--group", group, "--member-id", principal);
    const members = await az("ad", "group", "member", "list", "--group", group, ...tsv("[].id"));
    assert.equal(members, principal);
  });

  it("make a vault, close its access policies, and bring it back", async () => {
    const vault = ["--name", "kv-by-az"];
    const rbac = (on: boolean): string[] => ["--enable-rbac-authorization", String(on)];
    const group = ["--resource-group", names.group];
    await given("keyvault create", ...vault, ...group, ...rbac(false));
    const id = await given("keyvault show", ...vault, ...tsv("id"));
    await given("keyvault update", ...vault, ...rbac(true));
    const shown = await az(
      "keyvault",
      "show",
      ...vault,
      ...tsv("properties.enableRbacAuthorization"),
    );
    assert.equal(shown, "true");
    await az("keyvault", "delete", ...vault);
    await given("keyvault recover", ...vault);
    assert.equal(await az("keyvault", "show", ...vault, ...tsv("id")), id);
  });

  it("make a resource group", async () => {
    await given("group create", "--name", "rg-by-az", "--location", "westeurope");
    const groups = await az("group", "list", ...tsv("[].name"));
    assert(groups.split("\n").includes("rg-by-az"));
  });

  it("delete an application", async () => {
    const { app = "" } = made;
    await given("ad app delete", "--id", app);
    assert.equal(await az("ad", "app", "list", "--app-id", app, ...tsv("[].id")), "");
  });

  it("sign out", async () => {
    await given("account clear");
    assert.equal(await az("account", "list", ...tsv("length(@)")), "0");
  });

  it("are run here, or named with the reason, wherever one is given", () => {
    const everywhere = givenAnywhere();
    const stale = [...Object.keys(LEFT_OUT), ...run.keys()].filter(
      (one) => !everywhere.some(({ command }) => begins(command, one)),
    );
    assert.deepEqual(stale, []);
    const unknown = everywhere.filter(({ command, options }) => {
      if (Object.keys(LEFT_OUT).some((one) => begins(command, one))) return false;
      const known = [...run].find(([one]) => begins(command, one));
      const untried = options.filter(
        (option) => !known?.[1].includes(option) && !UNTRIED.has(option),
      );
      return known === undefined || untried.length > 0;
    });
    assert.deepEqual(unknown, []);
  });
});

/** Options that the lab would take without an effect. */
const UNTRIED = new Set(["--enable-purge-protection", "--condition", "--condition-version"]);

const begins = (command: string, words: string): boolean =>
  command === words || command.startsWith(`${words} `);

interface Given {
  readonly file: string;
  /** The words before the options, and prose behind a command without any. */
  readonly command: string;
  readonly options: readonly string[];
}

/** Every `az …` in documents, remedies and outputs, one within another's words too. */
function givenAnywhere(): Given[] {
  const files = FOLDERS.flatMap((folder) =>
    readdirSync(inClone(folder), { recursive: true, encoding: "utf8" })
      .filter(
        (path) => /\.(md|ts|ya?ml|sh|ps1)$/.test(path) && !/(^|\/)(test|node_modules)\//.test(path),
      )
      .map((path) => `${folder}/${path}`),
  );
  return ["README.md", ...files].flatMap((file) => {
    const joined = readFileSync(inClone(file), "utf8").replaceAll(/\\\n\s*/g, "");
    return [...joined.matchAll(/(?=\baz ([a-z]+(?:[ -][a-z]+)*)([^`\n;)]*))/g)].map(
      ([, command = "", rest = ""]) => ({
        file,
        command,
        options: rest.match(/(?<= )--[a-z-]+/g) ?? [],
      }),
    );
  });
}
