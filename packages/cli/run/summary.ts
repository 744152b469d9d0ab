// A run as Markdown, for a pipeline's summary page. Built as a tree, so that no text of others is markup.
import type { List, Paragraph, PhrasingContent, Root, RootContent, Table } from "mdast";
import { gfmTableToMarkdown } from "mdast-util-gfm-table";
import { toMarkdown } from "mdast-util-to-markdown";
import type { StackOutputs } from "../project/outputs";
import { type RunPolicy, policyLines } from "./policy";
import type { Verdict } from "./verdict";

const MARKS = { green: "✅", warning: "⚠️", red: "❌" } as const;

/** What a run left behind. */
export interface Ran {
  readonly outputs?: StackOutputs | undefined;
  readonly changes: Readonly<Partial<Record<string, number>>>;
  /** Absent where the run was under no policy pack. */
  readonly policy?: RunPolicy | undefined;
}

/** Renders a run; no secret is in what it is given. */
export function renderSummary(
  stack: string,
  verdict: Verdict,
  { outputs, changes, policy }: Ran,
): string {
  const children: RootContent[] = [
    {
      type: "heading",
      depth: 3,
      children: [text(`${MARKS[verdict.level]} ${stack}: ${verdict.headline}`)],
    },
    ...list("What happened", verdict.details),
    ...list("What to do", verdict.todo),
    ...(verdict.level === "red" ? [wordOf(verdict)] : []),
    ...secrets(outputs),
    ...list("Policy", policyLines(policy)),
    paragraph(resources(changes, outputs)),
  ];
  const root: Root = { type: "root", children };
  return toMarkdown(root, { extensions: [gfmTableToMarkdown({ tablePipeAlign: false })] });
}

/** Where the one word for it stands, with what never to do. */
function wordOf({ kind }: Verdict): Paragraph {
  const word: PhrasingContent = { type: "inlineCode", value: kind };
  return {
    type: "paragraph",
    children: [text("In one word: "), word, text(". docs/runbook.md of Keyturn has it.")],
  };
}

function resources(
  changes: Readonly<Partial<Record<string, number>>>,
  outputs: StackOutputs | undefined,
): string {
  const counted = Object.entries(changes)
    .filter(
      ([operation, count]) => operation !== "same" && operation !== "read" && (count ?? 0) > 0,
    )
    .map(([operation, count]) => `${count ?? 0} ${operation}`);
  const next = outputs?.nextRotation;
  const what = counted.length === 0 ? "nothing changed" : counted.join(", ");
  return `Resources: ${what}.${next === undefined ? "" : ` Next rotation: ${next}.`}`;
}

function secrets(outputs: StackOutputs | undefined): Table[] {
  const { active, inFlight } = outputs?.history ?? {};
  const rows = [
    ...(active ? [["adopted", active.label, active.endDate, active.keyId]] : []),
    ...(inFlight ? [["in flight", inFlight.label, inFlight.endDate, inFlight.keyId]] : []),
  ];
  if (rows.length === 0) return [];
  const cells = [["secret", "epoch", "ends", "key id"], ...rows];
  return [
    {
      type: "table",
      children: cells.map((row) => ({
        type: "tableRow",
        children: row.map((cell) => ({ type: "tableCell", children: [text(cell)] })),
      })),
    },
  ];
}

function list(title: string, items: readonly string[]): (Paragraph | List)[] {
  if (items.length === 0) return [];
  return [
    { type: "paragraph", children: [{ type: "strong", children: [text(title)] }] },
    {
      type: "list",
      spread: false,
      children: items.map((item) => ({ type: "listItem", children: [paragraph(item)] })),
    },
  ];
}

function paragraph(content: string): Paragraph {
  return { type: "paragraph", children: [text(content)] };
}

function text(value: string): PhrasingContent {
  return { type: "text", value };
}
