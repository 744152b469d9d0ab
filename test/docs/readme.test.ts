// The README is held to the code: its config table to Pulumi.yaml, its links to files, its commands to the scripts.
import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { parse } from "yaml";
import { CLONE } from "../../cli/clone";

const read = (name: string): string => readFileSync(join(CLONE, name), "utf8");
const readme = read("README.md");

interface Declared {
  readonly type: string;
  readonly default?: unknown;
  readonly description: string;
}

function row(key: string, { type, description, ...rest }: Declared): string {
  const value = rest.default;
  const shown = typeof value === "string" && value !== "" ? value : JSON.stringify(value);
  const given = "default" in rest ? `\`${shown}\`` : "**required**";
  return `| \`${key}\` | ${type} | ${given} | ${description} |`;
}

describe("README", () => {
  it("has a row for every config key, with the type, default and description that Pulumi.yaml declares", () => {
    const { config } = parse(read("Pulumi.yaml")) as { config: Record<string, Declared> };
    const expected = Object.entries(config).map(([key, declared]) => row(key, declared));
    const start = readme.indexOf("| key | type | default | meaning |");
    const table = readme.slice(start, readme.indexOf("\n\n", start)).split("\n").slice(2);
    assert.deepEqual(table, expected);
  });

  it("links to files that are there", () => {
    const links = [...readme.matchAll(/\]\(([^)#]+)(?:#[^)]*)?\)/g)].map((match) => match[1] ?? "");
    assert(links.length > 3);
    assert.deepEqual(
      links.filter((link) => !existsSync(join(CLONE, link))),
      [],
    );
  });

  it("names npm scripts that there are", () => {
    const { scripts } = JSON.parse(read("package.json")) as { scripts: Record<string, string> };
    const named = [...`${readme}\n${read("CONTRIBUTING.md")}`.matchAll(/npm run ([\w:]+)/g)];
    const unknown = named.map((match) => match[1] ?? "").filter((name) => !(name in scripts));
    assert(named.length > 3);
    assert.deepEqual(unknown, []);
  });

  it("lists every output of the program", () => {
    const index = read("index.ts");
    const returned = index.slice(index.lastIndexOf("return {"));
    const names = [...returned.matchAll(/^ {4}(\w+)[:,]/gm)].map((match) => match[1] ?? "");
    assert(names.includes("history"));
    for (const name of names)
      assert(readme.includes(`\`${name}\``), `${name} is not in the README`);
  });
});
