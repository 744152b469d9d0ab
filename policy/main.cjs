// Where the engine enters: the compiled pack, in the clone's dist or beside this file as it is published.
const { existsSync } = require("node:fs");
const { join } = require("node:path");

const inClone = join(__dirname, "..", "dist", "policy", "index.js");
require(existsSync(inClone) ? inClone : join(__dirname, "dist", "index.js"));
