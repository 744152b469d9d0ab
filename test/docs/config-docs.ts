// What src/config/keys.ts says of the config, as Pulumi.yaml and docs/configuration.md say it. `npm run docs` writes both files.
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { stringify } from "yaml";
import { CLONE } from "../helpers/paths";
import { CONFIG_KEYS, type ConfigKey } from "../../src/config/keys";

const keys = Object.entries<ConfigKey>(CONFIG_KEYS);
const HEAD = "| key | type | default | meaning |\n|---|---|---|---|\n";

/** Each file, and what becomes of its text when the keys are written into it. */
export const CONFIG_DOCS: readonly (readonly [file: string, write: (text: string) => string])[] = [
  ["Pulumi.yaml", (text) => between(text, "config:\n", "", declared())],
  ["docs/configuration.md", (text) => between(text, HEAD, "\n\n", keys.map(row).join("\n"))],
];

function declared(): string {
  const config = keys.map(([key, { type, items, meaning: description, ...rest }]) => [
    key,
    {
      type,
      ...(items && { items: { type: items } }),
      ...("default" in rest && { default: rest.default }),
      description,
    },
  ]);
  const whole = stringify({ config: Object.fromEntries(config) as object }, { lineWidth: 0 });
  return whole.slice("config:\n".length);
}

function row([key, { type, meaning, ...rest }]: [string, ConfigKey]): string {
  const value = rest.default;
  const shown = typeof value === "string" && value !== "" ? value : JSON.stringify(value);
  const given = "default" in rest ? `\`${shown}\`` : "**required**";
  return `| \`${key}\` | ${type} | ${given} | ${meaning} |`;
}

/** The text with what stands after `start` and before the next `end` replaced; an empty end is the text's. */
function between(text: string, start: string, end: string, put: string): string {
  const from = text.indexOf(start);
  if (from === -1) throw new Error(`The text must hold ${JSON.stringify(start)}, but does not.`);
  const to = end === "" ? text.length : text.indexOf(end, from + start.length);
  return text.slice(0, from + start.length) + put + text.slice(to);
}

if (require.main === module) {
  for (const [file, write] of CONFIG_DOCS) {
    const path = join(CLONE, file);
    writeFileSync(path, write(readFileSync(path, "utf8")));
  }
}
