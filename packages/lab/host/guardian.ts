// Leaves no process of the host behind when the lab ends, whichever way: a tiny sh process of its own that
// waits for the lab's pipe to close, then ends whatever still carries the host's HOME in its environment.
import { type ChildProcess, spawn } from "node:child_process";

// A process may start another between two looks, so it looks until nothing is found.
const PROGRAM = `
while read -r line; do :; done
tries=0
while [ $tries -lt 50 ]; do
  # Its exit status says nothing: processes come and go while it looks.
  found=$(grep -lzxF -- "HOME=$1" /proc/[0-9]*/environ 2>/dev/null)
  [ -n "$found" ] || exit 0
  for file in $found; do
    pid=\${file#/proc/}
    kill -9 "\${pid%/environ}" 2>/dev/null
  done
  tries=$((tries + 1))
done
`;

export class Guardian {
  private readonly child: ChildProcess;

  /** @param home the HOME that only this host's processes have. */
  constructor(home: string) {
    // A session of its own: Ctrl-C in the lab's terminal must not end it before the lab.
    this.child = spawn("/bin/sh", ["-c", PROGRAM, "keyturn-lab-guardian", home], {
      env: { PATH: "/usr/bin:/bin" },
      cwd: "/",
      detached: true,
      stdio: ["pipe", "ignore", "ignore"],
    });
    this.child.on("error", () => undefined);
    this.child.stdin?.on("error", () => undefined);
    this.child.unref();
  }

  /** Ends what is left of the host's processes now. Where there is no /proc, nothing is found. */
  async release(): Promise<void> {
    if (this.child.exitCode !== null || this.child.pid === undefined) return;
    const ended = new Promise((resolve) => this.child.once("exit", resolve));
    this.child.ref();
    this.child.stdin?.end();
    await ended;
  }
}
