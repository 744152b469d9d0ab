// npm's packages: `npm ci` when node_modules is missing or is not that of package-lock.json.
import { createHash } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import { rename, writeFile } from "node:fs/promises";
import path from "node:path";
import process from "node:process";

import { runChild } from "./children.mjs";
import { begin } from "./progress.mjs";
import { Failure, inClone, node24, root } from "./places.mjs";

const stampFile = inClone("node_modules", ".keyturn-installed");
const lockFile = inClone("package-lock.json");

const fingerprint = () => {
  const hash = createHash("sha256").update(readFileSync(lockFile));
  return `${hash.digest("hex")} ${process.platform} ${process.arch}\n`;
};

/** Whether node_modules is whole and that of package-lock.json. */
export function packagesAreCurrent() {
  if (!existsSync(node24())) return false;
  try {
    if (readFileSync(stampFile, "utf8") === fingerprint()) return true;
  } catch {
    // No stamp: somebody else ran npm.
  }
  return isOfLockFile();
}

/** Compares npm's own record of what it installed, written at its end, with the lock file. */
function isOfLockFile() {
  let wanted, installed;
  try {
    wanted = JSON.parse(readFileSync(lockFile, "utf8")).packages;
    installed = JSON.parse(
      readFileSync(inClone("node_modules", ".package-lock.json"), "utf8"),
    ).packages;
  } catch {
    return false;
  }
  for (const [name, { version, integrity, optional }] of Object.entries(wanted)) {
    if (name === "") continue;
    const found = installed[name];
    if (
      found === undefined ? !optional : found.version !== version || found.integrity !== integrity
    ) {
      return false;
    }
  }
  return Object.keys(installed).every((name) => wanted[name] !== undefined);
}

/** Installs the packages; what a killed installation left is not taken for one. */
export async function installPackages() {
  const names = Object.keys(JSON.parse(readFileSync(lockFile, "utf8")).packages).filter(Boolean);
  const present = () =>
    names.filter((name) => existsSync(path.join(root, name, "package.json"))).length;
  const end = begin(
    `Installing ${names.length} npm packages`,
    () => `${present()} of ${names.length} packages`,
  );
  const [file, ...args] = npm();
  // npm's chatter is kept for the case that it fails.
  const { code, stdout, stderr } = await runChild(
    file,
    [...args, "ci", "--no-audit", "--no-fund", "--loglevel=error"],
    { cwd: root, env: process.env, stdio: ["ignore", "pipe", "pipe"] },
  ).catch((error) => {
    if (error.code !== "ENOENT") throw error;
    throw new Failure("npm was not found on PATH. Install npm beside Node.js and run again.");
  });
  if (code !== 0) {
    end("failed");
    throw npmFailure(code, `${stdout}${stderr}`);
  }
  if (!existsSync(node24())) {
    end("failed");
    throw new Failure(
      `npm ci left no Node.js 24 in ${node24()}, so its install scripts did not run. ` +
        "Allow them (npm config set ignore-scripts false) and run again.",
    );
  }
  const temporary = `${stampFile}.${process.pid}`;
  await writeFile(temporary, fingerprint());
  await rename(temporary, stampFile);
  end("installed");
}

/** npm as it runs us, or from PATH. */
function npm() {
  const runningNpm = process.env.npm_execpath;
  if (runningNpm !== undefined && /npm-cli\.c?js$/.test(runningNpm) && existsSync(runningNpm)) {
    return [process.execPath, runningNpm];
  }
  return process.platform === "win32" ? ["cmd.exe", "/d", "/s", "/c", "npm.cmd"] : ["npm"];
}

function npmFailure(code, output) {
  const detail = output.trim().split("\n").slice(-12).join("\n");
  let sentence = `npm ci failed with exit code ${code}. Read npm's own words below, mend that, and run again.`;
  if (/ENOSPC|no space left/i.test(output)) {
    sentence = "The disk became full while npm installed packages. Free some space and run again.";
  } else if (/ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ECONNRESET|ETIMEDOUT|ENETUNREACH/.test(output)) {
    sentence =
      "The npm registry could not be reached. Connect to a network, or set npm's registry to one that is reachable from here, and run again.";
  } else if (/EACCES|EROFS|EPERM/.test(output)) {
    sentence = `npm may not write to a folder that it needs. Make ${root} and npm's cache writable for you and run again.`;
  }
  return new Failure(`${sentence}\n${detail}`);
}
