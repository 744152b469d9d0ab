// What a host answers is data: a report that could be obeyed, is endless, or holds the secret is refused whole, and no
// refusal repeats a word of it.
import assert from "node:assert/strict";
import { parseHostReport } from "../../../src/contracts/host-update";
import { holdsSecret } from "../../../src/contracts/secret-in-text";
import { outcomeOf } from "../../../src/decide/host-fields";

const SECRET = "Zq~8Q.r7-Lm_x2VbT9c~KpWd4eYf.H6sJn0uAaGg";
const KEY_ID = "0a1b2c3d-4e5f-4071-8293-a4b5c6d7e8f9";
const GIVEN = { secret: SECRET, keyId: KEY_ID };
const reported = (over: Record<string, unknown> = {}): string =>
  JSON.stringify({
    keyturn: "report/1",
    mode: "apply",
    outcome: "updated",
    reason: "The service runs on it.",
    remedy: "",
    problems: [],
    consumer: "north",
    epoch: "2026-05",
    keyId: "0a1b2c3d-4e5f-4071-8293-a4b5c6d7e8f9",
    revision: "e3b0c44298fc1c14",
    attempt: "1",
    retry: 0,
    service: "SESAR",
    serviceState: "running",
    file: "/opt/sesar/instance.json",
    adoptedKeyId: "0a1b2c3d-4e5f-4071-8293-a4b5c6d7e8f9",
    restoredCount: 0,
    interrupted: null,
    nextSync: null,
    startedAt: "2026-05-20T10:00:00Z",
    finishedAt: "2026-05-20T10:00:04Z",
    milliseconds: 4000,
    downtimeMilliseconds: 200,
    restarts: 1,
    phases: [{ name: "input", milliseconds: 1 }],
    ...over,
  });

describe("parseHostReport", () => {
  it("takes a report of the contract", () => {
    assert.equal(parseHostReport(`${reported()}\n`).outcome, "updated");
  });

  const PROFILE = "Welcome to the host.\r\nLoading personal and system profiles took 1204ms.\r\n";
  for (const [what, stdout, others] of [
    ["a line of a profile before it", `hello\n${reported()}\n`, 1],
    ["a banner before it and a farewell after it", `${PROFILE}\r\n${reported()}\r\nbye\r\n`, 3],
    ["70 KB of a profile", `${"#".repeat(70_000)}\n${reported()}\n`, 1],
    ["a byte order mark and spaces before its mark", `\ufeff  ${reported()}\n`, 0],
    ["lines of JSON that are no report", `{"a":1}\n${reported()}\n{"keyturn":"link/1"}\n`, 2],
    ["a transcript that quotes it", `${reported()}\n> ${reported()}\n`, 1],
  ] as const) {
    it(`takes the report by its mark, and counts the rest, beside ${what}`, () => {
      assert.equal(parseHostReport(stdout).outcome, "updated");
      const outcome = outcomeOf("north", stdout, GIVEN);
      assert.equal(outcome.otherLines ?? 0, others);
      assert.equal(outcome.adopted, true);
    });
  }

  it("refuses two reports, and none", () => {
    const two = `${reported()}\n${reported({ outcome: "needsHands" })}\n`;
    assert.throws(() => parseHostReport(two), /2 reports where one was expected/);
    assert.throws(() => parseHostReport(PROFILE), /none of its 2 lines is a report/);
    assert.throws(() => parseHostReport(""), /none of its 0 lines is a report/);
  });

  for (const [what, over, fault] of [
    [
      "a reason with a second line",
      { reason: "a\n##vso[task.x]y" },
      /reason: must hold no control/,
    ],
    ["a reason with a terminal's escape", { reason: "\u001b[2J" }, /reason: must hold no control/],
    ["a service's name that is turned around", { service: "\u202egnp" }, /service: must hold no c/],
    ["a problem with a control", { problems: ["\u0007"] }, /problems\.0: must hold no control/],
    ["a phase's name with a control", { phases: [{ name: "\r", milliseconds: 1 }] }, /phases\.0/],
    ["a reason without an end", { reason: "x".repeat(4097) }, /reason: must be at most 4096/],
    ["a key id without an end", { keyId: "x".repeat(129) }, /keyId: must be at most 128/],
    ["problems without an end", { problems: Array(201).fill("x") }, /problems: /],
    ["a report without an end", { problems: Array(200).fill("x".repeat(4000)) }, /too long/],
    ["names that are not in the contract", { [SECRET]: 1 }, /report: has keys that the contract/],
  ] as const) {
    it(`refuses ${what}`, () => {
      assert.throws(
        () => parseHostReport(reported(over)),
        (error: Error) => {
          assert.match(error.message, fault);
          assert.equal(error.cause, undefined);
          return (
            !error.message.includes(SECRET) &&
            !["vso", "\u001b"].some((one) => error.message.includes(one))
          );
        },
      );
    });
  }

  it("quotes nothing of what is no JSON", () => {
    assert.throws(
      () => parseHostReport(SECRET),
      (error: Error) => !`${error.message}${String(error.cause)}`.includes(SECRET.slice(0, 8)),
    );
  });
});

describe("outcomeOf", () => {
  it("takes a report that holds no secret, and takes a pipeline's command in it apart", () => {
    const stdout = reported({ reason: "::error::x ##vso[task.y]z" });
    assert.equal(outcomeOf("north", stdout, GIVEN).reason, ": :error::x # #vso[task.y]z");
  });

  for (const [what, stdout] of [
    ["no report", "Welcome to the host.\n"],
    ["two", `${reported()}\n${reported()}\n`],
    ["half of one", reported().slice(0, 200)],
  ] as const) {
    it(`adopts nothing by ${what}, says so, and leaves the next run to ask again`, () => {
      const { outcome, adopted, keyId, reason } = outcomeOf("north", stdout, GIVEN);
      assert.deepEqual([outcome, adopted, keyId], ["unread", false, KEY_ID]);
      assert.match(reason, /^The host's report cannot be read: .* Run again/);
    });
  }

  const utf8 = Buffer.from(SECRET);
  const reversed = Array.from(SECRET).reverse().join("");
  for (const [what, text] of [
    ["the secret", SECRET],
    ["a long piece of it", SECRET.slice(9, 31)],
    ["its base64", utf8.toString("base64")],
    ["its base64 amid other bytes", Buffer.from(`x${SECRET}yz`).toString("base64")],
    ["its base64 behind two bytes", Buffer.from(`xx${SECRET}`).toString("base64")],
    ["its base64 for addresses", utf8.toString("base64url")],
    ["PowerShell's base64 of it", Buffer.from(SECRET, "utf16le").toString("base64")],
    ["its base64 backwards", Array.from(utf8.toString("base64")).reverse().join("")],
    ["the base64 of it backwards", Buffer.from(reversed).toString("base64")],
    ["it backwards", reversed],
    ["its hexadecimal", utf8.toString("hex")],
    [
      "its hexadecimal in capitals, by colons",
      utf8.toString("hex").toUpperCase().replace(/../g, "$&:"),
    ],
    ["it percent-encoded", utf8.toString("hex").replace(/../g, "%$&")],
    ["it encoded for an address", encodeURIComponent(SECRET)],
    ["it in capitals, spaced", Array.from(SECRET.toUpperCase()).join(" ")],
  ] as const) {
    it(`drops a report that holds ${what}, names the consumer and says nothing of it`, () => {
      assert.throws(
        () => outcomeOf("north", reported({ reason: `see ${text}.` }), GIVEN),
        ({ message }: Error) =>
          message.startsWith("north: the host's report must hold no secret") &&
          !holdsSecret(message, SECRET),
      );
    });
  }

  it("drops a report whose fields hold the secret together, or in a key, or in JSON's escapes", () => {
    const [a, b] = [SECRET.slice(0, 20), SECRET.slice(20)];
    const escapes = Array.from(SECRET)
      .map((one) => `\\u00${one.charCodeAt(0).toString(16)}`)
      .join("");
    for (const stdout of [
      reported({ problems: [a.slice(0, 13), a.slice(13), b.slice(0, 12), b.slice(12)] }),
      reported({ [SECRET]: 1 }),
      reported({ reason: "HERE" }).replace("HERE", escapes),
      `hello\n${reported({ reason: "HERE" }).replace("HERE", escapes)}`,
      `no JSON ${SECRET}`,
    ]) {
      assert.throws(() => outcomeOf("north", stdout, GIVEN), /must hold no secret/);
    }
  });

  it("takes no other secret's report for a leak", () => {
    for (const other of ["", "0123456789abcdefghijklmnopqrstuvwxyzABCD", "n0n3-0f-1t"]) {
      assert.equal(holdsSecret(reported(), other), false);
    }
  });
});
