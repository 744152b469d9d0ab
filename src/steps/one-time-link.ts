// Makes a one-time link for a secret on a SnapPass-compatible server, run by the engine as a local command.
// Input as JSON on standard input; one line of JSON on standard output, which holds the link and so the secret.
import type { LinkInput, LinkReport } from "../contracts/one-time-link";
import { linkInput } from "../contracts/one-time-link";
import type { Answer } from "../http/request";
import type { Pace } from "../http/pace";
import { realPace } from "../http/pace";
import { NO_ANSWER, askPatiently } from "../http/patient-reader";
import { readInput } from "./input";
import { linkIn } from "./link-answer";
import { runStep } from "./program";

/** For all tries together; no other begins after it. */
const TRYING_SECONDS = 120;
const DEADLINE_SECONDS = 180;
const headers = { "content-type": "application/json" };

/** Makes the link. @throws Error with one sentence for the operator, never with a value or a link */
export async function makeLink(input: LinkInput, pace: Pace = realPace()): Promise<LinkReport> {
  const { server, secret, seconds, keyId } = input;
  const body = JSON.stringify({ password: secret, ttl: seconds });
  // A link made by a lost answer is never opened and expires.
  const post = (path: string): Promise<Answer> =>
    askPatiently({ method: "POST", url: `${server}${path}`, headers, body }, pace, TRYING_SECONDS);
  const second = await post("/api/v2/passwords");
  const isOlder = second.status === 404 || second.status === 405;
  // Older servers have the first interface only; its path ends in a slash.
  const answer = isOlder ? await post("/api/set_password/") : second;
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

function refusal(input: LinkInput, { status, body }: Answer): Error {
  if (status === NO_ANSWER) {
    const remedy = "Check oneTimeServer, the network and the certificates.";
    return problem(input, `does not answer (${String(body)})`, remedy);
  }
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
export function run(): Promise<void> {
  return runStep({
    parse: parseLinkInput,
    deadline: (input) => {
      const late = problem(input, `has not within ${DEADLINE_SECONDS} seconds`, "Check its log.");
      return { seconds: DEADLINE_SECONDS, late: late.message };
    },
    act: async (input) => `${JSON.stringify(await makeLink(input))}\n`,
    code: "oneTimeLink",
    otherwise: "No link. Report this defect.",
  });
}

if (require.main === module) void run();
