// The laws that a file of tests states: titles of its tests, and the words that its tables give for them.
import { readFileSync } from "node:fs";
import ts from "typescript";
import { inClone } from "./paths";

/** Tests, and the pack's cases, which are named by their rule. */
const TELLS = new Set(["describe", "it", "casesOf"]);
/** Names under which tables keep a title or a part of one. */
const WORDS = new Set(["law", "rule", "name"]);

/** Titles as they are written; where one holds a value of a table, its parts stand apart. */
export function lawsOf(file: string): string[] {
  const source = ts.createSourceFile(
    file,
    readFileSync(inClone(file), "utf8"),
    ts.ScriptTarget.Latest,
  );
  const laws: string[] = [];
  const visit = (node: ts.Node): void => {
    if (ts.isCallExpression(node)) {
      const [title] = node.arguments;
      const called = node.expression;
      if (title !== undefined && ts.isIdentifier(called) && TELLS.has(called.text))
        laws.push(...textsOf(title));
    } else if (ts.isPropertyAssignment(node) && ts.isIdentifier(node.name)) {
      if (WORDS.has(node.name.text)) laws.push(...textsOf(node.initializer));
    } else if (ts.isArrayLiteralExpression(node)) {
      // The row of a table: its first words name the case.
      const [first] = node.elements;
      if (first !== undefined) laws.push(...textsOf(first));
    }
    ts.forEachChild(node, visit);
  };
  visit(source);
  return laws;
}

function textsOf(node: ts.Node): string[] {
  if (ts.isStringLiteralLike(node)) return [node.text];
  if (!ts.isTemplateExpression(node)) return [];
  return [node.head.text, ...node.templateSpans.map(({ literal }) => literal.text)];
}
