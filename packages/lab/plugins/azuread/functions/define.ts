// A function of the stand-in: arguments in, a result out, errors in the vendor's shape.
import { ProviderError } from "../../provider/errors";
import type { FunctionStandIn } from "../../provider/stand-in";
import { mapValues, unwrap, type Properties } from "../../provider/values";
import { oneError } from "../diagnostics";
import { type AzureadConfiguration, Operation } from "../operation";

const MINUTES = 5;

export function defineFunction(
  token: string,
  look: (args: Properties, op: Operation) => Promise<Properties>,
): readonly [string, FunctionStandIn<AzureadConfiguration>] {
  return [
    token,
    async (args, { configuration, signal }) => {
      const op = new Operation(configuration, Date.now() + MINUTES * 60_000, signal);
      try {
        return { return: await look(mapValues(args, unwrap), op), failures: [] };
      } catch (error) {
        throw new ProviderError(`invoking ${token}: ${oneError(error)}`);
      }
    },
  ];
}
