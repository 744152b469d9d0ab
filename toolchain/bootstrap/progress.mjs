// Progress on standard error: what, how far, how long. Rewritten in place on a terminal.
import { performance } from "node:perf_hooks";
import process from "node:process";
import { clearInterval, setInterval } from "node:timers";

const stream = process.stderr;
const terminalMilliseconds = 500;
const logMilliseconds = 15_000;

/** Says what begins; `how` is asked in intervals how far it is. Gives the function that ends it. */
export function begin(what, how = () => "") {
  const began = performance.now();
  const seconds = () => `${Math.round((performance.now() - began) / 1000)} s`;
  stream.write(`${what} …\n`);
  const timer = setInterval(
    () => {
      const far = [how(), seconds()].filter((each) => each !== "").join(", ");
      stream.write(stream.isTTY ? `\r\u001B[K  ${far}` : `  ${far}\n`);
    },
    stream.isTTY ? terminalMilliseconds : logMilliseconds,
  );
  timer.unref(); // a failure on the way must not keep the process
  return (result = "done") => {
    clearInterval(timer);
    stream.write(`${stream.isTTY ? "\r\u001B[K" : ""}  ${result}, ${seconds()}\n`);
  };
}
