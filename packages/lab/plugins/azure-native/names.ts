// Names that the plugin gives when the program gives none, the same again for the same seed.
// A randomly named resource is replaced the safe way round: the new one first.
import { createHash, randomBytes } from "node:crypto";

import type { CheckRequest } from "../provider/stand-in";
import type { Properties } from "../provider/values";
import type { ResourceSpec } from "./spec";

/** Among the inputs: the name is random, so a replacement may exist beside the original. */
export const CREATE_BEFORE_DELETE = "__createBeforeDelete";

export function withNames(
  inputs: Properties,
  spec: ResourceSpec,
  request: CheckRequest,
): Properties {
  const named = { ...inputs };
  for (const { name, autoName } of spec.parameters) {
    if (autoName === undefined || named[name] !== undefined) continue;
    const former = request.olds[name];
    if (former !== undefined) {
      named[name] = former;
      if (request.olds[CREATE_BEFORE_DELETE] === true) named[CREATE_BEFORE_DELETE] = true;
    } else if (autoName === "copy") {
      named[name] = request.name;
    } else {
      const digits = randomDigits(request.randomSeed);
      named[name] = autoName === "random" ? `${request.name}${digits.slice(0, 8)}` : uuid(digits);
      named[CREATE_BEFORE_DELETE] = true;
    }
  }
  return named;
}

function randomDigits(seed: Uint8Array): string {
  return createHash("sha256")
    .update(seed.length > 0 ? seed : randomBytes(32))
    .digest("hex");
}

function uuid(digits: string): string {
  return [0, 8, 12, 16, 20, 32]
    .slice(0, 5)
    .map((start, index, starts) => digits.slice(start, starts[index + 1] ?? 32))
    .join("-");
}
