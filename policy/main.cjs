// Where the engine enters: the compiled pack, in the clone's dist or beside this file as it is published.
const { existsSync } = require("node:fs");
const { enableCompileCache } = require("node:module");
const { join } = require("node:path");

const inClone = join(__dirname, "..", "dist", "policy", "index.js");
const main = existsSync(inClone) ? inClone : join(__dirname, "dist", "index.js");

// Most of a start is compiling the SDK. Node.js before 22 does that each time.
const modules = join(require.resolve("@pulumi/policy/package.json"), "..", "..", "..");
enableCompileCache?.(join(modules, ".cache", "keyturn"));
require(main);
