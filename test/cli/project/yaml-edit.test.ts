// Edits of a settings file: one place changes, every other byte stays.
import assert from "node:assert/strict";
import { parse } from "yaml";
import {
  YamlEditError,
  lineComment,
  removeYaml,
  setLineComment,
  setYaml,
} from "../../../cli/project/yaml-edit";

const KEY = ["config", "keyturn:generation"];
const CONFIRMATION = { keyId: "59891cef-5d80-416a-a970-4fa9248382f8", on: "2026-11-21" };
const BLOCK = ["      keyId: 59891cef-5d80-416a-a970-4fa9248382f8", '      "on": "2026-11-21"'];

/** Title, path, value, text before, text after. */
const SET: readonly (readonly [string, readonly (string | number)[], unknown, string, string])[] = [
  [
    "keeps comments, blank lines, order and odd spaces",
    KEY,
    1,
    "# top\n\nconfig:\n  # why\n  keyturn:generation: 0   # since May\n  keyturn:list: [ 1,   2 ]\n\n# end\n",
    "# top\n\nconfig:\n  # why\n  keyturn:generation: 1   # since May\n  keyturn:list: [ 1,   2 ]\n\n# end\n",
  ],
  [
    "keeps double quotes",
    KEY,
    1,
    'config:\n  keyturn:generation: "0"\n',
    'config:\n  keyturn:generation: "1"\n',
  ],
  [
    "keeps single quotes",
    KEY,
    1,
    "config:\n  keyturn:generation: '0'\n",
    "config:\n  keyturn:generation: '1'\n",
  ],
  [
    "finds a key in quotes",
    KEY,
    1,
    "config:\n  'keyturn:generation': 0\n",
    "config:\n  'keyturn:generation': 1\n",
  ],
  [
    "keeps CRLF",
    KEY,
    1,
    "config:\r\n  keyturn:generation: 0 # x\r\n  a: b\r\n",
    "config:\r\n  keyturn:generation: 1 # x\r\n  a: b\r\n",
  ],
  [
    "adds lines with the file's own line ends",
    KEY,
    1,
    "config:\r\n  a: b\r\nsalt: x\r\n",
    "config:\r\n  a: b\r\n  keyturn:generation: 1\r\nsalt: x\r\n",
  ],
  [
    "adds a missing key after the last one, before comments that follow",
    KEY,
    1,
    "config:\n  a: |\n    x\n    y\n  # about b\n\nsalt: x\n",
    "config:\n  a: |\n    x\n    y\n  keyturn:generation: 1\n  # about b\n\nsalt: x\n",
  ],
  [
    "adds a missing key to a file that does not end in a newline",
    KEY,
    1,
    "config:\n  a: b",
    "config:\n  a: b\n  keyturn:generation: 1",
  ],
  [
    "adds a missing config",
    KEY,
    1,
    "# only the salt\nsalt: x\n",
    "# only the salt\nsalt: x\nconfig:\n  keyturn:generation: 1\n",
  ],
  ["fills an empty file", KEY, 1, "", "config:\n  keyturn:generation: 1\n"],
  [
    "adds into braces",
    KEY,
    1,
    'config: {a: 1, "b": [2, 3]} # flow\n',
    'config: {a: 1, "b": [2, 3], keyturn:generation: 1} # flow\n',
  ],
  [
    "replaces between braces",
    KEY,
    1,
    "config: {keyturn:generation: 0, a: 1}\n",
    "config: {keyturn:generation: 1, a: 1}\n",
  ],
  [
    "fills an empty map and keeps its comment",
    ["config", "c", "ci-sync"],
    CONFIRMATION,
    "config:\n  c: {} # none yet\n  a: b\n",
    ["config:", "  c: # none yet", "    ci-sync:", ...BLOCK, "  a: b", ""].join("\n"),
  ],
  [
    "fills a key without a value",
    ["config", "c", "ci-sync"],
    CONFIRMATION,
    "config:\n  c:\n  a: b\n",
    ["config:", "  c:", "    ci-sync:", ...BLOCK, "  a: b", ""].join("\n"),
  ],
  [
    "fills a null",
    ["config", "c", "ci-sync"],
    CONFIRMATION,
    "config:\n  c: null\n",
    ["config:", "  c:", "    ci-sync:", ...BLOCK, ""].join("\n"),
  ],
  [
    "adds beside another entry, with the file's own indentation",
    ["config", "c", "two", "on"],
    "2026-11-21",
    "config:\n    c:\n        one:\n            on: x # y\n    a: b\n",
    'config:\n    c:\n        one:\n            on: x # y\n        two:\n            "on": "2026-11-21"\n    a: b\n',
  ],
  [
    "adds to an entry of a list",
    ["config", "c", 1, "retry"],
    1,
    "config:\n  c:\n    - name: a\n      retry: 0\n    - name: b\n    # x\n  d: e\n",
    "config:\n  c:\n    - name: a\n      retry: 0\n    - name: b\n      retry: 1\n    # x\n  d: e\n",
  ],
  [
    "changes an entry of a list",
    ["config", "c", 0, "retry"],
    1,
    "config:\n  c:\n    - name: a\n      retry: 0 # r\n    - name: b\n",
    "config:\n  c:\n    - name: a\n      retry: 1 # r\n    - name: b\n",
  ],
  [
    "quotes what would be read as a date",
    ["config", "on"],
    "2026-11-21",
    "config:\n  on: 2026-01-01\n",
    'config:\n  on: "2026-11-21"\n',
  ],
];

describe("setYaml", () => {
  for (const [title, path, value, before, after] of SET) {
    it(title, () => {
      const edited = setYaml(before, path, value);
      assert.equal(edited, after);
      assert.doesNotThrow(() => parse(edited) as unknown);
    });
  }

  for (const [title, path, text] of [
    ["an alias", ["config", "a"], "x: &x 1\nconfig:\n  a: *x\n"],
    ["a list in place of one value", ["config", "a"], "config:\n  a: [1]\n"],
    ["an entry that a list does not have", ["config", "a", 2, "b"], "config:\n  a:\n    - b: 1\n"],
    ["an entry of a list that is not there", ["config", "b", 0, "c"], "config:\n  a: 1\n"],
    ["a key below a plain value", ["config", "a", "b"], "config:\n  a: 1\n"],
    ["a text that is not YAML", ["config", "a"], "config: {a: 1\n"],
  ] as const) {
    it(`refuses ${title}`, () => {
      assert.throws(() => setYaml(text, path, 1), YamlEditError);
    });
  }
});

describe("removeYaml", () => {
  it("takes the key's line with its comment, and no other", () => {
    const text = "config:\r\n  # x\r\n  a: 1 # y\r\n  b: 2\r\n";
    assert.equal(removeYaml(text, ["config", "a"]), "config:\r\n  # x\r\n  b: 2\r\n");
  });

  it("leaves a text alone that does not have the key", () => {
    assert.equal(removeYaml("config:\n  b: 2\n", ["config", "a"]), "config:\n  b: 2\n");
  });
});

describe("setLineComment", () => {
  it("puts a comment in the place of the one that is there", () => {
    const text = "config:\r\n  a: P14D   # before \r\n  b: 1\r\n";
    assert.equal(lineComment(text, ["config", "a"]), "before");
    const edited = setLineComment(text, ["config", "a"], "after");
    assert.equal(edited, "config:\r\n  a: P14D # after\r\n  b: 1\r\n");
    assert.equal(setLineComment(edited, ["config", "a"], ""), "config:\r\n  a: P14D\r\n  b: 1\r\n");
  });

  it("refuses between braces, where a comment would swallow the rest", () => {
    assert.throws(
      () => setLineComment("config: {a: 1, b: 2}\n", ["config", "a"], "x"),
      YamlEditError,
    );
  });
});
