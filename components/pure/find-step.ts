// How the engine's local commands find our steps.

/** What finds the step in whatever checkout the plugin runs, so that no path of this machine gets into the state. */
export const FIND_AND_RUN = [
  'const {existsSync} = require("node:fs"), {resolve} = require("node:path");',
  'const places = [process.env.KEYTURN_PROGRAM ?? ".", ".", "dist"];',
  "const step = places.map((place) => resolve(place, process.argv[1])).find(existsSync);",
  'if (!step) { console.error(process.argv[1] + " must be beside the program, but is not in " + process.cwd() +',
  ' ". Compile it (tsc), or set KEYTURN_PROGRAM to its folder."); process.exit(1); }',
  "require(step).run();",
].join("\n");
