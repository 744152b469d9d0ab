// A text that was read in another encoding than its own is refused with its place, wherever a person gave it.
import assert from "node:assert/strict";
import { fileTextProblem, lostCharacter, lostCharacters, textOf } from "../../../src/config/text";

/** What a reader of UTF-8 makes of bytes that are none. */
const asUtf8 = (bytes: Buffer): string => bytes.toString("utf8");

describe("lostCharacter", () => {
  const lost: readonly [what: string, text: string, place: string][] = [
    [
      "Windows-1252 that was read as UTF-8",
      asUtf8(Buffer.from('{\r\n  "path": "D:\\\\Données"\r\n}', "latin1")),
      "line 2, column 20",
    ],
    ["UTF-16 with its mark", asUtf8(Buffer.from("\uFEFF{}", "utf16le")), "line 1, column 1"],
    ["one that another program made before", "a\n\n\uFFFD", "line 3, column 1"],
    ["one after characters of two halves", "😀😀\uFFFD", "line 1, column 3"],
  ];
  for (const [what, text, place] of lost) {
    it(`names the place of U+FFFD in ${what}, and says nothing of the text`, () => {
      const said = lostCharacter(text);
      assert.match(String(said), new RegExp(`has U\\+FFFD at ${place}: .*Windows-1252`));
      assert.doesNotMatch(String(said), /Donn|D:|\uFFFD/);
    });
  }

  it("names half a character, which would become U+FFFD as soon as it is written", () => {
    assert.match(String(lostCharacter("ab\ud83d")), /has half a character at line 1, column 3:/);
  });

  it("takes accents, two-halved characters, a byte order mark and line ends of every kind", () => {
    assert.equal(lostCharacter("\uFEFFé😀\r\n\r\nß\u2028\t\r"), undefined);
  });
});

describe("fileTextProblem", () => {
  it("names UTF-16 without its mark by its first NUL", () => {
    const text = asUtf8(Buffer.from('{"AzureAD_Secret":""}', "utf16le"));
    assert.match(String(fileTextProblem(text)), /has NUL at line 1, column 2, as UTF-16 has/);
  });
});

describe("textOf", () => {
  const text = '{\r\n "p": "é😀"}\r';
  const wide = Buffer.from(text, "utf16le");
  const rows: readonly [what: string, bytes: Buffer, said: RegExp][] = [
    [
      "Windows-1252",
      Buffer.from('{\r\n "p": "é"}', "latin1"),
      /not at line 2, column 8: .*Windows-1252/,
    ],
    [
      "UTF-16 with its mark",
      Buffer.from(`\uFEFF${text}`, "utf16le"),
      /in UTF-16 \(little-endian\)/,
    ],
    ["UTF-16 without one", wide, /in UTF-16 \(little-endian, without a mark\)/],
    ["UTF-16 the other way round", Buffer.from(wide).swap16(), /\(big-endian, without a mark\)/],
    ["a text that lost a character before", Buffer.from("\n\uFFFD"), /U\+FFFD at line 2, column 1/],
  ];
  for (const [what, bytes, said] of rows) {
    it(`names ${what}`, () => {
      const found = textOf(bytes);
      assert("problem" in found);
      assert.match(found.problem, said);
    });
  }

  it("keeps every byte of UTF-8, the mark and the line ends too", () => {
    for (const one of ["", text, `\uFEFF${text}`]) {
      assert.deepEqual(textOf(Buffer.from(one)), { text: one });
    }
  });
});

describe("lostCharacters", () => {
  it("finds them in texts and keys however deep, each by its path", () => {
    const value = { plain: "é", deep: [{ path: "D:\\Donn\uFFFDes" }, 7, null], "k\uFFFD": true };
    assert.deepEqual(
      lostCharacters("overrides", value, "Set it.").map(({ subject }) => subject),
      ["overrides.deep[0].path", "a key of overrides"],
    );
  });
});
