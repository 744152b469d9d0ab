// Which licence groups are taken over, which are made, and what is refused by name.
import assert from "node:assert/strict";
import type { GroupIntent, GroupReading } from "../../../src/decide/existing-groups";
import {
  existingGroupProblems,
  groupsToDeclare,
  planGroups,
} from "../../../src/decide/existing-groups";

const TOP = "00000000-0000-4000-8000-000000000001";
const PRO = "00000000-0000-4000-8000-000000000002";
const intent: GroupIntent = {
  names: ["Licences", "Pro"],
  existing: { Licences: TOP, Pro: PRO },
  held: {},
  members: [],
};
const found = (objectId: string, displayName: string) => ({ objectId, displayName });
const reading: GroupReading = {
  given: { Licences: found(TOP, "Licences"), Pro: found(PRO, "Pro") },
  named: {},
  connected: ["Pro"],
};

describe("planGroups", () => {
  it("imports the groups that are given, and the memberships that exist", () => {
    const plan = planGroups(intent, reading);
    assert.deepEqual(plan.imports, intent.existing);
    assert.deepEqual(plan.memberships, { Pro: `${TOP}/member/${PRO}` });
    assert.deepEqual([plan.apart, plan.warnings], [[], []]);
  });

  it("puts no group into a parent that was taken over, and says who is missing", () => {
    const { apart, warnings } = planGroups(intent, { ...reading, connected: [] });
    assert.deepEqual(apart, ["Pro"]);
    assert.match(
      warnings.join(),
      new RegExp(`az ad group member add --group ${TOP} --member-id ${PRO}`),
    );
  });

  it("keeps a membership that the state holds, though nobody read it", () => {
    const held = { Licences: TOP, Pro: PRO };
    const plan = planGroups({ ...intent, held, members: ["Pro"] }, { ...reading, connected: [] });
    assert.deepEqual(plan.apart, []);
  });

  it("joins a group that is taken over to a parent that this stack made", () => {
    const over = { existing: { Pro: PRO }, held: { Licences: TOP } };
    const plan = planGroups({ ...intent, ...over }, reading);
    assert.deepEqual(plan.memberships, { Pro: `${TOP}/member/${PRO}` });
    assert.deepEqual(planGroups({ ...intent, ...over }, { ...reading, connected: [] }).apart, []);
  });

  const refused: [what: string, over: Partial<GroupIntent>, GroupReading, RegExp][] = [
    [
      "an object id that no group has",
      {},
      { ...reading, given: { ...reading.given, Pro: undefined } },
      /existingGroups\.Pro must be the object id of a group that exists, got .*2\./,
    ],
    [
      "a group of another name, be it one byte",
      {},
      { ...reading, given: { ...reading.given, Pro: found(PRO, "Pro ") } },
      /existingGroups\.Pro must .* display name is "Pro", byte for byte, got .*2, which is "Pro "/,
    ],
    [
      "another group than the one that the state holds",
      { held: { Licences: TOP, Pro: TOP } },
      reading,
      /existingGroups\.Pro must be the group that this stack holds already, .*1, got .*2/,
    ],
    [
      "to make a group twice, with the line to write",
      { existing: {} },
      { given: {}, named: { Pro: [found(PRO, "Pro")] }, connected: [] },
      new RegExp(`the group Pro must not be made twice.* got object id ${PRO}\\..*"Pro": ${PRO}`),
    ],
    [
      "to make a group beside one with nearly that name",
      { existing: {} },
      { given: {}, named: { Pro: [found(PRO, "pro")] }, connected: [] },
      /must not be made beside a group with nearly that name, got "pro"/,
    ],
  ];
  for (const [what, over, given, sentence] of refused) {
    it(`refuses ${what}`, () => {
      assert.throws(() => planGroups({ ...intent, ...over }, given), sentence);
    });
  }
});

describe("existingGroups", () => {
  it("names the product's licence groups byte for byte, each another one", () => {
    const problems = existingGroupProblems({ Pro: TOP, "pro ": PRO, Eco: TOP }, ["Pro", "Eco"]);
    assert.deepEqual(
      problems.map(({ subject, given }) => [subject, given]),
      [
        ["existingGroups", '"pro "'],
        ["existingGroups.Eco", TOP],
      ],
    );
    assert.deepEqual(existingGroupProblems({ Pro: TOP }, ["Pro", "Eco"]), []);
  });

  const preset = { licenceGroup: "Licences", licenceMembers: ["Pro"] };
  const rows: [string, string, Record<string, string>, Record<string, unknown>, string[]][] = [
    ["are declared for an application of this stack", "", {}, {}, ["Licences", "Pro"]],
    ["are not for an adopted one", PRO, {}, {}, []],
    ["are for an adopted one when they are given", PRO, { Pro: TOP }, {}, ["Licences", "Pro"]],
    ["are when the config names the group", PRO, {}, { licenceGroup: "L" }, ["Licences", "Pro"]],
  ];
  for (const [what, applicationClientId, existingGroups, overrides, names] of rows) {
    it(what, () => {
      const config = { applicationClientId, existingGroups };
      assert.deepEqual(groupsToDeclare(preset, config, overrides).names, names);
    });
  }
});
