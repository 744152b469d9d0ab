// Proves a secret before a service is touched: signs in with it N times, reads Graph once per permission.
// Input as JSON on standard input; one line of JSON, without a secret, on standard output.
import type { ProofInput, ProofReport } from "../contracts/prove";
import { proofDeadlineSeconds, proofInput } from "../contracts/prove";
import { findEndpoints } from "../http/endpoints";
import { readInput } from "./input";
import { runStep } from "./program";
import { readWithEach } from "./reads";
import { SignInSpan, signInRepeatedly } from "./sign-in";
import type { Pace } from "../http/pace";
import { realPace } from "../http/pace";

/** Makes the proof. @throws Error with one sentence for the operator, never with a secret */
export async function prove(
  input: ProofInput,
  environment: NodeJS.ProcessEnv = process.env,
  pace: Pace = realPace(),
): Promise<ProofReport> {
  const endpoints = await findEndpoints(input, environment);
  const span = new SignInSpan();
  const { accessToken, waitedSeconds } = await signInRepeatedly(input, endpoints, pace, span);
  const { reads, notShown } = await readWithEach(input, endpoints, accessToken, pace, span);
  const { epoch, keyId, signIns } = input;
  const report = { keyturn: "proof/1", epoch, keyId, signIns, waitedSeconds } as const;
  return { ...report, ...span.told(), reads, notShown };
}

/** Reads the proof's input. @throws Error that quotes nothing of it, since it holds the secret */
export function parseProofInput(given: string): ProofInput {
  return readInput("The proof's input", proofInput, given);
}

/** The program: standard input to standard output, exit code 1 with a sentence on standard error. */
export function run(): Promise<void> {
  return runStep({
    parse: parseProofInput,
    deadline: (input) => {
      const seconds = proofDeadlineSeconds(input);
      const late = `${input.name}: the proof must end within ${seconds} seconds, but did not. Run again.`;
      return { seconds, late };
    },
    act: async (input) => `${JSON.stringify(await prove(input))}\n`,
    code: "signIn",
    otherwise: "The proof failed. Report this defect.",
  });
}

if (require.main === module) void run();
