// Progress on standard error: one line that is rewritten on a terminal, a line now and then elsewhere.

/** Tells what is being done. */
export interface Progress {
  /** A step has begun. */
  step(text: string): void;
  /** How far the step is. */
  update(text: string): void;
  /** The step is done; without a step of its own this is just a line. */
  done(text: string): void;
}

const quietMilliseconds = 15_000;

/** Progress that nobody sees. */
export const silent: Progress = { step() {}, update() {}, done() {} };

/** Progress for a person or a log. */
export function progressOn(stream: NodeJS.WriteStream): Progress {
  let began = performance.now();
  let lastLine = 0;
  let shown = "";
  const elapsed = (): string => `${Math.round((performance.now() - began) / 1000)} s`;
  const clear = (): void => {
    if (stream.isTTY && shown !== "") stream.write("\r\u001B[K");
    shown = "";
  };
  const line = (text: string): void => {
    clear();
    stream.write(`${text}\n`);
    lastLine = performance.now();
  };
  return {
    step(text) {
      began = performance.now();
      line(`${text} …`);
    },
    update(text) {
      if (stream.isTTY) {
        const next = `  ${text}, ${elapsed()}`.slice(0, Math.max(20, stream.columns - 1));
        if (next === shown) return;
        stream.write(`\r\u001B[K${next}`);
        shown = next;
      } else if (performance.now() - lastLine > quietMilliseconds) {
        line(`  ${text}, ${elapsed()}`);
      }
    },
    done(text) {
      line(`  ${text}, ${elapsed()}`);
    },
  };
}
