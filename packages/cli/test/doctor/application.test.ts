// What the doctor says of the application and of its client secrets.
import assert from "node:assert/strict";
import {
  type ApplicationFacts,
  END_NEAR_DAYS,
  type SecretFacts,
  applicationFindings,
  newApplicationFindings,
  secretFindings,
} from "../../doctor/application";
import type { Finding } from "../../doctor/finding";
import { KEY_IDS, SECOND, SETTLED } from "../fixtures";

const CLIENT = "55555555-5555-4555-8555-555555555555";
const ME = "66666666-6666-4666-8666-666666666666";
const READ = "Group.Read.All";
const WELL: ApplicationFacts = {
  application: {
    displayName: "SESAR",
    signInAudience: "AzureADMyOrg",
    declaredRoleIds: ["r1"],
    ownerObjectIds: [ME],
  },
  principal: { consentedRoleIds: ["r1"] },
  roleNames: { r1: READ, r2: "Mail.Read" },
  deployerObjectId: ME,
  isEnabled: true,
  wantedOwners: [],
};
const told = (findings: readonly Finding[]): string[] =>
  findings.filter(({ level }) => level !== "ok").map(({ level, check }) => `${level} ${check}`);
const of = (changes: Partial<ApplicationFacts>, adopted = false): Finding[] =>
  applicationFindings(CLIENT, adopted, [READ], { ...WELL, ...changes });

describe("the doctor on the application", () => {
  it("finds nothing where it is as it should be", () => {
    assert.deepEqual(told(of({})), []);
    assert.deepEqual(told(of({}, true)), []);
  });

  it("fails where its name is taken before there is one", () => {
    assert.deepEqual(told(newApplicationFindings("SESAR", [])), []);
    const taken = newApplicationFindings("SESAR", [
      { clientId: CLIENT, createdAt: "2026-01-01T00:00:00", secrets: [] },
    ]);
    assert.deepEqual(told(taken), ["fails application"]);
    assert.match(taken[0]?.remedy ?? "", new RegExp(`applicationClientId: ${CLIENT}`));
  });

  it("fails where it is gone, whether adopted or made by the stack", () => {
    const gone = { application: undefined, principal: undefined };
    assert.deepEqual(told(of(gone)), ["fails application"]);
    assert.match(of(gone)[0]?.says ?? "", /is in the state and not in Entra/);
    assert.deepEqual(told(of(gone, true)), ["fails application"]);
  });

  it("fails where sign-in is switched off, and not where that is not said", () => {
    assert.deepEqual(told(of({ isEnabled: false })), ["fails application"]);
    assert.deepEqual(told(of({ isEnabled: undefined })), []);
  });

  it("fails where whoever is signed in does not own it, and says how to make him", () => {
    const found = of({ deployerObjectId: "other" });
    assert.deepEqual(told(found), ["fails application owners"]);
    const remedies = found.map(({ remedy }) => remedy).join("");
    assert.match(remedies, /az ad app owner add --id .* --owner-object-id other/);
  });

  it("warns of each owner that the config wants and the application has not", () => {
    const found = of({ wantedOwners: [ME, "other"] });
    assert.deepEqual(told(found), ["warning application owners"]);
    const remedies = found.map(({ remedy }) => remedy).join("");
    assert.match(remedies, /az ad app owner add --id .* --owner-object-id other/);
    assert.deepEqual(told(of({ wantedOwners: [ME.toUpperCase()] })), []);
  });

  it("fails for each consent that is missing, by name", () => {
    const found = of({ principal: { consentedRoleIds: [] } });
    assert.deepEqual(told(found), ["fails consents"]);
    assert.match(found.map(({ says }) => says).join(""), /missing for Group\.Read\.All/);
  });

  it("warns of a permission that the product does not ask for", () => {
    const principal = { consentedRoleIds: ["r1", "r2"] };
    const found = of({ principal });
    assert.deepEqual(told(found), ["warning application"]);
    assert.match(found.map(({ says }) => says).join(""), /Mail\.Read/);
  });
});

describe("the doctor on client secrets", () => {
  const ours = {
    displayName: "sesar 2026-11",
    keyId: KEY_IDS.second,
    startDate: "2026-11-01T00:00:00Z",
    endDate: SECOND.endDate,
  };
  const other = { ...ours, displayName: "by hand", keyId: KEY_IDS.third };
  const facts: SecretFacts = {
    listed: [ours],
    history: SETTLED,
    inventory: { foreign: [], orphans: [], missing: [] },
    now: new Date("2026-11-21T00:00:00Z"),
  };
  const secrets = (changes: Partial<SecretFacts>) => secretFindings({ ...facts, ...changes });
  const inventory = (changes: Partial<SecretFacts["inventory"]>) =>
    secrets({ inventory: { ...facts.inventory, ...changes } });

  it("finds nothing where all are the stack's", () => {
    assert.deepEqual(told(secrets({})), []);
    assert.equal(secrets({}).length, 1);
  });

  it("fails where the one in use is gone, and warns where another one is", () => {
    const gone = { label: "2026-11", keyId: KEY_IDS.second, endDate: SECOND.endDate };
    assert.deepEqual(told(inventory({ missing: [gone] })), ["fails client secrets"]);
    const former = { ...gone, keyId: KEY_IDS.first };
    assert.deepEqual(told(inventory({ missing: [former] })), ["warning client secrets"]);
  });

  it("warns of one that is named as the stack's and unknown to it", () => {
    const orphans = [{ ...ours, standing: "unknown" as const, because: "" }];
    const found = inventory({ orphans });
    assert.deepEqual(told(found), ["warning client secrets"]);
    assert.match(found[0]?.remedy ?? "", /keyturn adopt/);
  });

  it("tells one of others that is valid from one that has ended, which it says how to remove", () => {
    const ended = { ...other, endDate: "2026-01-01T00:00:00Z", removeWith: "az remove it" };
    const found = inventory({ foreign: [{ ...other, removeWith: "az remove it" }, ended] });
    assert.deepEqual(told(found), ["warning client secrets", "warning client secrets"]);
    assert.match(found[0]?.says ?? "", /by hand .* is valid until 2027-11-01/);
    assert.doesNotMatch(found[0]?.remedy ?? "", /az remove it/);
    assert.match(found[1]?.says ?? "", /ended on 2026-01-01/);
    assert.equal(found[1]?.remedy, "az remove it");
  });

  it("warns before the end of the one in use, and fails after it", () => {
    const days = (before: number) =>
      secrets({ now: new Date(Date.parse(SECOND.endDate) - before * 86_400_000) });
    assert.deepEqual(told(days(END_NEAR_DAYS + 1)), []);
    assert.deepEqual(told(days(END_NEAR_DAYS)), ["warning client secrets"]);
    assert.deepEqual(told(days(-1)), ["fails client secrets"]);
  });
});
