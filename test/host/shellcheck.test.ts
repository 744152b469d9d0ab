// Static check of the shell script and its fixtures; not run, by name, where shellcheck is missing.
import { execFileSync } from "node:child_process";
import { join, resolve } from "node:path";
import { findProgram } from "./interpreters";

const scripts = [
  resolve(__dirname, "../../host/update.sh"),
  join(__dirname, "fixtures", "service.sh"),
];

describe("shellcheck", () => {
  for (const script of scripts) {
    it(`finds nothing in ${script.split("/").slice(-2).join("/")}`, function () {
      const program = findProgram("shellcheck");
      if (program === undefined) {
        console.log("      not run: shellcheck is not on PATH; install it to run this");
        return this.skip();
      }
      execFileSync(program, ["-s", "sh", script], { stdio: "pipe", encoding: "utf8" });
    });
  }
});
