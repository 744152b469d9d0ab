// docs/commands.md is held to both command lines: the help of every command, as --help prints it, and the exit codes.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { Command } from "commander";
import { EXIT } from "../../packages/cli/exit-codes";
import { keyturnProgram } from "../../packages/cli/program";
import { withSubcommands } from "../../packages/cli/run-program";
import { rehearsalProgram } from "../../packages/rehearsal/program";
import { CLONE } from "../helpers/paths";

const page = readFileSync(join(CLONE, "docs", "commands.md"), "utf8");
const WIDTH = 100;
const programs = [keyturnProgram, rehearsalProgram];

function nameOf(command: Command): string {
  return command.parent === null ? command.name() : `${nameOf(command.parent)} ${command.name()}`;
}

/** What a command prints when it is called with --help. */
async function helpOf(name: string): Promise<string> {
  const [first, ...words] = name.split(" ");
  const program = programs.map((make) => make("0")).find((one) => one.name() === first);
  assert(program !== undefined, name);
  let printed = "";
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

const commands = programs.flatMap((make) => withSubcommands(make("0")));

describe("docs/commands.md", () => {
  for (const name of commands.map(nameOf)) {
    it(`says what ${name} --help says`, async () => {
      const help = await helpOf(name);
      assert.match(help, /^Usage: keyturn/);
      assert(page.includes(`\`\`\`\n${help.trimEnd()}\n\`\`\``), help);
    });
  }

  it("shows no command that there is not", () => {
    const shown = [...page.matchAll(/^## (keyturn.*)$/gm)].map(([, name]) => name);
    assert.deepEqual(shown, commands.map(nameOf));
  });

  it("ends the help of every command that does something with an example of it", async () => {
    for (const command of commands) {
      if (command.commands.length > 0) continue;
      const name = nameOf(command);
      assert.match(await helpOf(name), new RegExp(`Example:\n  .*${name}`));
    }
  });

  it("has a row for every exit code", () => {
    const rows = [...page.matchAll(/^\| (\d+) \|/gm)].map(([, code]) => Number(code));
    for (const code of Object.values(EXIT)) assert(rows.includes(code), String(code));
  });
});
