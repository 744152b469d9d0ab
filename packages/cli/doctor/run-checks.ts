// Makes checks side by side, a bounded number at a time. One that cannot be made is a line of its own, and hides no other.
import { reasonOf } from "../../../src/http/patient-reader";
import { type Finding, notKnown } from "./finding";

/** One thing to look at; what it finds may be several lines. */
export interface Check {
  readonly name: string;
  readonly find: () => Promise<readonly Finding[]>;
}

/** What another check must have found first; its message is a sentence. */
export class Unmet extends Error {
  constructor(
    message: string,
    readonly remedy: string,
  ) {
    super(message);
  }
}

/** How many are made at a time. */
const AT_ONCE = 6;

/** @returns the findings in the order of the checks, whichever ended first */
export async function runChecks(
  checks: readonly Check[],
  atOnce: number = AT_ONCE,
): Promise<Finding[]> {
  const found: (readonly Finding[])[] = [];
  const open = [...checks.entries()];
  const work = async (): Promise<void> => {
    for (let next = open.shift(); next !== undefined; next = open.shift()) {
      const [place, check] = next;
      found[place] = await make(check);
    }
  };
  await Promise.all(Array.from({ length: atOnce }, work));
  return found.flat();
}

async function make({ name, find }: Check): Promise<readonly Finding[]> {
  try {
    return await find();
  } catch (error) {
    if (error instanceof Unmet) return [notKnown(name, error.message, error.remedy)];
    const why = reasonOf(error).replace(/\.$/, "");
    return [notKnown(name, `It could not be looked at: ${why}.`, "Run doctor again.")];
  }
}
