// How a command's failure is told: the cause, the whole command, and everything that it wrote.
// The vendor's plugin does so whatever `logging` says, input that the command echoed included.
import { ProviderError } from "../provider/errors";
import { goQuote } from "./go-text";

export function commandFailure(cause: string, command: string, written: string): ProviderError {
  return new ProviderError(`${cause}: running ${goQuote(command)}:\n${written}`);
}
