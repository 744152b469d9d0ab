// What the PowerShell script must not hold, because 5.1 and 7 differ in it, or because it goes wrong without a word:
// each rule gives the places that break it.
import type { Node } from "web-tree-sitter";
import {
  at,
  core,
  first,
  functionOf,
  nodes,
  parameters,
  statements,
  switches,
  type Script,
} from "./script";

export type Rule = (script: Script) => string[];

/** Commands that are not the script's own. None of them is given a secret. */
const COMMANDS = new Set([
  "Add-Type",
  "Get-Acl",
  "Get-Command",
  "Get-Item",
  "Import-Module",
  "Set-Acl",
  "New-ScheduledTaskAction",
  "New-ScheduledTaskPrincipal",
  "New-ScheduledTaskSettingsSet",
  "New-ScheduledTaskTrigger",
  "Register-ScheduledTask",
  "Set-StrictMode",
  "Start-ScheduledTask",
  "Unregister-ScheduledTask",
]);
/** Methods that give nothing back. */
const SILENT =
  /^(AddAccessRule|BeginErrorReadLine|BeginOutputReadLine|Clear|Close|Delete|Dispose|Flush|Kill|Move|MoveFile|Replace|SetAccessControl|SetAccessRuleProtection|SetCreationTimeUtc|SetEnvironmentVariable|SetLastWriteTimeUtc|SetLength|Sleep|Sort|Start|Stop|Write)$/;
/** Functions that give their lines one by one: called inside @( ) only. */
const LISTS = new Set([
  "Get-Lines",
  "Get-LastSyncTimes",
  "Get-Numbers",
  "Get-RunningDependents",
  "Get-TrustedSids",
]);
const AUTOMATIC = new Set(
  "$null $true $false $_ $args $PID $PSHOME $PSCommandPath $PSVersionTable".split(" "),
);
const NEWER = new Set(["&&", "||", "??", "??=", "?.", "?["]);
const COMPARED = /^(\$null|-?\d+|\$wall|\$second|\$[\w:]+\.Length)$/;
const OPERATORS = new Set(["-eq", "-ne", "-lt", "-le", "-gt", "-ge", "-as"]);
const TYPES =
  /^(class_statement|enum_statement|using_statement|trap_statement|redirection|.*ternary.*|data_statement|inlinescript_statement|switch_statement)$/;

const parses: Rule = ({ root }) =>
  nodes(root)
    .filter((node) => node.isError || node.isMissing)
    .map((node) => at(node, `cannot be parsed: ${node.text.slice(0, 40)}`));

const isAscii: Rule = ({ text }) =>
  text
    .split("\n")
    .flatMap((line, row) => (/[^\t\x20-\x7e]/.test(line) ? [`line ${row + 1}: not ASCII`] : []));

const keepsToBoth: Rule = ({ root, functions }) =>
  nodes(root).flatMap((node) => {
    if (TYPES.test(node.type) || (node.childCount === 0 && NEWER.has(node.text))) {
      return [at(node, `${node.type} ${node.text.slice(0, 20)}`)];
    }
    if (node.type === "command_name" && !COMMANDS.has(node.text) && !functions.has(node.text)) {
      return [at(node, `command ${node.text}`)];
    }
    if (node.type === "comparison_operator" && !OPERATORS.has(node.text)) {
      return [at(node, `operator ${node.text}`)];
    }
    return node.type === "variable" && /^\$(input|Is[A-Z]\w*|OFS|env:\w+)$/i.test(node.text)
      ? [at(node, node.text)]
      : [];
  });

const comparesByOrdinal: Rule = ({ root }) =>
  nodes(root, "comparison_operator").flatMap((operator) => {
    const sides = [operator.previousSibling?.text ?? "", operator.nextSibling?.text ?? ""];
    const text = /^-(eq|ne)$/.test(operator.text) && !sides.some((side) => COMPARED.test(side));
    return text ? [at(operator, `compares ${sides.join(" and ")}`)] : [];
  });

/** In some cultures a text is found anywhere: "sh".IndexOf("/") is 0 under th-TH. */
const searchesByOrdinal: Rule = ({ root }) =>
  nodes(root, "invokation_expression").flatMap((call) => {
    const method = first(call, "member_name")?.text ?? "";
    if (!/^((Last)?IndexOf|StartsWith|EndsWith|ToLower|ToUpper)$/i.test(method)) return [];
    const given = first(call, "argument_list")?.text ?? "";
    const plain =
      /^\(\[char\]|StringComparison\]::Ordinal/.test(given) || /^\[Array\]/.test(call.text);
    return plain ? [] : [at(call, `searches ${call.text.slice(0, 40)}`)];
  });

/** "$name: text" is no variable and a colon, it is an error. */
const namesVariablesWhole: Rule = ({ root }) =>
  nodes(root, "expandable_string_literal")
    .filter((literal) =>
      /(?<!`)\$(script:)?\w+:(?!:)/.test(literal.text.replace(/\$script:/g, "$")),
    )
    .map((literal) => at(literal, literal.text));

const isValued = (definition: Node): boolean =>
  LISTS.has(first(definition, "function_name")?.text ?? "") ||
  nodes(definition, "flow_control_statement").some(
    (one) => one.text.startsWith("return") && first(one, "pipeline") !== undefined,
  );

const leaksNothing: Rule = (script) =>
  statements(script).flatMap((statement) => {
    const what = core(statement);
    if (what.type === "invokation_expression") {
      const method = first(what, "member_name")?.text ?? "";
      return SILENT.test(method) ? [] : [at(what, `the value of ${method} leaks`)];
    }
    if (what.type === "command") {
      const name = first(what, "command_name")?.text ?? "";
      const definition = script.functions.get(name);
      const valued = definition !== undefined && isValued(definition);
      return valued ? [at(what, `the value of ${name} leaks`)] : [];
    }
    const silent = /^(assignment_expression|cast_expression|post_increment_expression)$/;
    if (silent.test(what.type) && (what.type !== "cast_expression" || /^\[void\]/.test(what.text)))
      return [];
    return LISTS.has(functionOf(what)) ? [] : [at(what, `${what.text.slice(0, 30)} leaks`)];
  });

const callsWell: Rule = (script) =>
  nodes(script.root, "command").flatMap((command) => {
    const name = first(command, "command_name")?.text ?? "";
    const definition = script.functions.get(name);
    if (definition === undefined) return [];
    const elements = first(command, "command_elements")?.namedChildren ?? [];
    const flags = switches(definition).map((variable) => variable.replace("$", "-"));
    const given = elements.filter(
      (one) => one.type !== "command_argument_sep" && !flags.includes(one.text),
    ).length;
    const wanted = parameters(definition).length - flags.length;
    const wrong = given === wanted ? [] : [at(command, `${name} takes ${wanted}, gets ${given}`)];
    let pipeline: Node | null = command;
    while (pipeline !== null && pipeline.type !== "pipeline") pipeline = pipeline.parent;
    const holder = pipeline?.parent;
    const place = holder?.type === "statement_list" ? holder.parent?.type : holder?.type;
    const bare = /^(script_block_body|statement_block|program)$/.test(place ?? "");
    if (LISTS.has(name) && place !== "array_expression")
      wrong.push(at(command, `${name} outside @( )`));
    if (!bare && !isValued(definition)) wrong.push(at(command, `${name} gives nothing`));
    return wrong;
  });

/** Strict mode ends the run at a variable that nothing was assigned to. */
const setsWhatItReads: Rule = ({ root, functions }) => {
  const plain = (node: Node) => node.text.replace(/^\$\{(.*)\}$/, "$$$1");
  const assigned = (within: Node) => [
    ...nodes(within, "left_assignment_expression").map(core),
    ...nodes(within, "foreach_statement").flatMap((one) => first(one, "variable") ?? []),
    ...nodes(within, "script_parameter").flatMap((one) => first(one, "variable") ?? []),
  ];
  const atTop = new Set(
    assigned(root)
      .filter((one) => functionOf(one) === "")
      .map(plain),
  );
  const scopes: [Node, Set<string>][] = [...functions.values()].map((definition) => [
    definition,
    new Set(assigned(definition).map(plain)),
  ]);
  scopes.push([root, atTop]);
  return scopes.flatMap(([scope, own]) =>
    nodes(scope, "variable")
      .filter((one) => scope !== root || functionOf(one) === "")
      .filter((one) => {
        const known = plain(one).startsWith("$script:") ? atTop : own;
        return !known.has(plain(one)) && !AUTOMATIC.has(plain(one));
      })
      .map((one) => at(one, `${one.text} is read and never set`)),
  );
};

/** A name that differs in case only is another thing to a reader and the same to PowerShell. */
const definesOnce: Rule = ({ root }) => {
  const seen = new Set<string>();
  return nodes(root, "function_name").flatMap((name) => {
    const twice = seen.has(name.text.toLowerCase());
    seen.add(name.text.toLowerCase());
    return twice ? [at(name, `${name.text} is defined twice`)] : [];
  });
};

/** Each rule under its law, with a script that breaks it. */
export const rules: Readonly<Record<string, { readonly rule: Rule; readonly broken: string }>> = {
  "is parsed whole": { rule: parses, broken: "if ($true { }" },
  "is plain ASCII": { rule: isAscii, broken: "# \u00e9" },
  "keeps to what 5.1 and 7 take alike": { rule: keepsToBoth, broken: "Set-Content 'a' 'b'" },
  "reads standard input itself": { rule: keepsToBoth, broken: "[void]$input.Count" },
  "chains no pipelines": { rule: keepsToBoth, broken: "Get-Acl 'a' && Get-Acl 'b'" },
  "compares text by ordinal only": { rule: comparesByOrdinal, broken: "if ($a -eq $b) { }" },
  "searches text by ordinal only": {
    rule: searchesByOrdinal,
    broken: "$a = $b.IndexOf('/')",
  },
  "uses no pattern operator": { rule: keepsToBoth, broken: "if ($a -like $b) { }" },
  "sets variables apart in texts": { rule: namesVariablesWhole, broken: '$a = "$name: no"' },
  "lets no value of a method leak": { rule: leaksNothing, broken: "$list.Add(1)" },
  "lets no value of a function leak": {
    rule: leaksNothing,
    broken: "function A { return 1 }\nA",
  },
  "calls each function with all its arguments": {
    rule: callsWell,
    broken: "function A([string]$B) { $C = $B }\nA",
  },
  "reads lists inside @( )": { rule: callsWell, broken: "function Get-Lines { }\n$a = Get-Lines" },
  "asks no value of a function that has none": {
    rule: callsWell,
    broken: "function A { }\n$a = (A)",
  },
  "reads no variable that is never set": { rule: setsWhatItReads, broken: "$a = $b" },
  "defines each function once": { rule: definesOnce, broken: "function A { }\nfunction a { }" },
};
