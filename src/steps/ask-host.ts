// What the look asks a host about the update script, over its own connection: one start of the interpreter that is to run it.
// The questions stand beside their answers' meaning, in windows-policy.ts and script-place.ts.
import type { Client } from "ssh2";
import { whenLate } from "../http/pace";
import { POSIX, openPlaces, placeProblem, placeQuestion } from "./script-place";
import { runOn } from "./ssh-session";
import { POLICY_QUESTION, policyIn, policyProblem } from "./windows-policy";

/** The update is started in the same way, its script in the place of standard input. */
const POWERSHELL = "powershell.exe -NoProfile -NonInteractive -ExecutionPolicy Bypass -Command -";

/** What is known of the host before it is asked. */
export interface AskedHost {
  /** The server, for sentences. */
  readonly where: string;
  readonly onWindows: boolean;
  /** Where the script lies or will lie; undefined: that is not asked. */
  readonly scriptPath: string | undefined;
}

/**
 * A sentence of what is in the script's way there: a policy, or a place that is open to others. Undefined where nothing is, or
 * where the host does not say within `seconds`: a host that is slow, or that answers otherwise, is no worse for it.
 */
export async function scriptProblem(
  client: Client,
  { where, onWindows, scriptPath }: AskedHost,
  seconds: number,
): Promise<string | undefined> {
  const place = scriptPath === undefined ? [] : [placeQuestion(scriptPath)];
  if (!onWindows && place.length === 0) return undefined;
  const inShell = scriptPath !== undefined && POSIX.test(scriptPath);
  const said = inShell
    ? await answer(client, "sh -s", place, seconds)
    : await answer(client, POWERSHELL, [POLICY_QUESTION, ...place], seconds);
  const policy = policyIn(said);
  return (
    (policy && policyProblem(where, policy)) ??
    (scriptPath === undefined
      ? undefined
      : placeProblem(where, scriptPath, openPlaces(scriptPath, said)))
  );
}

/** What the host has said when it has ended; empty when it does not in time, or takes no command. */
function answer(
  client: Client,
  interpreter: string,
  questions: readonly string[],
  seconds: number,
): Promise<string> {
  return new Promise((resolve) => {
    const end = (said: string): void => {
      inTime();
      resolve(said);
    };
    const inTime = whenLate(seconds, () => end(""));
    const input = [...questions, "exit", ""].join("\n");
    runOn(client, interpreter, input).then(
      ({ stdout }) => end(stdout),
      () => end(""),
    );
  });
}
