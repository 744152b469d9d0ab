// The program as a whole under mocks: settings to components to outputs, planned from the stack's own outputs and state.
// The real engine's part (order, protect, removal) is the end-to-end tests'.
import assert from "node:assert/strict";
import * as pulumi from "@pulumi/pulumi";
import main from "../../index";
import { createKeyPair } from "../../packages/lab/host/keys";
import type { Before, Registered } from "../helpers/pulumi-mocks";
import {
  CLIENT,
  SPAN,
  TENANT,
  VALUE,
  configure,
  keyIdOf,
  ofType,
  record,
  report,
  unwrap,
  valueOf,
} from "../helpers/pulumi-mocks";
import { firstAdopted } from "../src/decide/fixtures";

const KEY = createKeyPair().privateKeyPem;
const consumers = [
  {
    name: "archive",
    connection: { host: "h", user: "u", hostKey: createKeyPair().publicKeyLine },
    overrides: { interpreter: "sh", scriptDirectory: "keyturn", serviceManager: "systemd" },
  },
];
const config: Readonly<Record<string, string>> = {
  consumers: JSON.stringify(consumers),
  consumerSecrets: JSON.stringify({ archive: { privateKey: KEY, file: '{"AzureAD_Secret":""}' } }),
};

async function run(
  over: Readonly<Record<string, string>> = {},
  before: Before = {},
): Promise<{ registered: Registered[]; outputs: Record<string, unknown> }> {
  const registered = record((stdin) => report(stdin, "updated"), before);
  configure({ ...config, ...over });
  const outputs = await main();
  const plain = await valueOf(pulumi.output(outputs));
  return { registered, outputs: plain };
}

describe("the program", () => {
  it("declares a first deployment and gives out ids, dates and words, never a secret", async () => {
    const { registered, outputs } = await run();
    const keyId = keyIdOf("2000-01");
    const { history, consumers: outcomes, daysLeft, ...rest } = outputs;
    assert.deepEqual(rest, {
      tenantId: TENANT,
      clientId: CLIENT,
      keyIds: { "2000-01": keyId },
      reason: "sesar: 2000-01 is adopted, next rotation 2100-01-01",
      nextRotation: "2100-01-01",
      adoptionLevel: "host",
      signInLog: { state: "notAsked", why: "the sign-in log was not asked" },
      formerSecrets: [],
      proofs: [{ keyId, ...SPAN }],
      links: {},
      foreignSecrets: [],
      orphans: [],
      notes: [],
      permissionDifferences: [],
    });
    assert.equal(typeof daysLeft, "number");
    assert.equal((history as { active: { keyId: string } }).active.keyId, keyId);
    assert.deepEqual(
      (outcomes as { outcome: string }[]).map(({ outcome }) => outcome),
      ["updated"],
    );
    const printed = JSON.stringify(outputs);
    for (const secret of [VALUE, KEY.slice(60, 100)]) assert.ok(!printed.includes(secret));
    const counts = new Map<string, number>();
    for (const { type } of registered) counts.set(type, (counts.get(type) ?? 0) + 1);
    assert.deepEqual(
      Object.fromEntries([...counts].filter(([type]) => !type.startsWith("keyturn:")).sort()),
      {
        "azure-native:keyvault/v20260201:Secret": 2,
        "azure-native:keyvault/v20260201:Vault": 1,
        "azuread:index/appRoleAssignment:AppRoleAssignment": 4,
        "azuread:index/application:Application": 1,
        "azuread:index/applicationPassword:ApplicationPassword": 1,
        "azuread:index/group:Group": 5,
        "azuread:index/groupMember:GroupMember": 4,
        "azuread:index/servicePrincipal:ServicePrincipal": 1,
        "command:local:Command": 2,
        "command:remote:Command": 1,
        "command:remote:CopyToRemote": 1,
        "pulumi:pulumi:StackReference": 1,
      },
    );
  });

  for (const plugin of ["entra", "azure"] as const) {
    it(`declares nothing when it is signed in to another tenant, by what ${plugin}'s plugin says`, async () => {
      const registered = record((stdin) => report(stdin, "updated"), {
        signedInTo: { [plugin]: CLIENT },
      });
      configure(config);
      await assert.rejects(
        main(),
        /tenantId must be the one that the plugin .* is signed in to, which is .*, got 7d3c5e2a/,
      );
      const kinds = new Set(registered.map(({ type }) => type));
      assert.deepEqual([...kinds], []);
    });
  }

  it("keeps when the first proof of a secret signed in, beside a later one", async () => {
    const keyId = keyIdOf("2000-01");
    const first = { keyId, from: "2000-01-01T06:00:00Z", until: "2000-01-01T06:01:00Z" };
    const gone = { ...first, keyId: keyIdOf("1999-01") };
    const { outputs } = await run({}, { outputs: { proofs: [gone, first] } });
    assert.deepEqual(outputs["proofs"], [first, { keyId, ...SPAN }]);
  });

  it("plans from its own outputs and from the passwords in its state, secret as their values may be", async () => {
    const state = (label: string): Record<string, unknown> => ({
      type: "azuread:index/applicationPassword:ApplicationPassword",
      outputs: {
        displayName: `sesar ${label}`,
        endDate: "2101-01-01T00:00:00Z",
        keyId: keyIdOf(label),
        value: VALUE,
      },
    });
    const before = {
      outputs: {
        history: {
          ...firstAdopted,
          active: {
            ...firstAdopted.active,
            label: "1999-01",
            start: "1999-01-01",
            keyId: keyIdOf("1999-01"),
          },
        },
      },
      state: { a: state("1999-01"), b: state("1999-07") },
    };
    const { registered } = await run({}, before);
    const names = ofType(registered, "azuread:index/applicationPassword:ApplicationPassword");
    assert.deepEqual(
      names.map(({ inputs }) => inputs["displayName"]),
      ["sesar 1999-07", "sesar 1999-01", "sesar 2000-01"],
    );
  });

  it("reads its state again while the engine is in the middle of writing it", async () => {
    const readErrors = ["failed to load checkpoint: EOF", "failed to load checkpoint: EOF"];
    const { registered } = await run({}, { readErrors });
    assert.deepEqual(readErrors, []);
    assert(ofType(registered, "azuread:index/applicationPassword:ApplicationPassword").length > 0);
  });

  it("fails when its state cannot be read for another reason, and reads it once only", async () => {
    const readErrors = ["no access", "no access"];
    await assert.rejects(run({}, { readErrors }), /no access/);
    assert.deepEqual(readErrors, ["no access"]);
  });

  it("goes on when the directory cannot be read, and says so in its notes instead of naming nothing", async () => {
    const application = {
      type: "azuread:index/application:Application",
      outputs: { clientId: CLIENT, displayName: "SESAR" },
    };
    const urn =
      "urn:pulumi:test::keyturn::azuread:index/application:Application::sesar-application";
    const before = { state: { [urn]: application }, tokenError: "no identity here" };
    const { registered, outputs } = await run({}, before);
    assert(ofType(registered, "azuread:index/applicationPassword:ApplicationPassword").length > 0);
    assert.equal(outputs["foreignSecrets"], undefined);
    assert.equal(outputs["orphans"], undefined);
    const [note] = outputs["notes"] as string[];
    assert.match(String(note), new RegExp(`${CLIENT} could not be listed: .*no identity here`));
  });

  it("refuses an unreadable history before it declares anything", async () => {
    await assert.rejects(
      run({}, { outputs: { history: "04da6b54-80e4-46f7-96ec-b56ff0331ba9" } }),
      /is not taken for a first deployment/,
    );
  });

  it("refuses a config that is wrong before it declares anything", async () => {
    await assert.rejects(run({ overlap: "P120D" }), /1 problem\.\n- overlap must be/);
  });

  it("refuses the rehearsal's clock where there is no lab", async () => {
    const control = process.env["KEYTURN_LAB_CONTROL"];
    delete process.env["KEYTURN_LAB_CONTROL"];
    try {
      await assert.rejects(
        run({ rehearsalClock: "true" }),
        /rehearsalClock must be used with a lab only/,
      );
    } finally {
      if (control !== undefined) process.env["KEYTURN_LAB_CONTROL"] = control;
    }
  });

  it("sends the script's text and gives its remote name the text's digest", async () => {
    const { registered } = await run();
    const [copy] = ofType(registered, "command:remote:CopyToRemote");
    assert.match(String(copy?.inputs["remotePath"]), /^keyturn\/update-[0-9a-f]{8}\.sh$/);
    assert.ok(unwrap(copy?.inputs["connection"]).secret);
  });
});
