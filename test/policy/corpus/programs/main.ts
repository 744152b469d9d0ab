// Runs the program of the corpus that KEYTURN_TEST_PROGRAM names.
import { join } from "node:path";

// eslint-disable-next-line @typescript-eslint/no-require-imports -- the name is known at run time only
export = require(join(__dirname, process.env["KEYTURN_TEST_PROGRAM"] ?? "correct")) as unknown;
