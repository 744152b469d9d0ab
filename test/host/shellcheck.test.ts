// Static check of the shell scripts and their fixtures; not run, by name, where shellcheck is missing.
import { execFileSync } from "node:child_process";
import { findProgram } from "../helpers/interpreters";
import { fixture, inClone } from "../helpers/paths";
import { leaveOut } from "../helpers/leave-out";

const scripts = [
  ...["host/update.sh", "host/setup.sh"].map((script) => inClone(script)),
  fixture(__dirname, "fixtures", "service.sh"),
];

describe("shellcheck", function () {
  this.timeout(120_000);
  for (const script of scripts) {
    it(`finds nothing in ${script.split("/").slice(-2).join("/")}`, function () {
      const program = findProgram("shellcheck");
      if (program === undefined) {
        return leaveOut(this, "shellcheck is not on PATH");
      }
      execFileSync(program, ["-s", "sh", script], { stdio: "pipe", encoding: "utf8" });
    });
  }
});
