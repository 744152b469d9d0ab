// Where the program is, from its sources and from dist/ alike, in a clone and as an installed package.
import { existsSync } from "node:fs";
import { dirname, join, sep } from "node:path";

/** The folder that holds `host/`: the clone, or the installed package. */
export const PROGRAM_ROOT = upwards(__dirname);

/** Whether this is a package that another program has installed, and not a clone. */
export const IS_INSTALLED = PROGRAM_ROOT.split(sep).includes("node_modules");

function upwards(folder: string): string {
  const above = dirname(folder);
  return above === folder || existsSync(join(folder, "host", "update.sh"))
    ? folder
    : upwards(above);
}
