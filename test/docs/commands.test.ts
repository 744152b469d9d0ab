// docs/commands.md is held to the command line: the help of every command, as --help prints it, and the exit codes.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { Command } from "commander";
import { CLONE } from "../../cli/clone";
import { EXIT } from "../../cli/exit-codes";
import { keyturnProgram, withSubcommands } from "../../cli/program";

const page = readFileSync(join(CLONE, "docs", "commands.md"), "utf8");
const WIDTH = 100;

function nameOf(command: Command): string {
  return command.parent === null ? command.name() : `${nameOf(command.parent)} ${command.name()}`;
}

/** What a command prints when it is called with --help. */
async function helpOf(words: readonly string[]): Promise<string> {
  let printed = "";
  const program = keyturnProgram("0");
  for (const command of withSubcommands(program)) {
    command
      .configureOutput({
        writeOut: (text) => (printed += text),
        getOutHelpWidth: () => WIDTH,
      })
      .exitOverride();
  }
  await assert.rejects(program.parseAsync([...words, "--help"], { from: "user" }));
  return printed;
}

const commands = withSubcommands(keyturnProgram("0")).map(nameOf);

describe("docs/commands.md", () => {
  for (const name of commands) {
    it(`says what ${name} --help says`, async () => {
      const help = await helpOf(name.split(" ").slice(1));
      assert.match(help, /^Usage: keyturn/);
      assert(page.includes(`\`\`\`\n${help.trimEnd()}\n\`\`\``), help);
    });
  }

  it("shows no command that there is not", () => {
    const shown = [...page.matchAll(/^## (keyturn.*)$/gm)].map(([, name]) => name);
    assert.deepEqual(shown, commands);
  });

  it("ends the help of every command that does something with an example of it", async () => {
    for (const command of withSubcommands(keyturnProgram("0"))) {
      if (command.commands.length > 0) continue;
      const name = nameOf(command);
      assert.match(await helpOf(name.split(" ").slice(1)), new RegExp(`Example:\n  .*${name}`));
    }
  });

  it("has a row for every exit code", () => {
    const rows = [...page.matchAll(/^\| (\d+) \|/gm)].map(([, code]) => Number(code));
    for (const code of Object.values(EXIT)) assert(rows.includes(code), String(code));
  });
});
