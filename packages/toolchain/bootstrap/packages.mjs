// npm's packages: `npm ci` when node_modules is missing or is not that of package-lock.json.
import { existsSync, readFileSync } from "node:fs";
import process from "node:process";

import { run, throwIfInterrupted } from "./child.mjs";
import { Failure, inClone, node24, root } from "./places.mjs";

const packagesOf = (...file) => JSON.parse(readFileSync(inClone(...file), "utf8")).packages;

/** Whether node_modules is whole and that of package-lock.json, by npm's own record, which it writes at its end. */
export function packagesAreCurrent() {
  if (!existsSync(node24)) return false;
  let wanted, installed;
  try {
    wanted = packagesOf("package-lock.json");
    installed = packagesOf("node_modules", ".package-lock.json");
  } catch {
    return false;
  }
  const isInstalled = ([name, { version, integrity, optional }]) => {
    const found = installed[name];
    if (found === undefined) return name === "" || optional === true;
    return found.version === version && found.integrity === integrity;
  };
  return (
    Object.entries(wanted).every(isInstalled) &&
    Object.keys(installed).every((name) => wanted[name] !== undefined)
  );
}

/** Installs the packages, with npm's own progress and words. */
export async function installPackages() {
  process.stderr.write("Installing npm packages (npm ci) …\n");
  const [file, ...args] = npm();
  const options = ["ci", "--no-audit", "--no-fund", "--loglevel=error"];
  // Standard output is the command's.
  const code = await run(file, [...args, ...options], { cwd: root, stdio: [0, 2, 2] }).catch(
    (error) => {
      if (error.code !== "ENOENT") throw error;
      throw new Failure("npm was not found on PATH. Install npm beside Node.js and run again.");
    },
  );
  throwIfInterrupted();
  if (code !== 0) {
    throw new Failure(
      `npm ci failed with exit code ${code}, for the reason that it gives above. Mend that and run again. Where it could not reach ` +
        "the registry, connect to a network, or set npm's registry to one that is reachable from here.",
    );
  }
  if (!existsSync(node24)) {
    throw new Failure(
      `npm ci left no Node.js 24 in ${node24}, so its install scripts did not run. ` +
        "Allow them (npm config set ignore-scripts false) and run again.",
    );
  }
}

/** npm as it runs us, or from PATH. */
function npm() {
  const runningNpm = process.env.npm_execpath;
  if (runningNpm !== undefined && /npm-cli\.c?js$/.test(runningNpm) && existsSync(runningNpm)) {
    return [process.execPath, runningNpm];
  }
  return process.platform === "win32" ? ["cmd.exe", "/d", "/s", "/c", "npm.cmd"] : ["npm"];
}
