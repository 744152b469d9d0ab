// The pack around its rules: exceptions, rules that throw, what the SDK is handed, and that no value is ever said.
import assert from "node:assert/strict";
import { readFileSync, readdirSync } from "node:fs";
import { basename, join } from "node:path";
import { z } from "zod";
import { policies, urlOf } from "../../policy/pack";
import { defineRule } from "../../policy/rule";
import { RULES } from "../../policy/rules";
import { exceptionSchema } from "../../policy/settings";
import { formsOf } from "../helpers/leaks";
import { CASES } from "./cases";
import { password } from "./cases/case";
import { type Given, UNKNOWN, run } from "../helpers/policy-run";
import { CLONE } from "../helpers/paths";

const MARKER = "Marker-7f3a_Value~that.must-not.be/said";
const endless = password({ endDate: undefined });
const exception = {
  rule: "passwordHasEndDate",
  resource: "password",
  reason: "the vendor forbids it",
  until: "2026-11-21",
};
const words = {
  ...({ id: "broken", severity: "low", level: "mandatory", fault: "F.", remedy: "R." } as const),
  config: z.object({}),
};
const fail = () => {
  throw new RangeError(MARKER);
};

describe("the policy pack", () => {
  it("takes a rule's name from its file, and every file", () => {
    const files = readdirSync(join(CLONE, "policy", "rules"))
      .map((file) => basename(file, ".ts"))
      .filter((name) => name !== "index");
    assert.deepEqual(RULES.map(({ id }) => id).toSorted(), files.toSorted());
  });

  it("hands the SDK a schema with a default and a description for every setting of every rule", () => {
    for (const { name, configSchema } of policies()) {
      for (const [key, schema] of Object.entries(configSchema?.properties ?? {})) {
        assert(schema.default !== undefined && schema.description, `${name}.${key}`);
      }
    }
  });

  it("is silent about a finding under an exception until the end of its last day, by name or by URN", () => {
    const urn =
      "urn:pulumi:dev::test::azuread:index/applicationPassword:ApplicationPassword::password";
    for (const resource of ["password", urn]) {
      const exceptions = [{ ...exception, resource }];
      const said = run([endless], { config: { packSettings: { exceptions } } });
      assert.deepEqual(
        said.map(({ rule, kind }) => [rule, kind]),
        [["packSettings", "note"]],
      );
    }
  });

  for (const [which, given] of [
    ["that has ended", { ...exception, until: "2026-11-20" }],
    ["that is incomplete", { ...exception, reason: undefined }],
    ["for another resource", { ...exception, resource: "another" }],
    ["for another rule", { ...exception, rule: "secretHasExpiry" }],
  ] as const) {
    it(`finds what it finds in spite of an exception ${which}`, () => {
      const said = run([endless], { config: { packSettings: { exceptions: [given] } } });
      assert(said.some(({ rule, kind }) => rule === "passwordHasEndDate" && kind === "violation"));
    });
  }

  it("wants all four parts of an exception", () => {
    for (const key of Object.keys(exception)) {
      const { success } = exceptionSchema.safeParse({ ...exception, [key]: undefined });
      assert(!success, key);
    }
  });

  for (const [where, rule] of [
    ["at a resource", defineRule({ ...words, resource: fail })],
    ["at the stack", defineRule({ ...words, stack: fail })],
    ["at one of several", defineRule({ ...words, stack: (all, { each }) => each(all, fail) })],
  ] as const) {
    it(`takes a rule that throws ${where} for a violation, and does not repeat what it threw`, () => {
      const [said] = run([], { rules: [rule] });
      assert.equal(said?.kind, "violation");
      assert.match(said.message, /could not be decided \(RangeError\)/);
      assert(!said.message.includes(MARKER));
    });
  }

  it("takes a configuration that is not valid for a violation, once", () => {
    const options = { config: { passwordLifetimeAtMost: { maximumDays: "many" } } };
    const said = run([password(), password({}, { name: "another" })], options);
    const wrong = said.filter(({ rule }) => rule === "passwordLifetimeAtMost");
    assert.deepEqual(
      wrong.map(({ at, kind }) => [at, kind]),
      [["stack", "violation"]],
    );
  });

  it("says no value of a resource that is full of secrets", () => {
    const full = (value: unknown): unknown => {
      if (typeof value === "object" && value !== null && !Array.isArray(value)) {
        return Object.fromEntries(
          Object.entries({ value: 0, ...value }).map(([key, inner]) => [key, full(inner)]),
        );
      }
      return Array.isArray(value) ? value.map(full) : MARKER;
    };
    const forms = formsOf(MARKER);
    let told = 0;
    for (const { given, options } of CASES) {
      for (const each of given) {
        for (const props of [full(each.inputs), { ...each.inputs, ...secrets(each) }]) {
          const inputs = props as Given["inputs"];
          const others = given.map((one) =>
            one === each ? { ...each, inputs, outputs: {} } : one,
          );
          for (const { message } of run(others, options)) {
            told += 1;
            assert(!forms.some((form) => message.includes(form)), `${each.type}: ${message}`);
          }
        }
      }
    }
    assert(told > 200, String(told));
  });

  it("explains every rule in RULES.md, as the rule itself does", () => {
    const text = readFileSync(join(CLONE, "policy", "RULES.md"), "utf8");
    const sections = text
      .slice(text.indexOf("## The rules"), text.indexOf("## Left out"))
      .split("\n### ")
      .slice(1);
    assert.deepEqual(
      sections.map((section) => section.split("\n")[0]),
      RULES.map(({ id }) => id),
    );
    for (const [index, rule] of RULES.entries()) {
      const section = sections[index] ?? "";
      const { properties = {} } = z.toJSONSchema(rule.config, { io: "input" });
      const settings = Object.entries(properties).map(([key, schema]) => {
        const { default: value, description = "" } = schema as {
          default?: unknown;
          description?: string;
        };
        return `| \`${key}\` | \`${JSON.stringify(value)}\` | ${description} |`;
      });
      const wanted = [`${rule.severity} · ${rule.level}`, rule.fault, rule.remedy, ...settings];
      assert.deepEqual(
        wanted.filter((words) => !section.includes(words)),
        [],
        rule.id,
      );
      assert.equal(urlOf(rule), `policy/RULES.md#${rule.id.toLowerCase()}`);
    }
  });
});

/** Where a resource of that type may hold a secret. */
function secrets({ type }: Given): Given["inputs"] {
  if (type.includes(":keyvault")) {
    return { value: MARKER, properties: { value: MARKER, attributes: { expires: 0 } } };
  }
  if (type.startsWith("command:")) {
    const [connection, environment] = [{ privateKey: MARKER, password: MARKER }, { A: MARKER }];
    return { create: MARKER, stdin: MARKER, connection, environment, stdout: MARKER };
  }
  return { value: MARKER, endDate: MARKER, password: { value: MARKER }, other: UNKNOWN };
}
