// A change of a stack's config: how it is told to the engine, and what it may not do to the rest of the file.
import assert from "node:assert/strict";
import { changeText, lossesOf, misread, pathText } from "../../project/config-change";

const ON = { path: ["confirmations", "ci-sync", "on"], value: "2026-11-21" } as const;
const RETRY = { path: ["consumers", 1, "retry"], value: 2 } as const;
const GENERATION = { path: ["generation"], value: 3 } as const;

describe("a change of the config", () => {
  it("names its place as the engine takes it, whatever a consumer is called", () => {
    assert.deepEqual(
      [ON, RETRY, GENERATION].map(({ path }) => pathText(path)),
      ['confirmations["ci-sync"]["on"]', 'consumers[1]["retry"]', "generation"],
    );
  });

  it("is told to a person as it would stand in the file, a date in quotes", () => {
    assert.deepEqual([ON, RETRY, GENERATION].map(changeText), [
      'confirmations.ci-sync.on: "2026-11-21"',
      "consumers[1].retry: 2",
      "generation: 3",
    ]);
  });
});

describe("misread", () => {
  const before = {
    generation: "2",
    overlap: "P14D",
    confirmations: {},
    consumers: [{ name: "a" }, { name: "b" }],
  };
  const after = {
    generation: "3",
    overlap: "P14D",
    confirmations: { "ci-sync": { on: "2026-11-21" } },
    consumers: [{ name: "a" }, { name: "b", retry: 2 }],
  };

  it("finds nothing when the engine reads what was meant and all else as before", () => {
    assert.deepEqual(misread(before, [ON, RETRY, GENERATION], after), []);
  });

  for (const [what, changed, keys] of [
    ["a change that was not made", { generation: "2" }, ["generation"]],
    ["another key that changed", { overlap: "PT0S" }, ["overlap"]],
    ["a key that came", { every: "P6M" }, ["every"]],
    [
      "a date that became an instant",
      { confirmations: { "ci-sync": { on: "2026-11-21 00:00:00 +0000 UTC" } } },
      ["confirmations"],
    ],
    [
      "another consumer that changed",
      {
        consumers: [
          { name: "b", retry: 2 },
          { name: "b", retry: 2 },
        ],
      },
      ["consumers"],
    ],
  ] as const) {
    it(`finds ${what}`, () => {
      assert.deepEqual(misread(before, [ON, RETRY, GENERATION], { ...after, ...changed }), keys);
    });
  }

  it("finds a key that went", () => {
    const { overlap, ...rest } = after;
    assert.equal(overlap, "P14D");
    assert.deepEqual(misread(before, [ON, RETRY, GENERATION], rest), ["overlap"]);
  });
});

describe("lossesOf", () => {
  const text = `# why
encryptionsalt: v1:abc
config:
  keyturn:overlap:   P14D # two weeks

  keyturn:generation: 0
  keyturn:note: "# no comment & no anchor *"
  keyturn:consumerSecrets:
    archive:
      privateKey:
        secure: v1:xyz
`;

  it("finds nothing where layout and quotes changed", () => {
    const after = text.replace("   P14D", " P14D").replace("\n\n", "\n").replace("0", '"1"');
    assert.deepEqual(lossesOf(text, after), []);
  });

  for (const [what, before, after, losses] of [
    ["a comment", text, text.replace(" # two weeks", ""), ["its comments"]],
    ["a comment's words", text, text.replace("# why", "# what"), ["its comments"]],
    ["an anchor", "config:\n  a: &x 1\n  b: *x\n", "config:\n  a: &x 1\n  b: 1\n", ["its anchors"]],
    [
      "a key beside config",
      text,
      text.replace("encryptionsalt", "secretsprovider"),
      ["what stands beside config"],
    ],
    ["an encrypted value", text, text.replace("v1:xyz", "v1:xyy"), ["an encrypted value"]],
    ["everything", text, "", ["its comments", "what stands beside config", "an encrypted value"]],
  ] as const) {
    it(`finds ${what}`, () => assert.deepEqual(lossesOf(before, after), losses));
  }
});
