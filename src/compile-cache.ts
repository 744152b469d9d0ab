// What makes the program start fast; imported before everything else. Nothing here changes what it does.
import { enableCompileCache } from "node:module";
import { join } from "node:path";
import { PROGRAM_ROOT } from "./program-root";

enableCompileCache(join(PROGRAM_ROOT, "node_modules", ".cache", "keyturn"));

// The SDK takes a stack trace for each of its promises, and its runner maps every line of it through source maps: a
// sixth of the program's time. Without the mapping, traces name lines of dist/, which is what runs.
Reflect.deleteProperty(Error, "prepareStackTrace");
