// Text of others: nothing of it is obeyed by a terminal or a pipeline, and nothing that is plain is changed.
import assert from "node:assert/strict";
import { HarmlessStream, harmless, harmlessLines, harmlessValue } from "../../src/foreign-text";

/** What the agents look for: GitHub's at a line's beginning, its former and Azure's anywhere in the line. */
const OBEYED = /^\s*::|##vso\[|##\[/im;

describe("harmless", () => {
  for (const line of [
    "##vso[task.setvariable variable=PATH]/tmp",
    "said ##VSO[task.uploadfile]/etc/passwd",
    "##[error]forged",
    "####vso[task.complete result=Succeeded]",
    "::stop-commands::x",
    "  ::add-mask::x",
    "\u00a0\u3000::error::x",
    "\u200b::error::x",
    "#\u200b#vso[task.setvariable variable=a]b",
    "\u001b[2J::error::x",
    "\t::warning::x",
    ":::error::x",
  ]) {
    it(`lets no pipeline obey ${JSON.stringify(line)}`, () => {
      assert.match(harmless(line), /./);
      assert.doesNotMatch(harmless(line), OBEYED);
    });
  }

  it("shows as escapes what a terminal would obey and what turns a line around", () => {
    assert.equal(harmless("a\u001b[31mb\u0007"), "a\\u001b[31mb\\u0007");
    assert.equal(harmless("a\rb\nc\u2028d\u0085e"), "a\\u000db\\u000ac\\u2028d\\u0085e");
    assert.equal(harmless("\u202egnp.exe\u2066"), "\\u202egnp.exe\\u2066");
    assert.equal(harmless("\ud800 \u{e0001}"), "\\ud800 \\u{e0001}");
  });

  it("bounds a line, and says how much it left out", () => {
    assert.equal(harmless("x".repeat(12), 10), `${"x".repeat(10)}… (2 characters more)`);
    assert.equal(harmless("123456789😀", 10), "123456789… (1 characters more)");
    assert(harmless("y".repeat(1e6)).length < 5000);
  });

  it("leaves plain text as it is", () => {
    for (const line of [
      "sesar: 41 days until rotation",
      "urn:pulumi:production::keyturn::keyturn:index:Credential::sesar",
      "C:\\Program Files\\SESAR, Ümläut, 日本語, 😀, 100 % [a] # x ## y",
      "",
    ]) {
      assert.equal(harmless(line), line);
    }
  });

  it("leaves out what has the shape of Entra's secrets", () => {
    const secret = `aB18Q~${"x".repeat(34)}`;
    assert.equal(harmless(`got '${secret}'`), "got '(a client secret, left out)'");
  });
});

describe("harmlessLines", () => {
  it("keeps the ends of lines, and lets none begin a command", () => {
    assert.equal(harmlessLines("a\r\n::error::x\n##vso[b]c"), "a\n: :error::x\n# #vso[b]c");
  });
});

describe("harmlessValue", () => {
  it("reaches every text in a value, and leaves all else", () => {
    const given = { a: ["##[x]", 1, null], b: { c: "\u0007", d: true } };
    assert.deepEqual(harmlessValue(given), {
      a: ["# #[x]", 1, null],
      b: { c: "\\u0007", d: true },
    });
  });
});

describe("HarmlessStream", () => {
  it("takes apart a command that comes in pieces", () => {
    let out = "";
    const stream = new HarmlessStream((text) => (out += text));
    for (const piece of ["one\n#", "#vso[task.", "x]y\r", "\n", ":", ":error::z"])
      stream.push(piece);
    assert.equal(out, "one\n# #vso[task.x]y\n");
    stream.end();
    stream.end();
    assert.equal(out, "one\n# #vso[task.x]y\n: :error::z");
  });
});
