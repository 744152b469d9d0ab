// How a session on a host ended, in the words of the vendor's plugin.
import { constants } from "node:os";

import type { ClientChannel } from "ssh2";

/** Why a session failed, once its channel is closed; undefined for success. To be asked at once. */
export function endOf(channel: ClientChannel): Promise<string | undefined> {
  let cause: string | undefined = "wait: remote command exited without exit status or exit signal";
  channel.on(
    "exit",
    (code: number | null, signal?: string | null, _dumped?: unknown, description?: string) => {
      if (code === 0) cause = undefined;
      else if (code !== null) cause = `Process exited with status ${code}`;
      else cause = signalText(signal ?? "", description ?? "");
    },
  );
  return new Promise((resolve) => {
    channel.once("close", () => resolve(cause));
  });
}

function signalText(given: string, description: string): string {
  const name = given.replace(/^SIG/, "");
  const number = constants.signals[`SIG${name}` as NodeJS.Signals] as number | undefined;
  const reason = description === "" ? "" : `. Reason was: ${description}`;
  return `Process exited with status ${128 + (number ?? 0)} from signal ${name}${reason}`;
}
