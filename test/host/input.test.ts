// Input that does not fit the contract is refused as a whole, with every problem named and nothing touched.
import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { encodeHostInput, hostUpdateProblems } from "../../components/pure/host-contract";
import { interpreters } from "./interpreters";
import { FRESH, World } from "./world";

interface Fault {
  readonly law: string;
  readonly spoil: (text: string) => string;
  readonly says: readonly string[];
}

const base64 = (text: string) => Buffer.from(text).toString("base64");
const field = (name: string, value: string) => (text: string) =>
  text.replace(new RegExp(`^${name}=.*$`, "m"), `${name}=${value}`);

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
    law: "several problems, all of them named",
    spoil: (t) => field("retry", "?")(field("epoch", "!")(t)).replace("end\n", "=\nend\n"),
    says: ["retry: is not base64", "epoch: is not base64", "unknown field"],
  },
];

for (const interpreter of interpreters()) {
  describe(`host update's input on ${interpreter.name}`, () => {
    if (interpreter.absent !== undefined) {
      it(`is not run (${faults.length} cases): ${interpreter.absent}`);
      return;
    }
    for (const { law, spoil, says } of faults) {
      it(`refuses ${law}`, async () => {
        const world = new World(interpreter);
        try {
          const input = spoil(encodeHostInput(world.update()));
          const { code, stdout, stderr, report } = await world.finish(world.spawn("apply", input));
          assert.equal(code, 20, stderr);
          assert.equal(report?.outcome, "refused");
          for (const text of says)
            assert.ok(
              report.problems.some((one) => one.includes(text)),
              stderr,
            );
          assert.equal(stderr, `keyturn: ${report.reason} ${report.remedy}\n`);
          assert.ok(!(stdout + stderr).includes(FRESH));
          assert.ok(!(stdout + stderr).includes(base64(FRESH).slice(0, 12)));
          assert.ok(!existsSync(world.state));
        } finally {
          await world.end();
        }
      });
    }

    for (const argument of ["", "help", "apply now"]) {
      it(`refuses the arguments "${argument}" without reading`, async () => {
        const world = new World(interpreter);
        try {
          const { code, stdout } = await world.finish(world.spawn(argument, "secret"));
          assert.equal(code, 64);
          assert.equal(stdout, "");
        } finally {
          await world.end();
        }
      });
    }
  });
}

describe("encodeHostInput", () => {
  it("names what does not fit, and never a value", () => {
    const world = new World({
      name: "none",
      language: "sh",
      script: __filename,
      command: () => [],
      path: "",
    });
    const spoilt = world.update({ keyId: "a b", content: "{}", deadlineSeconds: 1 });
    const [shape] = hostUpdateProblems(spoilt);
    assert.match(shape ?? "", /^keyId: /);
    assert.deepEqual(
      hostUpdateProblems({ ...spoilt, keyId: "k" }).map((one) => one.split(":")[0]),
      ["content", "deadlineSeconds"],
    );
    assert.throws(
      () => encodeHostInput(spoilt),
      (error: Error) => !error.message.includes(FRESH),
    );
    void world.end();
  });
});
