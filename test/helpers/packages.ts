// The two packages as `npm pack` makes them, in a folder of their own.
import { execFileSync } from "node:child_process";
import { readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { inClone } from "./paths";

/** A packed package. */
export interface Packed {
  /** Path of the archive. */
  readonly archive: string;
  /** Paths in it, without npm's own first folder. */
  readonly files: readonly string[];
  readonly bytes: number;
}

export type PackageName = "keyturn" | "keyturn-policy";

const FOLDERS: Readonly<Record<PackageName, string>> = {
  keyturn: ".",
  "keyturn-policy": "policy",
};

/** Packs a package. @param into the folder for the archive; it exists */
export function pack(name: PackageName, into: string): Packed {
  // A shell only where npm is a script of one.
  execFileSync("npm", ["pack", "--loglevel=error", "--pack-destination", into], {
    cwd: inClone(FOLDERS[name]),
    stdio: ["ignore", "pipe", "inherit"],
    shell: process.platform === "win32",
  });
  const file = readdirSync(into).find((one) => new RegExp(`^${name}-\\d.*\\.tgz$`).test(one));
  if (file === undefined) throw new Error(`npm pack left no archive of ${name} in ${into}.`);
  const archive = join(into, file);
  const listed = execFileSync("tar", ["--list", "--gzip", "--file", archive], { encoding: "utf8" });
  const files = listed
    .trim()
    .split("\n")
    .map((path) => path.replace(/^package\//, ""));
  return { archive, files: files.toSorted(), bytes: statSync(archive).size };
}
