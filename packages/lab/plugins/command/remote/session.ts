// Runs one command on a host: variables, standard input, both outputs, and how it ended.
// Cancelling the engine does not stop it, as with the vendor's plugin; the end of this process does.
import type { CallContext } from "../../provider/stand-in";
import { commandFailure } from "../failure";
import { Output, type CommandOutput } from "../output";
import { dial } from "./dial";
import type { Connection } from "./endpoint";
import { execute, type Variables } from "./environment";

export interface RemoteRun {
  readonly connection: Connection;
  readonly command: string;
  readonly variables: Variables;
  readonly stdin: string;
  readonly logging: string;
}

type SessionContext = Pick<CallContext<unknown>, "log" | "signal">;

export async function runRemotely(run: RemoteRun, context: SessionContext): Promise<CommandOutput> {
  const client = await dial(run.connection, context);
  try {
    const { channel, ended } = await execute(
      client,
      run.command,
      run.variables,
      (severity, text) => {
        void context.log(severity, text);
      },
    );
    const output = new Output(run.logging, context);
    output.collect("stdout", channel);
    output.collect("stderr", channel.stderr);
    channel.end(run.stdin);
    const cause = await ended;
    const result = await output.finish();
    if (cause !== undefined) throw commandFailure(cause, run.command, output.written);
    return result;
  } finally {
    client.end();
  }
}
