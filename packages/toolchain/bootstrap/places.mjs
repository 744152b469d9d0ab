// The clone's folders, and the failure that ends set-up with a sentence.
import path from "node:path";
import process from "node:process";
import { fileURLToPath } from "node:url";

/** The clone. */
export const root = fileURLToPath(new URL("../../..", import.meta.url)).replace(/[\\/]$/, "");

/** A path in the clone. */
export const inClone = (...parts) => path.join(root, ...parts);

/** Node.js 24, a dependency of the clone. */
export const node24 = inClone(
  ...["node_modules", "node", "bin", process.platform === "win32" ? "node.exe" : "node"],
);

/** Ends set-up with one sentence and an exit code. */
export class Failure extends Error {
  constructor(message, code = 1) {
    super(message);
    this.code = code;
  }
}
