// A parent that starts a lab, tells its own parent the lab's process, and waits to be killed.
import { startDaemon } from "../../daemon";

const [labDir = "", how] = process.argv.slice(2);
void startDaemon({ labDir }).then((daemon) => {
  if (how === "keeps") daemon.keep();
  process.send?.(daemon.pid);
  setInterval(() => undefined, 1000);
});
