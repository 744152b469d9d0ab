// The time of a run: the system's, or the lab's for a rehearsal. The program and the command line read it here, once.
import { readFileSync } from "node:fs";
import type { ClientRequest, IncomingMessage } from "node:http";
import { get } from "node:http";
import { text } from "node:stream/consumers";

const CONTROL = "KEYTURN_LAB_CONTROL";
const CONTROL_MILLISECONDS = 10_000;

/** @throws Error when the time is the lab's and no lab says it */
export async function readNow(rehearsalClock: boolean): Promise<Date> {
  if (!rehearsalClock) return new Date();
  const path = process.env[CONTROL];
  if (path === undefined) {
    throw new Error(
      `rehearsalClock must be used with a lab only, and ${CONTROL} is not set. Start the lab and use the environment that \`npm run lab -- env\` prints, or remove rehearsalClock from Pulumi.<stack>.yaml.`,
    );
  }
  const { url, token } = JSON.parse(readFileSync(path, "utf8")) as { url: string; token: string };
  const { now } = (await getJson(`${url}/clock`, token)) as { now?: string };
  const instant = new Date(now ?? "");
  if (Number.isNaN(instant.getTime())) {
    throw new Error(`The lab's clock at ${url} must say the time, but does not. Start it again.`);
  }
  return instant;
}

/** Not fetch: that loads a client of its own, a tenth of a second at every start. */
async function getJson(url: string, token: string): Promise<unknown> {
  const headers = { authorization: `Bearer ${token}` };
  const response = await new Promise<IncomingMessage>((resolve, reject) => {
    get(url, { headers, agent: false, timeout: CONTROL_MILLISECONDS }, resolve)
      .once("error", reject)
      .once("timeout", function (this: ClientRequest) {
        this.destroy(new Error(`The lab's control at ${url} must answer, but does not.`));
      });
  });
  return JSON.parse(await text(response));
}
