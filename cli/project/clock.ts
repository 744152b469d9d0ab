// The day of a command: the machine's, or the lab's for a stack that is rehearsed.
import { LabControl } from "../../lab/control-client";
import { UsageError } from "../usage-error";

const CONTROL = "KEYTURN_LAB_CONTROL";

/** @param settings the stack's config by bare key */
export async function readNow(settings: Readonly<Record<string, unknown>>): Promise<Date> {
  if (String(settings["rehearsalClock"]) !== "true") return new Date();
  const path = process.env[CONTROL];
  if (path === undefined) {
    throw new UsageError(
      `This stack takes its time from the lab (rehearsalClock), and ${CONTROL} is not set. Use the environment that \`npm run lab -- env\` prints.`,
    );
  }
  return new Date((await LabControl.fromFile(path).clock()).now);
}
