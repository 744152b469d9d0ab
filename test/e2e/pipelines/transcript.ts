// docs/design/pipelines-transcript.md: what both pipelines come to over three epochs, day by day. The long tests write it and are held
// to it, the short ones to its first days.
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { CLONE } from "../../helpers/paths";

const FILE = join(CLONE, "docs", "design", "pipelines-transcript.md");

const HEADING = `# The pipelines over three epochs

Both files of \`pipelines/\`, every script line, run on the lab by \`test/e2e/pipelines/epochs.long.ts\`, which writes this page and
fails when a run says anything else. The schedule's defaults: a rotation every six months, two weeks of overlap.

- On 2027-05-01, the day of the rotation, no run takes place; the next day's run rotates, and the overlap counts from that day.
- On 2027-11-01 the service dies each time it is started with the new secret.
- On 2027-11-03 the engine is killed in mid-update, with no word, and leaves its lock.

| day | run | kind | what it says | what to do, in its words |
|---|---|---|---|---|
`;

/** The page's rows. */
export function transcript(): string[] {
  const page = readFileSync(FILE, "utf8");
  return page.split("\n").filter((line) => /^\| \d{4}-/.test(line));
}

/** Writes the page when KEYTURN_WRITE_DOCS asks for it. */
export function writeTranscript(rows: readonly string[]): void {
  if (process.env["KEYTURN_WRITE_DOCS"] !== "true") return;
  writeFileSync(FILE, `${HEADING}${rows.join("\n")}\n`);
}
