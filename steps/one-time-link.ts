// Makes a one-time link for a secret on a SnapPass-compatible server, run by the engine as a local command.
// Input as JSON on standard input; one line of JSON on standard output, which holds the link and so the secret.
import { text } from "node:stream/consumers";
import { setTimeout as delay } from "node:timers/promises";
import type { LinkInput, LinkReport } from "../components/pure/one-time-link";
import { linkInput } from "../components/pure/one-time-link";
import type { Answer } from "./http";
import { ask } from "./http";
import { readInput } from "./input";
import { linkIn } from "./link-answer";
import { backOff } from "./waiting";

const REQUEST_MILLISECONDS = 20_000;
const TRIES = 5;
const headers = { "content-type": "application/json" };

/** Makes the link. @throws Error with one sentence for the operator, never with a value or a link */
export async function makeLink(
  input: LinkInput,
  pause: (seconds: number) => Promise<unknown> = (seconds) => delay(seconds * 1000),
): Promise<LinkReport> {
  const { server, secret, seconds, keyId } = input;
  const body = JSON.stringify({ password: secret, ttl: seconds });
  const second = await persist(input, pause, `${server}/api/v2/passwords`, body);
  const isOlder = second.status === 404 || second.status === 405;
  // Older servers have the first interface only; its path ends in a slash.
  const answer = isOlder
    ? await persist(input, pause, `${server}/api/set_password/`, body)
    : second;
  if (answer.status < 200 || answer.status > 299) throw refusal(input, answer);
  const found = linkIn(answer.body, isOlder);
  if ("fault" in found) throw problem(input, found.fault, "Check oneTimeServer.");
  const expires = new Date((answer.date ?? new Date()).getTime() + found.ttl * 1000);
  return {
    keyturn: "link/1",
    keyId,
    link: found.link,
    ...(found.linkId === undefined ? {} : { linkId: found.linkId }),
    expires: `${expires.toISOString().slice(0, 19)}Z`,
  };
}

/** Asks until there is an answer that will not change. A link made by a lost answer is never opened and expires. */
async function persist(
  input: LinkInput,
  pause: (seconds: number) => Promise<unknown>,
  url: string,
  body: string,
): Promise<Answer> {
  for (let tries = 1; ; tries += 1) {
    let answer: Answer | undefined;
    let why = "";
    try {
      const timeoutMilliseconds = REQUEST_MILLISECONDS;
      answer = await ask({ method: "POST", url, headers, body, timeoutMilliseconds });
    } catch (error) {
      why = error instanceof Error ? error.message : "no answer";
    }
    const busy = answer === undefined || answer.status === 429 || answer.status >= 500;
    if (answer !== undefined && (!busy || tries === TRIES)) return answer;
    if (tries === TRIES) {
      throw problem(
        input,
        `does not answer (${why})`,
        "Check oneTimeServer, the network and the certificates.",
      );
    }
    await pause(backOff(tries, answer?.retryAfterSeconds));
  }
}

function refusal(input: LinkInput, { status, body }: Answer): Error {
  // Only the names are taken from the answer: what else it says might be the value.
  const said = JSON.stringify(body ?? "");
  if (status === 400 && said.includes('"ttl"')) {
    const remedy = "Lower linkSeconds in the overrides of the preset's handOver part.";
    return problem(input, `refuses a link of ${input.seconds} seconds (status 400)`, remedy);
  }
  return problem(input, `answers with status ${status}`, "Check oneTimeServer and its log.");
}

function problem(input: LinkInput, fault: string, remedy: string): Error {
  const { consumer, server, epoch } = input;
  return new Error(
    `${consumer}: the one-time server ${server} must make a link for the secret of ${epoch}, but ${fault}. ` +
      `${remedy} Run again, or empty oneTimeServer: the instruction then names the vault secret.`,
  );
}

/** Reads the step's input. @throws Error that quotes nothing of it, since it holds the secret */
export function parseLinkInput(given: string): LinkInput {
  return readInput("The one-time link's input", linkInput, given);
}

/** The program: standard input to standard output, exit code 1 with a sentence on standard error. */
export async function run(): Promise<void> {
  try {
    const input = parseLinkInput(await text(process.stdin));
    process.stdout.write(`${JSON.stringify(await makeLink(input))}\n`);
  } catch (error) {
    const message = error instanceof Error ? error.message : "No link. Report this defect.";
    process.stderr.write(`${message}\n`);
    process.exit(1);
  }
}

if (require.main === module) void run();
