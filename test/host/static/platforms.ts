// What the PowerShell script may reach where: it runs on Windows and Linux, on .NET Framework and on .NET, and no test
// here runs it on any of them. Each rule gives the places that break it.
import type { Node } from "web-tree-sitter";
import { at, core, first, functionOf, nodes, type Script } from "./script";

type Rule = (script: Script) => string[];

/** The text of the function (or of the statements outside of all) before a node: what was looked at by then. */
function before({ root, functions }: Script, node: Node): string {
  const scope = functions.get(functionOf(node));
  if (scope !== undefined) return scope.text.slice(0, node.startIndex - scope.startIndex);
  let text = root.text.slice(0, node.startIndex);
  for (const one of [...functions.values()].reverse()) {
    if (one.startIndex < node.startIndex) text = text.replace(one.text, "");
  }
  return text.replace(/^.*\$script:OnWindows = .*$/m, "");
}

/** How many arguments a method call has. */
const count = (call: Node): number =>
  first(first(call, "argument_list") ?? call, "argument_expression_list")?.namedChildren.filter(
    ({ type }) => type === "argument_expression",
  ).length ?? 0;

const calls = (script: Script, method: string): Node[] =>
  nodes(script.root, "invokation_expression").filter(
    (call) => first(call, "member_name")?.text === method,
  );

/** .NET's File.Move without its third argument looks first and renames then, on Linux: of two, both succeed. */
const movesWithoutRace: Rule = (script) =>
  calls(script, "Move")
    .filter((call) => count(call) === 2 && !before(script, call).includes("-not $script:OnWindows"))
    .map((call) => at(call, `${call.text.slice(0, 40)} is no exclusive rename on Linux`));

/** Members that .NET Framework does not have, by name and number of arguments. */
const NEWER: Readonly<Record<string, readonly number[]>> = {
  Move: [3],
  WaitForExitAsync: [0, 1],
  GetRelativePath: [2],
  ToHexString: [1],
  Fill: [2],
  Clamp: [3],
  Contains: [2],
  ArgumentList: [0],
  ResolveLinkTarget: [1, 2],
  SetUnixFileMode: [2],
  SetAccessControl: [2],
};

/** Parameters of cmdlets that Windows PowerShell does not have. */
const NEWER_PARAMETERS = /^-(SkipEditionCheck|AsHashtable|AsByteStream|SkipCertificateCheck)$/i;

const keepsToFramework: Rule = (script) => {
  const guarded = (node: Node) =>
    before(script, node).includes("$PSVersionTable.PSVersion.Major -ge 6");
  const members = nodes(script.root, "member_name").filter((member) =>
    (NEWER[member.text] ?? []).includes(member.parent === null ? -1 : count(member.parent)),
  );
  const given = nodes(script.root, "command_parameter");
  return [...members, ...given.filter((one) => NEWER_PARAMETERS.test(one.text))]
    .filter((one) => !guarded(one))
    .map((one) => at(one, `${one.text} is not in 5.1`));
};

const WINDOWS =
  /^(Add-Type|Get-Acl|Set-Acl|Get-Item|\w+-ScheduledTask\w*|\[(ServiceProcess|Microsoft\.Win32|Microsoft\.VisualBasic|Security\.Principal|Security\.AccessControl)\b.*)$/;
const GUARD = /\$script:OnWindows|'command'/;

/** What only Windows has stands behind a look at the platform, or in a function that is only called behind one. */
const asksForThePlatform: Rule = (script) => {
  // Linux has PowerShell 7 only, so what is behind a look at the version for 5.1 is not reached there either.
  const free = (node: Node) =>
    !GUARD.test(before(script, node)) &&
    !(node.text.includes("VisualBasic") && before(script, node).includes("PSVersion.Major -ge 6"));
  const used = [...nodes(script.root, "command_name"), ...nodes(script.root, "type_literal")];
  const reached = new Map<string, Node>();
  const queue = used.filter((node) => WINDOWS.test(node.text) && free(node));
  const atTop: string[] = [];
  for (let node = queue.shift(); node !== undefined; node = queue.shift()) {
    const name = functionOf(node);
    if (name === "") atTop.push(at(node, `${node.text} is reached on Linux`));
    if (name === "" || reached.has(name)) continue;
    reached.set(name, node);
    queue.push(
      ...nodes(script.root, "command_name").filter((one) => one.text === name && free(one)),
    );
  }
  return atTop;
};

/** Files of the state folder that another process renames or scans, and who reads them. */
const SHARED = /journal|\/order|\/lock|deadman/;
const READERS = /^(Read-FirstLine|Read-Journal|Read-Order|Read-LockHolder)$/;

const readsPatiently: Rule = ({ root }) =>
  nodes(root, "command")
    .filter(
      (one) =>
        first(one, "command_name")?.text === "Read-Latin" &&
        (SHARED.test(core(one).text) || READERS.test(functionOf(one))),
    )
    .map((one) => at(one, `${one.text.slice(0, 40)} takes a file in use for none`));

/** What a module defines in PowerShell itself does not see the preferences of the script that calls it. */
const MODULE = /^\w+-ScheduledTask/;

const stopsAtErrors: Rule = ({ root }) =>
  nodes(root, "command")
    .filter((one) => MODULE.test(first(one, "command_name")?.text ?? ""))
    .filter((one) => !one.text.includes("-ErrorAction Stop"))
    .map((one) => at(one, `${one.text.slice(0, 40)} goes on after an error`));

/** Each rule under its law, with a script that breaks it. */
export const platformRules: Readonly<
  Record<string, { readonly rule: Rule; readonly broken: string }>
> = {
  "takes a name that nobody has without a race": {
    rule: movesWithoutRace,
    broken: "function A { [IO.File]::Move($a, $b) }",
  },
  "gives no parameter that 5.1 lacks": {
    rule: keepsToFramework,
    broken: "function A { Import-Module -Name 'a' -SkipEditionCheck }",
  },
  "calls nothing that .NET Framework lacks": {
    rule: keepsToFramework,
    broken: "function A { [IO.File]::Move($a, $b, $true) }",
  },
  "reaches what only Windows has on Windows only": {
    rule: asksForThePlatform,
    broken: "function A { $a = Get-Acl -LiteralPath 'a' }\nfunction B { A }\nB",
  },
  "tells a module's functions to stop at an error": {
    rule: stopsAtErrors,
    broken: "Start-ScheduledTask -TaskName 'a'",
  },
  "does not take a file of the state folder that is in use for none": {
    rule: readsPatiently,
    broken: "function Read-FirstLine { $a = Read-Latin $b 0 -1 }",
  },
};
