// Proves a secret before a service is touched: signs in with it N times, reads Graph once per permission.
// Input as JSON on standard input; one line of JSON, without a secret, on standard output.
import { text } from "node:stream/consumers";
import type { ProofInput, ProofReport } from "../components/pure/proof";
import { proofInput } from "../components/pure/proof";
import { findEndpoints } from "./endpoints";
import { readInput } from "./input";
import { readWithEach } from "./reads";
import { signInRepeatedly } from "./sign-in";
import type { Pace } from "./waiting";
import { realPace } from "./waiting";

/** Time beside the two bounds: for the requests themselves. */
const DEADLINE_SLACK_SECONDS = 240;

/** Makes the proof. @throws Error with one sentence for the operator, never with a secret */
export async function prove(
  input: ProofInput,
  environment: NodeJS.ProcessEnv = process.env,
  pace: Pace = realPace(),
): Promise<ProofReport> {
  const endpoints = await findEndpoints(input, environment);
  const { accessToken, waitedSeconds } = await signInRepeatedly(input, endpoints, pace);
  const reads = await readWithEach(input, endpoints, accessToken, pace);
  const { epoch, keyId, signIns } = input;
  return { keyturn: "proof/1", epoch, keyId, signIns, waitedSeconds, reads };
}

/** Reads the proof's input. @throws Error that quotes nothing of it, since it holds the secret */
export function parseProofInput(given: string): ProofInput {
  return readInput("The proof's input", proofInput, given);
}

/** The program: standard input to standard output, exit code 1 with a sentence on standard error. */
export async function run(): Promise<void> {
  try {
    const input = parseProofInput(await text(process.stdin));
    const seconds = input.boundSeconds + input.consentSeconds + DEADLINE_SLACK_SECONDS;
    const late = `${input.name}: the proof must end within ${seconds} seconds, but did not. Run again.`;
    setTimeout(() => fail(late), seconds * 1000).unref();
    process.stdout.write(`${JSON.stringify(await prove(input))}\n`);
  } catch (error) {
    fail(error instanceof Error ? error.message : "The proof failed. Report this defect.");
  }
}

function fail(message: string): never {
  process.stderr.write(`${message}\n`);
  process.exit(1);
}

if (require.main === module) void run();
