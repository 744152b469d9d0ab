// Runs a command of Keyturn on a fresh clone: sets up what is missing, then runs it under Node.js 24.
// This file keeps to old syntax, so that an old Node.js gets as far as the sentence below.
import { readFileSync } from "node:fs";

const versions = JSON.parse(readFileSync(new URL("versions.json", import.meta.url), "utf8"));
const numbers = (version) => version.split(".").map(Number);
const have = numbers(process.versions.node);
const need = numbers(versions.nodeMinimum);
const part = [0, 1, 2].find((each) => have[each] !== need[each]);

if (part !== undefined && have[part] < need[part]) {
  console.error(
    `Node.js ${process.versions.node} is too old for Keyturn, which needs ${versions.nodeMinimum} or newer. ` +
      "Install a newer Node.js and run again.",
  );
  process.exit(1);
} else {
  import("./bootstrap/start.mjs").then((module) => module.start(process.argv.slice(2)));
}
