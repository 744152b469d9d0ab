// host/update.ps1 where no PowerShell is: parsed by a grammar, held to rules that keep it running on 5.1 and 7, and to
// its twin and the contract. It proves the script's form, not that it works.
import assert from "node:assert/strict";
import { HOST_EXIT_CODES } from "../../../src/contracts/host-update";
import { platformRules } from "./platforms";
import { rules } from "./rules";
import { hostText, parseScript, type Script } from "./script";
import { sentences, SHELL_ONLY, twins } from "./twins";

const text = hostText("update.ps1");
const shell = hostText("update.sh");
const contract = hostText("CONTRACT.md");

const quoted = (list: string) => [...list.matchAll(/'([^']*)'/g)].map(([, one]) => one ?? "");
const listOf = (name: string) =>
  quoted(new RegExp(`\\$script:${name} = @\\(([^)]*)\\)`).exec(text)?.[1] ?? "");
const ticked = (part: string) => [...part.matchAll(/`([A-Za-z]+)`/g)].map(([, one]) => one ?? "");
const between = (from: string, to: string) =>
  contract.slice(contract.indexOf(from), contract.indexOf(to, contract.indexOf(from)));
const firstCells = (part: string) =>
  part.split("\n").flatMap((row) => (row.startsWith("| `") ? ticked(row.split("|")[1] ?? "") : []));

describe("update.ps1", () => {
  let script: Script;
  before(async () => {
    script = await parseScript(text);
  });

  for (const [law, { rule, broken }] of Object.entries({ ...rules, ...platformRules })) {
    it(law, async () => {
      assert.notDeepEqual(rule(await parseScript(broken)), [], "the rule sees nothing");
      assert.deepEqual(rule(script), []);
    });
  }

  it("has a twin for every function of update.sh, in the same order", () => {
    const ours = [...script.functions.keys()];
    const theirs = [...shell.matchAll(/^([a-z_0-9]+)\(\)/gm)].map(([, name]) => name ?? "");
    assert.deepEqual(Object.keys(twins), theirs);
    const expected = Object.values(twins);
    assert.deepEqual(
      ours.filter((name) => expected.includes(name)),
      expected,
    );
  });

  it("knows the fields of its twin and of the contract", () => {
    const ours = [...listOf("SecretFields"), ...listOf("PlainFields")];
    const words = (name: string) =>
      (new RegExp(`^${name}='([^']*)'`, "m").exec(shell)?.[1] ?? "").split(/\s+/);
    assert.deepEqual(ours, [...words("SECRET_FIELDS"), ...words("PLAIN_FIELDS")]);
    assert.deepEqual(
      [...ours].sort(),
      firstCells(between("| field |", "Window `trace` and")).sort(),
    );
  });

  it("keeps the bounds of its twin", () => {
    const ours = [...text.matchAll(/^\$script:(\w+) = (\d+)$/gm)];
    const bounds = [...shell.matchAll(/^([A-Z]+(?:_[A-Z]+)+)=(\d+)$/gm)];
    assert.ok(bounds.length >= 8, `${bounds.length} bounds`);
    for (const [, name = "", value] of bounds) {
      const twin = ours.find(
        ([, own = ""]) => own.toLowerCase() === name.replaceAll("_", "").toLowerCase(),
      );
      assert.equal(twin?.[2], value, name);
    }
  });

  it("writes the report's keys in the contract's order", () => {
    const report = text.slice(text.indexOf("function Exit-Report"));
    const keys = [
      ...report.matchAll(/Add-ReportMember \$report '(\w+)'|[{,]"(\w+)":(?!' \+ \$one)/g),
    ]
      .map(([, one, other]) => one ?? other ?? "")
      .filter((key) => key !== "name" && key !== "milliseconds");
    const wanted = firstCells(between("| key (always", "Milliseconds come"));
    assert.deepEqual(
      keys,
      wanted.filter((key) => key !== "milliseconds"),
    );
  });

  it("ends with the contract's exit code for every outcome", () => {
    for (const [outcome, code] of Object.entries(HOST_EXIT_CODES)) {
      assert.ok(text.includes(`'${outcome}'`), outcome);
      if (code === 0) continue;
      const given = new RegExp(`\\$Outcome '${outcome}'\\) \\{\\s*\\$code = (\\d+)`).exec(text);
      assert.equal(given?.[1] ?? /^ {2}\$code = (\d+)/m.exec(text)?.[1], String(code), outcome);
    }
    assert.match(text, /exit 64\n$/);
  });

  it("enters every phase of the contract and knows every phase of the journal", () => {
    const row = contract.split("\n").find((one) => one.startsWith("| `phases`")) ?? "";
    const entered = [...text.matchAll(/Enter-Phase '(\w+)'/g)].map(([, name]) => name ?? "");
    assert.deepEqual(
      [...new Set(entered)].sort(),
      ticked(row)
        .filter((name) => name !== "phases")
        .sort(),
    );
    const journal = /phase <([a-z|]+)>/.exec(contract)?.[1]?.split("|") ?? [];
    assert.deepEqual(quoted(/\$phases = @\(([^)]*)\)/.exec(text)?.[1] ?? ""), journal);
  });

  it("compiles before the stop what it runs between the stop and the start", () => {
    const body = (name: string) => script.functions.get(name)?.text ?? "";
    const apply = body("Invoke-Apply");
    const during = apply.slice(apply.indexOf("(Stop-HostService)"), apply.indexOf("'prove'"));
    const run = [...script.functions.keys()].filter((name) => during.includes(`(${name})`));
    assert.deepEqual(run, [
      "Stop-HostService",
      "Start-HostService",
      "Switch-File",
      "Stop-OtherStart",
    ]);
    for (const name of run.slice(1)) {
      assert(body("Initialize-Switch").includes(`(${name} -Compile)`), name);
      assert.match(body(name), /^.*\{\n {2}if \(\$Compile\) \{ return \$false \}\n/);
    }
    assert(apply.slice(0, apply.indexOf("'stop'")).includes("Initialize-Switch\n"));
  });

  it("says every sentence of its twin", () => {
    const said = text.replaceAll('`"', '"').replaceAll("''", "'");
    const all = sentences(shell);
    assert.ok(all.length > 120, `${all.length} sentences`);
    const missing = all.filter((part) => !said.includes(part) && !SHELL_ONLY.includes(part));
    assert.deepEqual(missing, []);
  });
});
