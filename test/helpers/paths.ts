// Where tests find what they read and start: they run compiled, from dist/, and their fixtures stay with the sources.
import { existsSync } from "node:fs";
import { dirname, join, relative } from "node:path";

/** The clone's root folder. */
export const CLONE = upwards(__dirname);

const DIST = join(CLONE, "dist");

/** A path in the clone. */
export const inClone = (...parts: readonly string[]): string => join(CLONE, ...parts);

/** What runs of a source, for a child process: `compiled("src/steps/prove.ts")`. */
export const compiled = (source: string): string => join(DIST, source.replace(/\.ts$/, ".js"));

/** What lies in the sources beside a test: `fixture(__dirname, "fixtures", "service.sh")`. */
export const fixture = (folder: string, ...parts: readonly string[]): string =>
  join(CLONE, relative(DIST, folder), ...parts);

function upwards(folder: string): string {
  return existsSync(join(folder, "package-lock.json")) ? folder : upwards(dirname(folder));
}
