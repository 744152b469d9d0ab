#!/usr/bin/env node
// keyturn: starts the command line, and ends with the exit code of docs/commands.md.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { CLONE } from "./clone";
import { EXIT } from "./exit-codes";
import { keyturnProgram } from "./program";
import { UsageError } from "./usage-error";

const { version } = JSON.parse(readFileSync(join(CLONE, "package.json"), "utf8")) as {
  version: string;
};

keyturnProgram(version)
  .parseAsync()
  .catch((error: unknown) => {
    process.stderr.write(`keyturn: ${error instanceof Error ? error.message : String(error)}\n`);
    process.exitCode = error instanceof UsageError ? EXIT.refused : EXIT.failed;
  });
