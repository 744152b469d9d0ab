// Progress of what may take seconds, on standard error, so that standard output holds the result and nothing else.
import { Listr, ListrLogger, ProcessOutput } from "listr2";

/** Shows a title while the work goes on, where a person watches; the line is gone at the end. */
export async function withProgress<T>(title: string, work: () => Promise<T>): Promise<T> {
  if (!process.stderr.isTTY) return work();
  const done: T[] = [];
  const task = async (): Promise<void> => {
    done.push(await work());
  };
  const processOutput = new ProcessOutput(process.stderr, process.stderr, {
    leaveEmptyLine: false,
  });
  await new Listr([{ title, task }], {
    rendererOptions: {
      clearOutput: true,
      logger: new ListrLogger({ useIcons: false, toStderr: [], processOutput }),
    },
    // Where standard output goes into a file or a pipe.
    fallbackRenderer: "silent",
  }).run();
  return done[0] as T;
}
