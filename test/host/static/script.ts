// A PowerShell script as a syntax tree, and the questions that the static checks ask of it. No PowerShell is needed.
import { readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { Language, Parser, type Node } from "web-tree-sitter";
import { inClone } from "../../helpers/paths";

const hostFolder = inClone("host");
export const hostText = (name: string) => readFileSync(join(hostFolder, name), "utf8");

export interface Script {
  readonly text: string;
  readonly root: Node;
  /** Every named function, in the order of the text. */
  readonly functions: ReadonlyMap<string, Node>;
}

let parser: Promise<Parser> | undefined;

async function makeParser(): Promise<Parser> {
  await Parser.init();
  const folder = dirname(require.resolve("tree-sitter-powershell/package.json"));
  const language = await Language.load(join(folder, "tree-sitter-powershell.wasm"));
  return new Parser().setLanguage(language);
}

export async function parseScript(text: string): Promise<Script> {
  const tree = (await (parser ??= makeParser())).parse(text);
  if (tree === null) throw new Error("the grammar gave no tree");
  const functions = new Map<string, Node>();
  for (const node of nodes(tree.rootNode, "function_statement")) {
    functions.set(first(node, "function_name")?.text ?? "", node);
  }
  return { text, root: tree.rootNode, functions };
}

/** The node and all below it, of one type or of all. */
export function nodes(node: Node, type?: string): Node[] {
  const here = type === undefined || node.type === type ? [node] : [];
  return [...here, ...node.children.flatMap((child) => nodes(child, type))];
}

export const first = (node: Node, type: string): Node | undefined =>
  node.children.find((child) => child.type === type);

export const at = (node: Node, what: string) => `line ${node.startPosition.row + 1}: ${what}`;

/** The name of the function that a node is in; "" at the top. */
export function functionOf(node: Node): string {
  for (let up = node.parent; up !== null; up = up.parent) {
    if (up.type === "function_statement") return first(up, "function_name")?.text ?? "";
  }
  return "";
}

export function parameters(definition: Node): string[] {
  return variables(nodes(definition, "script_parameter"));
}

/** Those of its parameters that a call may leave out, as `-Name`. */
export function switches(definition: Node): string[] {
  const list = nodes(definition, "script_parameter");
  return variables(list.filter((one) => one.text.startsWith("[switch]")));
}

function variables(list: readonly Node[]): string[] {
  return list.flatMap((one) => first(one, "variable")?.text ?? []);
}

/** Goes down while there is one child only: what a pipeline consists of. */
export function core(node: Node): Node {
  const [only, ...more] = node.namedChildren;
  const wraps = /_expression$|^pipeline|_operator$/.test(node.type);
  const stops = /^(invokation|parenthesized|array|sub|cast|assignment)_expression$|increment/;
  return wraps && !stops.test(node.type) && only !== undefined && more.length === 0
    ? core(only)
    : node;
}

/** Pipelines that stand for themselves: what they give goes to the output of the function. */
export function statements(script: Script): Node[] {
  return nodes(script.root, "pipeline").filter((one) => {
    if (one.parent?.type !== "statement_list") return false;
    const holder = one.parent.parent?.type ?? "";
    return ["script_block_body", "statement_block", "program"].includes(holder);
  });
}
