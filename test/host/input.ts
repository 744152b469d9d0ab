// Input that does not fit the contract is refused as a whole, with every problem named and nothing touched.
import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { encodeHostInput } from "../../src/contracts/host-update";
import type { Interpreter } from "../helpers/interpreters";
import { type Pass, passesOf } from "../helpers/cultures";
import { FRESH, FakeHost } from "../helpers/fake-host";

interface Fault {
  readonly law: string;
  readonly spoil: (text: string) => string;
  readonly says: readonly string[];
  /** No other problem is told. */
  readonly alone?: true;
  /** What the report echoes as the revision. */
  readonly revision?: string;
}

const base64 = (text: string) => Buffer.from(text).toString("base64");
const bytes = (...each: readonly number[]) => Buffer.from(each).toString("base64");
const field = (name: string, value: string) => (text: string) =>
  text.replace(new RegExp(`^${name}=.*$`, "m"), `${name}=${value}`);

/** File mode edit, with its own three texts. */
const edit = (before: string, value: string, after: string) => (text: string) =>
  Object.entries({ fileMode: "edit", content: "", before, value, after }).reduce(
    (spoilt, [name, plain]) => field(name, base64(plain))(spoilt),
    text,
  );

const faults: readonly Fault[] = [
  { law: "nothing at all", spoil: () => "", says: ["first line"] },
  {
    law: "another version",
    spoil: (t) => t.replace("update/1", "update/2"),
    says: ["first line must be"],
  },
  { law: "no end line", spoil: (t) => t.replace(/end\n$/, ""), says: ["no end line"] },
  { law: "an end line without its line end", spoil: (t) => t.slice(0, -1), says: ["no end line"] },
  {
    law: "input cut within the secret",
    spoil: (t) => t.slice(0, t.indexOf("content=") + 60),
    says: ["no end line"],
  },
  { law: "bytes after the end line", spoil: (t) => `${t}x`, says: ["Bytes follow"] },
  { law: "a line after the end line", spoil: (t) => `${t}end\n`, says: ["Bytes follow"] },
  {
    law: "an unknown field",
    spoil: (t) => t.replace("end\n", `extra=${base64("x")}\nend\n`),
    says: ["unknown field"],
  },
  {
    law: "a name of two fields",
    spoil: (t) => t.replace("end\n", "consumer epoch=\nend\n"),
    says: ["unknown field"],
  },
  {
    law: "a missing field",
    spoil: (t) => t.replace(/^epoch=.*\n/m, ""),
    says: ["epoch: is missing"],
  },
  {
    law: "a field given twice",
    spoil: (t) => t.replace("end\n", "retry=MA==\nend\n"),
    says: ["retry: given more than once"],
  },
  {
    law: "a line without =",
    spoil: (t) => t.replace("end\n", "service\nend\n"),
    says: ["holds no '='"],
  },
  {
    law: "a NUL in the first line",
    spoil: (t) => t.replace("update/1", "update\0/1"),
    says: ["first line must be"],
  },
  {
    law: "a NUL in a field's name",
    spoil: (t) => t.replace("epoch=", "ep\0och="),
    says: ["unknown field", "epoch: is missing"],
  },
  {
    law: "a NUL in a field's text",
    spoil: (t) => t.replace("epoch=", "epoch=\0"),
    says: ["epoch: is not base64"],
  },
  { law: "a line of NULs", spoil: (t) => t.replace("epoch=", "\0\0\nepoch="), says: ["no '='"] },
  { law: "a NUL in the end line", spoil: (t) => t.replace(/end\n$/, "e\0nd\n"), says: ["no end"] },
  { law: "a NUL after the end line", spoil: (t) => `${t}\0`, says: ["Bytes follow"] },
  {
    law: "a field that parts lines elsewhere",
    spoil: (t) => t.replace("epoch=", "epoch=;\nepoch="),
    says: ["epoch: is not base64", "epoch: given more than once"],
  },
  {
    law: "more than 8 MiB",
    spoil: (t) => t + "x".repeat(8_388_609 - t.length),
    says: ["longer than 8388608 bytes"],
  },
  { law: "CR LF line ends", spoil: (t) => t.replaceAll("\n", "\r\n"), says: ["first line"] },
  {
    law: "base64 without its padding",
    spoil: field("retry", "MA"),
    says: ["retry: is not base64"],
  },
  {
    law: "base64 with a foreign byte",
    spoil: field("retry", "M A="),
    says: ["retry: is not base64"],
  },
  {
    law: "base64 with padding in its middle",
    spoil: field("retry", "MA==MA=="),
    says: ["retry: is not base64"],
  },
  {
    law: "a NUL in a text",
    spoil: field("service", base64("SES\0AR")),
    says: ["service: holds a NUL"],
  },
  {
    law: "a NUL in the value",
    spoil: field("value", base64("a\0b")),
    says: ["value: holds a NUL"],
  },
  {
    law: "a control character in a text",
    spoil: field("service", base64("SES\u0007AR")),
    says: ["control characters"],
  },
  {
    law: "a number with a leading zero",
    spoil: field("retry", base64("01")),
    says: ["retry: must be whole"],
  },
  {
    law: "a number with a sign",
    spoil: field("marginSeconds", base64("-1")),
    says: ["marginSeconds: must be whole"],
  },
  {
    law: "a number that is too long",
    spoil: field("retry", base64("1234567")),
    says: ["retry: must be whole"],
  },
  { law: "a word with a space", spoil: field("keyId", base64("a b")), says: ["keyId: must be"] },
  {
    law: "a word that is too long and of other letters, once",
    spoil: field("consumer", base64("é".repeat(65))),
    says: ["consumer: must be 1 to 128 of"],
    alone: true,
  },
  {
    law: "a choice that does not exist",
    spoil: field("fileMode", base64("append")),
    says: ["fileMode: must be one of"],
  },
  { law: "a relative path", spoil: field("filePath", base64("instance.json")), says: ["absolute"] },
  { law: "a value with a line break", spoil: field("value", base64("a\nb")), says: ["line break"] },
  {
    law: "a content without the value",
    spoil: field("content", base64("{}")),
    says: ["must contain value"],
  },
  {
    law: "a daily window that is none",
    spoil: field("windowDaily", base64("24:00-01:00")),
    says: ["windowDaily"],
  },
  {
    law: "an empty line in a list",
    spoil: field("failurePatterns", base64("a\n\nb")),
    says: ["no empty line"],
  },
  {
    law: "a second last line end in a list",
    spoil: field("failurePatterns", base64("a\n\n")),
    says: ["failurePatterns: must hold no empty line"],
  },
  {
    law: "a list of one empty line",
    spoil: field("failurePatterns", base64("\n")),
    says: ["failurePatterns: must hold no empty line"],
  },
  {
    law: "no name of a service",
    spoil: field("service", ""),
    says: ["service: must not be empty"],
  },
  {
    law: "a command for another manager",
    spoil: field("serviceManager", base64("systemd")),
    says: ["startCommand: must be empty"],
  },
  {
    law: "a quote in a command",
    spoil: field("stopCommand", base64('a\n"b')),
    says: ["stopCommand"],
  },
  {
    law: "a deadline that is too short",
    spoil: field("deadlineSeconds", base64("5")),
    says: ["deadlineSeconds: must be at least"],
  },
  {
    law: "a dead-man's bound that is too short",
    spoil: field("deadManSeconds", base64("5")),
    says: ["deadManSeconds: must be at least"],
  },
  {
    law: "an edited value that holds the text after it",
    spoil: edit('key="', 'a"b', '"'),
    says: ["after: must not begin within value"],
  },
  {
    law: "an edited value that the text after it begins in and ends behind",
    spoil: edit('key="', "ab-", "--"),
    says: ["after: must not begin within value"],
  },
  {
    law: "an edited value that holds the text before it",
    spoil: edit("key:", "akey:b", ";"),
    says: ["before: must not stand in value and after"],
  },
  {
    law: "an edited value that makes the text before it with the text after it",
    spoil: edit("key:", "ake", "y:"),
    says: ["before: must not stand in value and after"],
  },
  {
    law: "a text that is not UTF-8",
    spoil: field("service", Buffer.from([0x53, 0xc0, 0x80]).toString("base64")),
    says: ["service: must be text in UTF-8"],
  },
  {
    law: "a text that is not UTF-8, which was given all the same",
    spoil: field("tracePrefix", bytes(0x61, 0xc3)),
    says: ["tracePrefix: must be text in UTF-8"],
    alone: true,
  },
  {
    law: "the only name of a service, which is not UTF-8 but was given",
    spoil: field("service", bytes(0xff)),
    says: ["service: must be text in UTF-8"],
    alone: true,
  },
  {
    law: "a word that is not UTF-8, in a report that is",
    spoil: field("revision", bytes(0xed, 0xa0, 0x80)),
    says: ["revision: must be text in UTF-8", "revision: must be 1 to 128 of"],
    alone: true,
    revision: "???",
  },
  {
    law: "a NUL in a command, which is no control character too",
    spoil: field("startCommand", base64("a\0b")),
    says: ["startCommand: holds a NUL"],
    alone: true,
  },
  {
    law: "a list that is too long",
    spoil: field("failurePatterns", base64(`${"x".repeat(1000)}\n`.repeat(160))),
    says: ["failurePatterns: must be at most 65536 bytes long in all"],
  },
  {
    law: "an empty line in the optional list",
    spoil: (t) => t.replace("end\n", `successPatterns=${base64("a\n\nb")}\nend\n`),
    says: ["successPatterns: must hold no empty line"],
  },
  {
    law: "a line of a successful sync to look for without a trace",
    spoil: (t) =>
      field(
        "traceDirectory",
        "",
      )(t.replace("end\n", `successPatterns=${base64("synchronised")}\nend\n`)),
    says: ["successPatterns: needs traceDirectory and tracePattern"],
  },
  {
    law: "a path that leads over a link's own parent",
    spoil: field("filePath", base64("/srv/link/../instance.json")),
    says: ["filePath: must hold no part . or .."],
  },
  {
    law: "a trace folder that a tool takes for an option",
    spoil: field("traceDirectory", base64("-x")),
    says: ["traceDirectory: must be an absolute path"],
  },
  {
    law: "a trace's name with a folder in it",
    spoil: field("tracePattern", base64("../Trace_YYYY_M.log")),
    says: ["tracePattern: must be a file's name"],
  },
  {
    law: "thousands of lines that are none, in a report that can be read",
    spoil: (t) => t.replace("end\n", `${"junk\n".repeat(20_000)}end\n`),
    says: ["holds no '='", "There are more problems."],
  },
  {
    law: "an end with 0 for its own refusal",
    spoil: field("exitZeroFor", base64("refused")),
    says: ["exitZeroFor: must list alreadyAdopted or notNow"],
  },
  {
    law: "an end with 0 for a refusal beside one that may",
    spoil: (t) =>
      field("exitZeroFor", base64("notNow\nrefused\n"))(field("retry", base64("01"))(t)),
    says: ["retry: must be whole", "exitZeroFor: must list alreadyAdopted or notNow"],
  },
  {
    law: "several problems, all of them named",
    spoil: (t) => field("retry", "?")(field("epoch", "!")(t)).replace("end\n", "=\nend\n"),
    says: ["retry: is not base64", "epoch: is not base64", "unknown field"],
  },
];

/** Declares the tests of what an interpreter refuses. */
export function holdToInputRules(interpreter: Interpreter): void {
  for (const pass of passesOf(interpreter)) holdPass(pass);
}

function holdPass(pass: Pass): void {
  describe(`host update's input on ${pass.name}`, () => {
    const { absent } = pass;
    if (absent !== undefined) {
      it(`is not run (${faults.length} cases): ${absent}`);
      return;
    }
    for (const [index, { law, spoil, says, alone, revision }] of faults.entries()) {
      it(`refuses ${law}${pass.culture(index)}`, async () => {
        const fakeHost = new FakeHost(pass.of(index));
        try {
          const input = spoil(encodeHostInput(fakeHost.update()));
          const { code, stdout, stderr, report } = await fakeHost.finish(
            fakeHost.spawn("apply", input),
          );
          assert.equal(code, 20, stderr);
          assert.equal(report?.outcome, "refused");
          for (const text of says)
            assert.ok(
              report.problems.some((one) => one.includes(text)),
              stderr,
            );
          if (alone === true)
            assert.equal(report.problems.length, says.length, report.problems.join(" "));
          if (revision !== undefined) assert.equal(report.revision, revision);
          assert.equal(stderr, `keyturn: ${report.reason} ${report.remedy}\n`);
          assert.ok(!(stdout + stderr).includes(FRESH));
          assert.ok(!(stdout + stderr).includes(base64(FRESH).slice(0, 12)));
          assert.ok(!existsSync(fakeHost.state));
        } finally {
          await fakeHost.end();
        }
      });
    }

    for (const argument of ["", "help", "apply now"]) {
      it(`refuses the arguments "${argument}" without reading`, async () => {
        const fakeHost = new FakeHost(pass.of(0));
        try {
          const { code, stdout } = await fakeHost.finish(fakeHost.spawn(argument, "secret"));
          assert.equal(code, 64);
          assert.equal(stdout, "");
        } finally {
          await fakeHost.end();
        }
      });
    }
  });
}
