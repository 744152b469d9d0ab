// What the state holds of each host's last update: the inputs of the look at its SSH server and of the update itself. After a
// red run the look has this run's inputs already and the update has not, and nothing else tells.
import { runtime } from "@pulumi/pulumi";
import { z } from "zod";
import type { FormerUpdate } from "../contracts/check-ssh";
import { lookDigest, reachInput, updateDigest } from "../contracts/check-ssh";
import type { Consumer } from "../keyturn-config";
import { isAutomatic } from "../keyturn-config";
import { type Resources, stateOutput } from "./state";

const asked = z.object({
  again: z.int().min(1).optional(),
  scriptPath: z.string().optional(),
});

/** By consumer name; a host that the state holds no look at has none. No secret leaves this function. */
export function formerUpdates(
  name: string,
  consumers: readonly Consumer[],
  resources: Resources,
): Record<string, FormerUpdate> {
  const found = consumers.filter(isAutomatic).flatMap(({ name: consumer }) => {
    const resource = `${name}-${consumer}`;
    const look = textOf(resources, "command:local:Command", `${resource}-reach-command`, "stdin");
    if (look === undefined) return [];
    const update = (output: string): string | undefined =>
      textOf(resources, "command:remote:Command", `${resource}-command`, output);
    const [command, input] = [update("create"), update("stdin")];
    const digest =
      command === undefined || input === undefined ? undefined : updateDigest(command, input);
    const copiedWith = untold(resources, `${resource}-script`) ? digestOf(look) : undefined;
    const { again = 0, scriptPath } = askedIn(look);
    const former: FormerUpdate = {
      again,
      digest,
      ...(scriptPath === undefined ? {} : { scriptPath }),
      ...(copiedWith === undefined ? {} : { copiedWith }),
    };
    return [[consumer, former] as const];
  });
  return Object.fromEntries(found);
}

function askedIn(look: string): z.infer<typeof asked> {
  try {
    return asked.parse(JSON.parse(look));
  } catch {
    // Not this program's: the next look is another one in any case.
    return {};
  }
}

/** Whether the state holds a copy of the script that does not tell why it was made. */
function untold(resources: Resources, name: string): boolean {
  const output = (key: string): unknown =>
    stateOutput(resources, "command:remote:CopyToRemote", name, key);
  return output("remotePath") !== undefined && output("triggers") === undefined;
}

function digestOf(look: string): string | undefined {
  try {
    return lookDigest(reachInput.parse(JSON.parse(look)));
  } catch {
    // Not this program's: the script is copied again.
    return undefined;
  }
}

function textOf(
  resources: Resources,
  type: string,
  name: string,
  output: string,
): string | undefined {
  const value = stateOutput(resources, type, name, output);
  const bare: unknown = runtime.isRpcSecret(value) ? runtime.unwrapRpcSecret(value) : value;
  return typeof bare === "string" ? bare : undefined;
}
