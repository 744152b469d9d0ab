// Picks out of what the engine printed what says why it failed: the sentences of steps, hosts, plugins and backends, ours
// first, without progress, headings, outputs and a host's report.
import { stripVTControlCharacters } from "node:util";
import { isOurs } from "../../../src/contracts/failure-code";
import { isReportLine } from "../../../src/contracts/host-update";

const MOST_SENTENCES = 20;

/** What the engine shows of the stack's outputs; a failed update takes all of them for removed. */
const OUTPUTS = /^Outputs:\n(?:[ \t].*\n)*/gm;
/** The engine's progress ("+  keyturn:index:Credential sesar create") and its headings ("keyturn:index:Credential (sesar):"). */
const RESOURCE = /^(\S{1,2} +)?[\w-]+:[\w./]+:\w+ |^@ \w+\.\.\./;
const SECTION = /^(Diagnostics|Duration|Outputs|Policies|Previewing|Resources|Updating|View)\b/;
/** What begins a sentence that decides; what follows it belongs to it. */
const DECIDES = /error:|\[mandatory\]/;
/** What decides in its one line. */
const TELLS = /keyturn(\[\w+\])?:|created by |^[-*] /;
const OTHER_POLICY = /^- \[(?!mandatory)/;
/** The engine's last word, which says nothing, and rules that servers draw around their answers. */
const EMPTY = /^(error: (update|preview|refresh|destroy) failed|-{3,}|)$/;

/** The lines that say what went wrong, each once, without the engine's indentation and colours; ours first. */
export function sentences(printed: string): string[] {
  const all = stripVTControlCharacters(printed).replaceAll(OUTPUTS, "").split("\n");
  const telling: string[] = [];
  const rest: string[] = [];
  let belongs = false;
  for (const line of all) {
    const bare = line.trim();
    if (RESOURCE.test(bare) || SECTION.test(line) || OTHER_POLICY.test(bare)) belongs = false;
    else if (!EMPTY.test(bare) && !isReportLine(bare)) {
      belongs ||= DECIDES.test(bare);
      (belongs || TELLS.test(bare) ? telling : rest).push(bare);
    }
  }
  const lines =
    telling.length > 0 ? telling : rest.length > 0 ? rest : all.map((one) => one.trim());
  const told = lines
    .filter((line) => line !== "")
    .map((line) => line.replace(/^(stderr: )?error:\s*/, ""));
  const once = [...new Set(told)];
  const ours = once.filter(isOurs);
  return [...ours, ...once.filter((line) => !isOurs(line))].slice(0, MOST_SENTENCES);
}
